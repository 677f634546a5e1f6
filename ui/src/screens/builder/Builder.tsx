// The Builder: what is said at the left, the files and what becomes of them at the right.
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { workflowFormsQuery } from "../../api/workflowQueries";
import type { Workflow } from "../../api/workflowTypes";
import { useCrumbs } from "../../frame/crumbs";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { warm } from "../../python/door";
import { PageSkeleton } from "../../shared/PageSkeleton";
import { ErrorState, Loaded, NoPermission } from "../../shared/Placeholder";
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
      {(workflow) => <Shown workflow={workflow} isQuiet={isQuiet} onWatchOn={watchOn} />}
    </Loaded>
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
