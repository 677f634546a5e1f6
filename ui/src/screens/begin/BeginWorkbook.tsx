// Begin a workbook: lead source → configure → CE columns → review; nothing runs before the plan is approved.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ArrowLeft, ArrowRight, Check, FileCheck2 } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import { api, newIdempotencyKey } from "../../api/client";
import { catalogQuery, clientQuery, queryClient } from "../../api/queries";
import type { Catalog, LeadSource, Plan } from "../../api/types";
import { useCrumbs } from "../../frame/crumbs";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay, useSession } from "../../frame/session";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { InlineError, NoPermission } from "../../shared/Placeholder";
import { Columns } from "./Columns";
import { CostPanel } from "./CostPanel";
import { CsvSource } from "./CsvSource";
import { blockerOf, forgetDraft, toAnswers, useDraft } from "./draft";
import { FindCompanies, useMatches } from "./FindCompanies";
import { LeadSourceStep } from "./LeadSourceStep";
import { Review } from "./Review";
import styles from "./BeginWorkbook.module.css";

const STEPS = ["Lead source", "Configure", "CE columns", "Review and begin"];

/** The catalogue; a client that was given the simulated model may use it without a key. */
function useClientCatalog(llm: string | null): Catalog | undefined {
  const { data } = useQuery(catalogQuery);
  return useMemo(() => data && { ...data, llms: data.llms.map((each) => (each.is_simulated && each.key === llm ? { ...each, has_key: true } : each)) }, [data, llm]);
}

export function BeginWorkbook() {
  const { clientId } = useParams({ from: "/inside/c/$clientId/begin" });
  const [stepText, setStep] = useUrlState("step", "1");
  const [askedSource, setAskedSource] = useUrlState("source");
  const [draft, change] = useDraft(clientId);
  const { account } = useSession();
  const client = useQuery(clientQuery(clientId));
  const catalog = useClientCatalog(client.data?.llm ?? null);
  const matches = useMatches(draft);
  const mayPlan = useMay("plans.write");
  const go = useGo();
  const pane = useRef<HTMLDivElement>(null);

  // A step cannot be entered past one that is not answered, not even by address.
  const wanted = Math.min(4, Math.max(1, Number(stepText) || 1));
  const step = [1, 2, 3].find((each) => each < wanted && blockerOf(draft, each)) ?? wanted;
  const blocker = blockerOf(draft, step);
  const isTraining = draft.isTraining ?? account.is_training;

  useCrumbs([{ label: client.data?.name ?? "…", to: paths.workbooks(clientId) }, { label: "Workbooks", to: paths.workbooks(clientId) }, { label: "Begin workbook" }]);
  useEffect(() => {
    if (!askedSource) return;
    change({ leadSource: askedSource as LeadSource });
    setAskedSource("");
  }, [askedSource, change, setAskedSource]);
  useEffect(() => void pane.current?.scrollTo(0, 0), [step]);

  const make = useMutation({
    mutationFn: () => api.post<Plan>("/v3/plans", { client_id: clientId, answers: toAnswers(draft) }, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: (plan) => {
      queryClient.setQueryData(["plan", plan.id], plan);
      void queryClient.invalidateQueries({ queryKey: ["plans"] });
      forgetDraft(clientId);
      go(paths.plan(clientId, plan.id));
    },
  });

  if (!mayPlan) return <NoPermission what="Your role may look at workbooks and not begin one. Ask an administrator of your account." />;
  const to = (next: number) => setStep(String(next));
  const screens = [
    <LeadSourceStep key="1" draft={draft} change={change} onChosen={() => !blockerOf(draft, 1) && to(2)} />,
    draft.leadSource === "csv" ? <CsvSource key="2c" draft={draft} change={change} /> : <FindCompanies key="2f" draft={draft} change={change} matches={matches} />,
    <Columns key="3" draft={draft} change={change} catalog={catalog} />,
    <Review key="4" draft={draft} change={change} isTraining={isTraining} onStep={to} />,
  ];

  return (
    <div className={styles.wizard}>
      <ol className={styles.steps} aria-label="Steps">
        {STEPS.map((name, index) => {
          const number = index + 1;
          const isDone = number < step;
          return (
            <li key={name}>
              <button type="button" disabled={number > step && blocker !== null} aria-current={number === step ? "step" : undefined} onClick={() => to(number)}>
                <span className={styles.number}>{isDone ? <Check size={13} strokeWidth={2.6} aria-label="done" /> : number}</span>
                {name}
              </button>
            </li>
          );
        })}
      </ol>
      <div className={styles.scroll} ref={pane}>
        <div className={styles.body}>
          <div className={styles.main}>{screens[step - 1]}</div>
          <aside className={styles.side}>
            <CostPanel draft={draft} catalog={catalog} matches={matches} isTraining={isTraining} isLast={step === 4} />
          </aside>
        </div>
      </div>
      <footer className={styles.foot}>
        {step > 1 ? (
          <Button icon={ArrowLeft} onClick={() => to(step - 1)}>
            Back
          </Button>
        ) : (
          <Button onClick={() => go(paths.workbooks(clientId))}>Cancel</Button>
        )}
        <div className={styles.word} role="status">
          {make.error ? <InlineError error={make.error} /> : (blocker ?? "Nothing runs or costs anything until you approve the plan.")}
        </div>
        {step < 4 ? (
          <Button look="primary" disabled={blocker !== null} onClick={() => to(step + 1)}>
            Continue <ArrowRight size={14} aria-hidden className={styles.arrow} />
          </Button>
        ) : (
          <Button look="primary" icon={FileCheck2} disabled={blocker !== null} isBusy={make.isPending} onClick={() => make.mutate()}>
            Make the plan
          </Button>
        )}
      </footer>
    </div>
  );
}
