// How a run goes and what came of it: progress, what the script prints, its files with a preview, or why it failed.
import { CircleStop, Download, File as FileIcon, MessageSquare, RotateCw, Table2, TriangleAlert } from "lucide-react";
import { useState } from "react";
import type { Workflow } from "../../api/workflowTypes";
import { useMay } from "../../frame/session";
import type { Outcome, Output } from "../../python/door";
import { Button } from "../../shared/Button";
import { CodeBlock } from "../../shared/CodeBlock";
import { counted, duration } from "../../shared/format";
import { Notice, Panel } from "../../shared/Panel";
import { EmptyState } from "../../shared/Placeholder";
import { ProgressBar } from "../../shared/ProgressBar";
import { StateBadge } from "../../shared/StateBadge";
import { Elapsed } from "../../shared/Time";
import { Preview } from "./Preview";
import { SendToTable } from "./SendToTable";
import { mayEdit } from "./standing";
import { useEdit } from "./useActs";
import type { Runner } from "./useRunner";
import { failureText, size } from "./words";
import styles from "./Run.module.css";

export function RunResult({ workflow, runner, onTab }: { workflow: Workflow; runner: Runner; onTab: (tab: string) => void }) {
  const { going, log } = runner;
  if (going.state === "running") {
    return (
      <Panel title="Running" actions={<Button size="small" icon={CircleStop} onClick={runner.cancel}>Cancel</Button>}>
        <div className={styles.stack}>
          <div className={styles.row}>
            <StateBadge state="running" />
            <span className="muted tabular">
              <Elapsed from={going.startedAt} to={null} />
              {going.share !== null && ` · ${Math.round(going.share * 100)}%`}
            </span>
          </div>
          <ProgressBar done={Math.round((going.share ?? 0) * 100)} total={100} label="Progress of the run" />
          <CodeBlock value={log} label="What the script prints" isVerbatim maxHeight={220} empty="Nothing printed yet" />
        </div>
      </Panel>
    );
  }
  if (going.state === "over") return <Over workflow={workflow} outcome={going.outcome} version={going.version} onTab={onTab} />;
  if (going.state === "cancelled") {
    return (
      <Panel>
        <EmptyState icon={CircleStop} size="panel" title="Cancelled" action={<Button onClick={runner.clear}>Close</Button>}>
          The script was stopped. Nothing it had made so far was kept, and the history has no line of it.
        </EmptyState>
      </Panel>
    );
  }
  if (going.state === "refused") {
    return (
      <Panel>
        <EmptyState icon={TriangleAlert} size="panel" title="It did not run" action={<Button icon={RotateCw} onClick={runner.clear}>Close</Button>}>
          {going.message}
        </EmptyState>
      </Panel>
    );
  }
  return null;
}

interface OverProps {
  workflow: Workflow;
  outcome: Outcome;
  version: number;
  onTab: (tab: string) => void;
}

function Over({ workflow, outcome, version, onTab }: OverProps) {
  const took = duration(outcome.seconds * 1000);
  return (
    <Panel
      title={outcome.success ? "Done" : "It failed"}
      hint={`Version ${version}, ${took}${rowWords(outcome)}`}
      actions={<Button size="small" onClick={() => onTab("history")}>History</Button>}
    >
      <div className={styles.stack}>
        {outcome.success ? (
          <ul className={styles.outputs} aria-label="Results">
            {outcome.outputs.map((output) => (
              <OneOutput key={output.name} output={output} workflow={workflow} />
            ))}
          </ul>
        ) : (
          <Failed workflow={workflow} outcome={outcome} />
        )}
        {outcome.log && <CodeBlock value={outcome.log} label="What the script printed" isVerbatim maxHeight={160} />}
      </div>
    </Panel>
  );
}

function rowWords({ rows_in, rows_out }: Outcome): string {
  if (rows_in === null && rows_out === null) return "";
  const before = rows_in === null ? "" : `, ${counted(rows_in, "row")} in`;
  return `${before}${rows_out === null ? "" : `, ${counted(rows_out, "row")} out`}`;
}

function OneOutput({ output, workflow }: { output: Output; workflow: Workflow }) {
  const [isSending, setIsSending] = useState(false);
  const maySend = useMay("workbooks.write");
  const canSend = /\.(csv|tsv|txt)$/i.test(output.name) && output.preview !== undefined && "columns" in output.preview;
  return (
    <li>
      <div className={styles.output}>
        <FileIcon size={16} aria-hidden />
        <div className={styles.outputName}>
          <b className="clip" title={output.name}>{output.name}</b>
          <small className="muted">{size(output.blob.size)}</small>
        </div>
        {maySend && (
          <Button size="small" icon={Table2} disabled={!canSend} title={canSend ? undefined : "Only a CSV result can go into a table."} onClick={() => setIsSending(true)}>
            Send to a table
          </Button>
        )}
        <Button size="small" look="primary" icon={Download} aria-label={`Download ${output.name}`} onClick={() => save(output)}>
          Download
        </Button>
      </div>
      <Preview output={output} />
      {isSending && <SendToTable output={output} workflow={workflow} onClose={() => setIsSending(false)} />}
    </li>
  );
}

/** Saves what the script made, byte for byte; it never leaves this machine for that. */
function save(output: Output): void {
  const address = URL.createObjectURL(output.blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = output.name.split("/").at(-1) ?? output.name;
  link.click();
  // A slow machine may still be reading it.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function Failed({ workflow, outcome }: { workflow: Workflow; outcome: Outcome }) {
  const edit = useEdit(workflow.id);
  const mayWrite = useMay("builder.write");
  return (
    <>
      <Notice
        tone="failed"
        icon={<TriangleAlert size={15} aria-hidden />}
        action={mayWrite && mayEdit(workflow) && <Button size="small" icon={MessageSquare} isBusy={edit.isPending} onClick={() => edit.mutate()}>Mend it in the Builder</Button>}
      >
        {failureText(outcome.failure) ?? "The script ended without a result."}
      </Notice>
      {outcome.failure_local && <CodeBlock value={outcome.failure_local} label="The whole error, which stays in this browser" isVerbatim maxHeight={240} />}
      <p className="muted">The history keeps the masked sentence above, never the text below it.</p>
    </>
  );
}
