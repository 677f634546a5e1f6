// Every question that left for one step: to whom, what came of it, and what it cost.
import type { PipelineCall } from "../../api/types";
import { count, counted, duration, fullTime, words } from "../../shared/format";
import { Money } from "../../shared/Money";
import { SourceName, TaskName } from "../../shared/Source";
import { Table, type TableColumn } from "../../shared/Table";
import styles from "./StepPanel.module.css";

const COLUMNS: TableColumn<PipelineCall>[] = [
  { key: "source", heading: "Source", cell: (call) => (call.provider ? <SourceName provider={call.provider} isSimulated={call.is_simulated} /> : "–") },
  { key: "task", heading: "Task", cell: (call) => (call.provider && call.capability ? <TaskName provider={call.provider} capability={call.capability} /> : "–") },
  { key: "outcome", heading: "Outcome", cell: (call) => <Outcome call={call} /> },
  { key: "took", heading: "Took", isNumeric: true, width: 90, cell: (call) => (call.elapsed_ms === undefined ? "–" : duration(call.elapsed_ms)) },
  { key: "cost", heading: "Cost", isNumeric: true, width: 90, cell: (call) => <Money microUsd={call.cost_micro_usd} /> },
];

export function Calls({ calls }: { calls: PipelineCall[] }) {
  return (
    <details className={styles.calls}>
      <summary>{counted(calls.length, "call")}</summary>
      <Table label="Calls" rows={calls} columns={COLUMNS} rowKey={(call) => call.call_id ?? String(calls.indexOf(call))} />
    </details>
  );
}

function Outcome({ call }: { call: PipelineCall }) {
  if (!call.task_id) return <span title={call.message}>{words(call.outcome ?? call.state ?? "")}</span>;
  const task = `Task ${call.task_id}${call.submitted_at ? `, submitted ${fullTime(call.submitted_at)}` : ""}`;
  return <span title={call.message ? `${call.message} ${task}` : task}>{`${call.state === "waiting" ? "Waiting" : words(call.outcome ?? "")}, ${asked(call.polls)}`}</span>;
}

/** How often a source was asked whether its work is done. */
export function asked(polls: number | undefined): string {
  if (!polls) return "not asked yet";
  return polls === 1 ? "asked once" : `asked ${count(polls)} times`;
}
