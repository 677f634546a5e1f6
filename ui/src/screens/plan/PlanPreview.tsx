// A plan before anything happens: every step with its cost, what stops it, and the yes or no.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { CircleAlert, GraduationCap, Lightbulb, TriangleAlert } from "lucide-react";
import { useLive } from "../../api/live";
import { clientQuery, planQuery, queryClient } from "../../api/queries";
import type { Plan } from "../../api/types";
import { useCrumbs } from "../../frame/crumbs";
import { paths } from "../../frame/paths";
import { useUrlState } from "../../frame/urlState";
import { CopyId } from "../../shared/Copy";
import { counted, isTrainingRemark } from "../../shared/format";
import { Notice, Page } from "../../shared/Panel";
import { PageSkeleton } from "../../shared/PageSkeleton";
import { Loaded } from "../../shared/Placeholder";
import { StateBadge } from "../../shared/StateBadge";
import { Tabs } from "../../shared/Tabs";
import { Timestamp } from "../../shared/Time";
import { Applying } from "./Applying";
import { Decision } from "./Decision";
import { PlanFile } from "./PlanFile";
import { PlanSteps } from "./PlanSteps";
import styles from "./PlanPreview.module.css";

export function PlanPreview() {
  const { clientId, planId } = useParams({ from: "/inside/c/$clientId/plans/$planId" });
  const query = useQuery({ ...planQuery(planId), refetchInterval: ({ state }) => (state.data?.state === "applying" || state.data?.state === "approved" ? 2000 : false) });
  const client = useQuery(clientQuery(clientId));
  useLive(query.data?.run_id ? `run:${query.data.run_id}` : null, () => void queryClient.invalidateQueries({ queryKey: ["plan", planId] }));
  useCrumbs([
    { label: client.data?.name ?? "…", to: paths.workbooks(clientId) },
    { label: "Workbooks", to: paths.workbooks(clientId) },
    { label: query.data ? `Plan: ${query.data.name}` : "…" },
  ]);
  return (
    <Loaded query={query} doing="open this plan" skeleton={<PageSkeleton />}>
      {(plan) => (
        <Page title={plan.name} subtitle={<Subtitle plan={plan} />}>
          <div className={styles.layout}>
            <div className={styles.main}>
              {plan.run_id && <Applying plan={plan} runId={plan.run_id} clientId={clientId} />}
              <Notes plan={plan} />
              <Body plan={plan} />
            </div>
            <aside className={styles.side}>
              <Decision plan={plan} clientId={clientId} />
            </aside>
          </div>
        </Page>
      )}
    </Loaded>
  );
}

function Subtitle({ plan }: { plan: Plan }) {
  return (
    <>
      <StateBadge state={plan.state} />
      <span>{plan.document.description || counted(plan.document.steps.length, "step")}</span>
      {plan.created_at && (
        <span>
          Made <Timestamp at={plan.created_at} look="day" />
        </span>
      )}
      <CopyId label="Plan" id={plan.hash} />
    </>
  );
}

function Notes({ plan }: { plan: Plan }) {
  const warnings = [...new Set([...plan.warnings, ...plan.document.warnings])];
  return (
    <>
      {plan.blockers.map((blocker, index) => (
        <Notice key={index} tone="failed" icon={<CircleAlert size={16} aria-hidden />}>
          {blocker.order ? <b>Step {blocker.order}. </b> : null}
          {blocker.message}
        </Notice>
      ))}
      {warnings.map((warning) =>
        isTrainingRemark(warning) ? (
          <Notice key={warning} tone="training" icon={<GraduationCap size={16} aria-hidden />}>
            {warning}
          </Notice>
        ) : (
          <Notice key={warning} tone="attention" icon={<TriangleAlert size={16} aria-hidden />}>
            {warning}
          </Notice>
        ),
      )}
      {plan.document.recommendations.map((recommendation) => (
        <Notice key={recommendation} icon={<Lightbulb size={16} aria-hidden />}>
          {recommendation}
        </Notice>
      ))}
    </>
  );
}

function Body({ plan }: { plan: Plan }) {
  const [tab, setTab] = useUrlState("tab", "steps");
  return (
    <Tabs
      value={tab}
      onChange={setTab}
      tabs={[
        { value: "steps", label: "Steps", count: plan.document.steps.length, content: <PlanSteps plan={plan} /> },
        { value: "json", label: "Plan file", content: <PlanFile key={plan.hash} plan={plan} /> },
      ]}
    />
  );
}
