// Runs in a list, live.
import type { RunBrief } from "../../api/types";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { count, words } from "../../shared/format";
import { SimulatedMark } from "../../shared/Marks";
import { Money } from "../../shared/Money";
import { ProgressBar } from "../../shared/ProgressBar";
import { StateBadge } from "../../shared/StateBadge";
import { Table, type TableColumn } from "../../shared/Table";
import { Ago, Elapsed } from "../../shared/Time";
import styles from "./Runs.module.css";

const KIND_WORDS: Record<string, string> = { apply_plan: "Plan", fill_columns: "Columns", import_csv: "Import", research_pipeline: "Dossier" };

export function kindWord(kind: string): string {
  return KIND_WORDS[kind] ?? words(kind);
}

export function isOver(run: RunBrief): boolean {
  return run.state === "succeeded" || run.state === "failed" || run.state === "stopped";
}

const COLUMNS: TableColumn<RunBrief>[] = [
  {
    key: "title",
    heading: "Run",
    cell: (run) => (
      <span className={styles.title}>
        <b>{run.title}</b>
        {run.is_simulated && <SimulatedMark />}
      </span>
    ),
  },
  { key: "kind", heading: "Kind", width: 90, isSecondary: true, cell: (run) => <span className="muted">{kindWord(run.kind)}</span> },
  { key: "state", heading: "State", width: 120, cell: (run) => <StateBadge state={run.state} note={run.error?.message} /> },
  {
    key: "progress",
    heading: "Progress",
    width: 170,
    cell: (run) =>
      run.progress.total > 0 ? (
        <span className={styles.progress}>
          <ProgressBar size="thin" done={run.progress.done} total={run.progress.total} byState={run.progress.by_state} label={run.title} />
          <small>
            {count(run.progress.done)} of {count(run.progress.total)}
          </small>
        </span>
      ) : (
        <span className="faint">–</span>
      ),
  },
  { key: "cost", heading: "Cost", isNumeric: true, width: 90, cell: (run) => <Money microUsd={run.progress.cost_micro_usd || run.cost_micro_usd} /> },
  { key: "took", heading: "Took", isNumeric: true, width: 100, isSecondary: true, cell: (run) => <Elapsed from={run.started_at} to={run.finished_at} /> },
  {
    key: "started",
    heading: "Started",
    isNumeric: true,
    width: 130,
    cell: (run) => (
      <span className={styles.started}>
        <Ago at={run.created_at} />
        {run.created_by_name && <small className="clip">{run.created_by_name}</small>}
      </span>
    ),
  },
];

/** A dossier has a page of its own, with the graph of its steps. */
function placeOf(run: RunBrief, clientId: string): string {
  return run.kind === "research_pipeline" ? paths.pipelineRun(clientId, run.id) : paths.run(clientId, run.id);
}

export function RunTable({ runs, clientId }: { runs: RunBrief[]; clientId: string }) {
  const go = useGo();
  return <Table label="Runs" rows={runs} columns={COLUMNS} rowKey={(run) => run.id} onOpen={(run) => go(placeOf(run, run.client_id ?? clientId))} />;
}
