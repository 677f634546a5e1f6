// The Builder: what is said at the left, the files and what becomes of them at the right.
import { useQuery } from "@tanstack/react-query";
import { Share2 } from "lucide-react";
import { useEffect } from "react";
import { workflowFormsQuery } from "../../api/workflowQueries";
import type { Workflow } from "../../api/workflowTypes";
import { useCrumbs } from "../../frame/crumbs";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { warm } from "../../python/door";
import { Button } from "../../shared/Button";
import { PageSkeleton } from "../../shared/PageSkeleton";
import { EmptyState, ErrorState, Loaded, NoPermission } from "../../shared/Placeholder";
import { areAllApproved, deskOf, useSlots } from "./desk";
import { Files } from "./Files";
import { Side } from "./Side";
import { Stages } from "./Stages";
import { useWorkflow } from "./useWorkflow";
import { WorkflowPane } from "./WorkflowPane";
import styles from "./Builder.module.css";

export function Builder({ workflowId }: { workflowId: string | null }) {
  const mayRead = useMay("builder.read");
  // Python takes seconds to start, so it starts while the person looks for a file.
  useEffect(() => {
    if (mayRead) warm();
  }, [mayRead]);
  if (!mayRead) return <NoPermission what="Your role does not include the Builder. Ask an administrator of your account to change it." />;
  return workflowId === null ? <Begun /> : <Opened workflowId={workflowId} />;
}

function Begun() {
  const mayWrite = useMay("builder.write");
  const forms = useQuery(workflowFormsQuery);
  const slots = useSlots(deskOf(null));
  useCrumbs([{ label: "Builder", to: paths.workflows() }, { label: "New workflow" }]);
  if (!mayWrite) return <NoPermission what="Your role may look at workflows, and not make them. Ask an administrator of your account to change it." />;
  if (forms.isError) return <ErrorState error={forms.error} doing="open the Builder" onRetry={() => void forms.refetch()} />;
  const stage = slots.length === 0 ? "files" : areAllApproved(slots) ? "describe" : "review";
  return (
    <div className={styles.frame}>
      <Side workflow={null} forms={forms.data ?? null} />
      <section className={styles.right} aria-label="Files">
        <Stages now={stage} />
        <Files />
      </section>
    </div>
  );
}

function Opened({ workflowId }: { workflowId: string }) {
  const { query, isQuiet, watchOn } = useWorkflow(workflowId);
  return (
    <Loaded query={query} doing="open this workflow" skeleton={<PageSkeleton />}>
      {(workflow) => (workflow.is_mine ? <Shown workflow={workflow} isQuiet={isQuiet} onWatchOn={watchOn} /> : <Others workflow={workflow} />)}
    </Loaded>
  );
}

/** The conversation and what left are its owner's; whoever it is shared with runs it where it stands finished. */
function Others({ workflow }: { workflow: Workflow }) {
  const go = useGo();
  useCrumbs([{ label: "Builder", to: paths.workflows() }, { label: workflow.name ?? "New workflow" }]);
  return (
    <EmptyState icon={Share2} title={`${workflow.owner.name} made this workflow`} action={<Button look="primary" onClick={() => go(paths.workflow(workflow.id))}>Open the workflow</Button>}>
      Its conversation and what left for it are for {workflow.owner.name} to see. You can read its script and run it.
    </EmptyState>
  );
}

function Shown({ workflow, isQuiet, onWatchOn }: { workflow: Workflow; isQuiet: boolean; onWatchOn: () => void }) {
  const forms = useQuery(workflowFormsQuery);
  useCrumbs([{ label: "Builder", to: paths.workflows() }, { label: workflow.name ?? "New workflow" }]);
  return (
    <div className={styles.frame}>
      <Side workflow={workflow} forms={forms.data ?? null} />
      <section className={styles.right} aria-label="Workflow">
        <Stages now={stageOf(workflow)} />
        <WorkflowPane workflow={workflow} isQuiet={isQuiet} onWatchOn={onWatchOn} />
      </section>
    </div>
  );
}

function stageOf(workflow: Workflow): "describe" | "build" | "approve" | "over" {
  const status = workflow.current_version?.status;
  if (status === "building") return "build";
  if (status === "pending_user_approval") return "approve";
  if (status === "approved") return "over";
  return "describe";
}
