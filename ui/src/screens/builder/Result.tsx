// A built script before and after its approval: tested, tried on the person's own files, read, and said yes to.
import { useEffect } from "react";
import type { Workflow, WorkflowVersion } from "../../api/workflowTypes";
import { useMay } from "../../frame/session";
import { Panel } from "../../shared/Panel";
import { Script } from "../../shared/Script";
import { Checks } from "../workflows/Checks";
import { AutoTest } from "./AutoTest";
import { Decision } from "./Decision";
import { RealRun } from "./RealRun";
import { hasBeenTested, isGoing } from "./steps";
import { trySynthetic, useTrial } from "./trials";
import styles from "./Workflow.module.css";

export function Result({ workflow, version }: { workflow: Workflow; version: WorkflowVersion }) {
  const mayWrite = useMay("builder.write") && workflow.is_mine;
  const trial = useTrial(version, "synthetic");
  const real = useTrial(version, "real");
  const isPending = version.status === "pending_user_approval";
  const wasTested = hasBeenTested(version);
  const isDue = isPending && mayWrite && version.execution?.engine === "pyodide" && !wasTested;
  useEffect(() => {
    if (isDue) void trySynthetic(workflow, version);
    // Once per script: the trial itself keeps a second call from testing again.
  }, [isDue, version.id, version.script_sha256]);
  const failedLine = (real?.outcome ?? trial?.outcome)?.failure?.line ?? null;
  return (
    <div className={styles.stack}>
      <Decision workflow={workflow} version={version} mayWrite={mayWrite} isTesting={isGoing(trial) || (isDue && trial === null)} />
      <AutoTest workflow={workflow} version={version} trial={trial} mayWrite={mayWrite} />
      {mayWrite && <RealRun key={`${version.id} ${version.script_sha256}`} workflow={workflow} version={version} isTested={wasTested} />}
      <Panel title="The script" hint="This and nothing else runs: whoever runs the workflow, it is checked against the SHA-256 you approve.">
        <div className={styles.stack}>
          <Checks checks={version.checks} />
          {version.execution && <Script text={version.execution.script} checks={version.checks} label="The script" failedLine={failedLine} />}
        </div>
      </Panel>
    </div>
  );
}
