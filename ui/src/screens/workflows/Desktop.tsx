// The same run on the person's own machine, without a browser: the exact command, and when it is the better way.
import { HardDrive, TriangleAlert } from "lucide-react";
import type { Workflow, WorkflowVersion } from "../../api/workflowTypes";
import { CodeBlock } from "../../shared/CodeBlock";
import { download } from "../../shared/download";
import { Notice, Panel } from "../../shared/Panel";
import { Button } from "../../shared/Button";
import { commandOf, largeWords, type Mapping } from "./inputs";
import type { Runner } from "./useRunner";
import { dependencyWords } from "./words";
import styles from "./Run.module.css";

interface Props {
  workflow: Workflow;
  version: WorkflowVersion;
  runner: Runner;
  mapping: Mapping;
}

export function Desktop({ workflow, version, runner, mapping }: Props) {
  const large = largeWords(runner.files);
  const isLocal = version.execution?.engine === "local";
  const command = commandOf(workflow.id, version, runner.files, runner.values, mapping);
  return (
    <Panel
      title="On your own machine"
      hint="The local runner: the same script in a sandbox without a network, reading straight from the disk."
    >
      <div className={styles.stack}>
        {isLocal && (
          <Notice icon={<HardDrive size={15} aria-hidden />}>
            This script needs {dependencyWords(version.execution?.dependencies ?? [])}, which a browser does not have, so it runs only here.
          </Notice>
        )}
        {large && !isLocal && (
          <Notice tone="attention" icon={<TriangleAlert size={15} aria-hidden />}>
            These files are {large} together. A browser has little time and memory for that; this command takes as much as it says.
          </Notice>
        )}
        <CodeBlock value={command} isVerbatim />
        <p className="muted">
          Paste it into a terminal of the machine that Spadework runs on, in the folder of the files. On another machine, give the name of the exported file in place of <code>{workflow.id.slice(0, 7)}…</code>.{" "}
          <Button look="quiet" size="small" onClick={() => download(`/api/workflows/${workflow.id}/versions/${version.id}/workflow.json`)}>Export workflow.json</Button>
        </p>
      </div>
    </Panel>
  );
}
