// Somebody else's script is looked at before it is run for the first time, and again when it has changed.
import { Eye, TriangleAlert } from "lucide-react";
import { useState } from "react";
import type { Workflow, WorkflowVersion } from "../../api/workflowTypes";
import { Button } from "../../shared/Button";
import { Notice, Panel } from "../../shared/Panel";
import { Script } from "../../shared/Script";
import { Checks } from "./Checks";
import styles from "./Run.module.css";

const LOOKED = "spadework.looked-at.";

/** Whether this browser's person has looked at exactly this script. */
export function hasLookedAt(version: WorkflowVersion): boolean {
  return localStorage.getItem(LOOKED + version.script_sha256) !== null;
}

export function ScriptGate({ workflow, version, onLooked }: { workflow: Workflow; version: WorkflowVersion; onLooked: () => void }) {
  const [isOpen, setIsOpen] = useState(false);
  const owner = workflow.owner?.name ?? "Somebody of your account";
  function accept() {
    localStorage.setItem(LOOKED + version.script_sha256, new Date().toISOString());
    onLooked();
  }
  return (
    <Panel title={`${owner} made this script`} hint="Look at it before you give it your files. It is asked once for each script.">
      <div className={styles.stack}>
        <Notice tone="attention" icon={<TriangleAlert size={15} aria-hidden />}>
          The sandbox keeps a script from the network and from other files, but what it writes into its result is up to the script. {owner} approved it; you did not.
        </Notice>
        {isOpen ? (
          <>
            <Checks checks={version.checks} />
            <Script text={version.execution?.script ?? ""} checks={version.checks} label={`Script of version ${version.version}`} />
            <div className={styles.row}>
              <Button look="primary" onClick={accept}>I have looked at it, go on</Button>
            </div>
          </>
        ) : (
          <div className={styles.row}>
            <Button look="primary" icon={Eye} onClick={() => setIsOpen(true)}>Look at the script</Button>
          </div>
        )}
      </div>
    </Panel>
  );
}
