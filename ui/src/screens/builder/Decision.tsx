// The yes to a script: it is bound to the exact script by its SHA-256, and archives the version before.
import { useMutation } from "@tanstack/react-query";
import { Check, Play, ShieldCheck } from "lucide-react";
import { api } from "../../api/client";
import { workflowChanged } from "../../api/workflowQueries";
import type { Workflow, WorkflowVersion } from "../../api/workflowTypes";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { Button } from "../../shared/Button";
import { CopyId } from "../../shared/Copy";
import { counted } from "../../shared/format";
import { InlineError } from "../../shared/Placeholder";
import { EditButton } from "./EditButton";
import styles from "./Workflow.module.css";

interface Props {
  workflow: Workflow;
  version: WorkflowVersion;
  mayWrite: boolean;
  isTesting: boolean;
}

export function Decision({ workflow, version, mayWrite, isTesting }: Props) {
  const go = useGo();
  const approve = useMutation({
    mutationFn: () => api.post(`/api/workflows/${workflow.id}/approve`, { version_id: version.id, script_sha256: version.script_sha256 }),
    onSettled: () => workflowChanged(workflow.id),
  });
  const isApproved = version.status === "approved";
  const hasPassed = version.test?.result === "passed";
  // Its test ends by itself or is stopped, and then a person may still say yes without one that passed.
  const isAwaited = isTesting && !hasPassed;
  return (
    <section className={styles.decision} data-approved={isApproved || undefined} aria-label="Decision">
      <div className={styles.about}>
        <h2>{workflow.name ?? "New workflow"}</h2>
        {workflow.description && <p className="prose">{workflow.description}</p>}
      </div>
      <div className={styles.row}>
        <EditButton workflow={workflow} />
        {isApproved ? (
          <Button look="primary" icon={Play} onClick={() => go(paths.workflow(workflow.id))}>
            Open the workflow
          </Button>
        ) : (
          mayWrite && (
            <Button look={hasPassed ? "primary" : "plain"} icon={Check} isBusy={approve.isPending} disabled={isAwaited} onClick={() => approve.mutate()}>
              {hasPassed || isAwaited ? "Approve this script" : "Approve without a passed test"}
            </Button>
          )
        )}
      </div>
      <div className={styles.under}>
        <p className={styles.facts}>
          {isApproved ? (
            <span className={styles.good}>
              <ShieldCheck size={14} aria-hidden /> Approved, version {version.version}
            </span>
          ) : (
            <span>Version {version.version} {isAwaited ? "is being tested" : "waits for your approval"}</span>
          )}
          <span>
            {workflow.saved_minutes ? `Saves about ${counted(workflow.saved_minutes, "minute")} each time, ` : ""}
            {version.execution?.engine === "local" ? "runs on your own machine" : "runs in the browser"}
          </span>
          {version.script_sha256 && <CopyId label="SHA-256" id={version.script_sha256} />}
        </p>
        <InlineError error={approve.error} />
      </div>
    </section>
  );
}
