// The yes or no: what it will cost, what is left, and the button that says both.
import { useMutation, useQuery } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { useState } from "react";
import { api, ApiError } from "../../api/client";
import { useOnce } from "../../api/once";
import { budgetsQuery, putAnswer, queryClient } from "../../api/queries";
import type { Budget, Plan, RunBrief } from "../../api/types";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { ConfirmDialog } from "../../shared/Dialog";
import { counted, money } from "../../shared/format";
import { SimulatedMark } from "../../shared/Marks";
import { Notice, Panel } from "../../shared/Panel";
import { InlineError } from "../../shared/Placeholder";
import { toast, toastError } from "../../shared/Toast";
import { BudgetBar, leftOf } from "../spend/BudgetBar";
import styles from "./PlanPreview.module.css";

export function Decision({ plan, clientId }: { plan: Plan; clientId: string }) {
  const [asks, setAsks] = useState(false);
  const budgets = useQuery(budgetsQuery);
  const mayApprove = useMay("plans.approve");
  const mayReject = useMay("plans.write");
  const go = useGo();
  const once = useOnce();

  const { expected_micro_usd: expected, worst_micro_usd: worst, rows } = plan.estimate;
  const over = (budgets.data?.data ?? []).filter((budget) => budget.scope === "account" || (budget.scope === "client" && budget.scope_id === clientId));
  const isOpen = plan.state === "draft" || plan.state === "failed";

  async function approve() {
    const { plan: next } = await once(plan.hash, (idempotencyKey) =>
      api.post<{ plan: Plan; run: RunBrief }>(`/v3/plans/${plan.id}/approve`, { hash: plan.hash }, { idempotencyKey }),
    );
    putAnswer(["plan", plan.id], next);
    for (const name of ["runs", "plans", "workbooks"]) void queryClient.invalidateQueries({ queryKey: [name] });
  }
  const yes = useMutation({ mutationFn: approve });
  const no = useMutation({
    mutationFn: () => api.post(`/v3/plans/${plan.id}/reject`, {}),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["plan", plan.id] });
      toast({ tone: "plain", title: "Plan rejected", body: "Nothing was run. The plan stays where it is." });
      go(paths.workbooks(clientId));
    },
    onError: (error) => toastError("reject the plan", error),
  });
  const hasChanged = yes.error instanceof ApiError && yes.error.code === "content_changed";

  return (
    <div className={styles.decision}>
      <Panel>
        <div className={styles.decision}>
          <div className={styles.price}>
            <small>{worst > 0 ? "Expected cost" : "Cost"}</small>
            <b>{money(expected)}</b>
            <small>
              {worst > expected ? `at the very most ${money(worst)}, ` : ""}
              {counted(rows, "row")}
            </small>
          </div>
          {isTraining(plan) && (
            <div>
              <SimulatedMark /> <small className="muted">vendors answer from the simulator</small>
            </div>
          )}
          {isOpen && (
            <div className={styles.acts}>
              {mayApprove ? (
                <Button
                  look="primary"
                  disabled={plan.blockers.length > 0}
                  isBusy={yes.isPending}
                  priceMicroUsd={expected}
                  onClick={() => (worst > 0 ? setAsks(true) : yes.mutate())}
                >
                  {rows > 0 ? `Approve and run ${counted(rows, "row")}` : "Approve and begin"}
                </Button>
              ) : (
                <Notice>Your role may not approve plans. Send this page’s address to somebody who may.</Notice>
              )}
              {mayReject && (
                <Button isBusy={no.isPending} onClick={() => no.mutate()}>
                  Reject
                </Button>
              )}
              {plan.blockers.length > 0 && <small className="muted">It cannot be approved while {plan.blockers.length === 1 ? "a step" : "steps"} cannot run.</small>}
              <InlineError error={yes.error} />
              {hasChanged && (
                <Button icon={RefreshCw} onClick={() => { yes.reset(); void queryClient.invalidateQueries({ queryKey: ["plan", plan.id] }); }}>
                  Show the plan as it is now
                </Button>
              )}
            </div>
          )}
        </div>
      </Panel>
      {over.length > 0 && (
        <Panel title="Budgets it has to fit in">
          <div className={styles.budgets}>
            {over.map((budget) => (
              <div key={budget.id}>
                <b>{budgetName(budget)}</b>
                <BudgetBar budget={budget} />
                {isOpen && worst > leftOf(budget) && <small className="muted">Less than this plan may cost; it would stop at the limit.</small>}
              </div>
            ))}
          </div>
        </Panel>
      )}
      <ConfirmDialog
        isOpen={asks}
        onClose={() => setAsks(false)}
        title={`Run ${counted(rows, "row")}?`}
        confirm="Approve and run"
        priceMicroUsd={expected}
        onConfirm={approve}
      >
        <p>
          This spends about {money(expected)} and never more than {money(worst)}. It can be stopped at any moment; what was found until then is kept.
        </p>
      </ConfirmDialog>
    </div>
  );
}

function budgetName(budget: Budget): string {
  return budget.scope === "account" ? "Whole account" : (budget.name ?? "This client");
}

function isTraining(plan: Plan): boolean {
  return plan.document.steps.some((step) => step.type === "create_workbook" && step.config.isTraining === true);
}
