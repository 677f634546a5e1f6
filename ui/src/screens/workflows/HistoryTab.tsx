// The runs of a workflow: when, by whom, where, how long, how many rows; never which files or values.
import { useInfiniteQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import { usePages } from "../../api/usePages";
import { workflowRunsQuery } from "../../api/workflowQueries";
import type { Workflow, WorkflowRun } from "../../api/workflowTypes";
import { Button } from "../../shared/Button";
import { count, duration } from "../../shared/format";
import { Panel } from "../../shared/Panel";
import { EmptyState, ErrorState, SkeletonRows } from "../../shared/Placeholder";
import { StateBadge } from "../../shared/StateBadge";
import { Table, type TableColumn } from "../../shared/Table";
import { Ago } from "../../shared/Time";
import { failureText } from "./words";
import styles from "./Workflow.module.css";

export function HistoryTab({ workflow }: { workflow: Workflow }) {
  const query = useInfiniteQuery(workflowRunsQuery(workflow.id));
  const { isAdding, showMore } = usePages(query);
  if (query.isError && !query.data) return <ErrorState error={query.error} doing="load the runs" onRetry={() => void query.refetch()} size="panel" />;
  if (!query.data) return <SkeletonRows rows={5} />;
  const runs = query.data.pages.flatMap((page) => page.runs);
  if (runs.length === 0) {
    return (
      <EmptyState icon={History} size="panel" title="Not run yet">
        Each run leaves a line here: when, how long, rows in and out. File names and values are not kept.
      </EmptyState>
    );
  }
  return (
    <Panel title="Runs" hint="Counts and times only; file names and values are not kept." isFlush>
      <Table label="Runs" rows={runs} rowKey={(each) => each.id} columns={COLUMNS} />
      {query.hasNextPage && (
        <div className={styles.foot}>
          <Button isBusy={isAdding} onClick={showMore}>
            Show older runs
          </Button>
        </div>
      )}
    </Panel>
  );
}

function rows(amount: number | null) {
  return amount === null ? <span className="faint">–</span> : count(amount);
}

const COLUMNS: TableColumn<WorkflowRun>[] = [
  {
    key: "result",
    heading: "Result",
    cell: (run) => (
      <span className={styles.result}>
        <StateBadge state={run.success ? "done" : "failed"} look="plain" note={run.success ? "The script ran and wrote its result." : undefined} />
        {run.failure && <span className="muted">{failureText(run.failure)}</span>}
      </span>
    ),
  },
  { key: "in", heading: "Rows in", width: 90, isNumeric: true, cell: (run) => rows(run.rows_in) },
  { key: "out", heading: "Rows out", width: 90, isNumeric: true, cell: (run) => rows(run.rows_out) },
  { key: "took", heading: "Took", width: 90, isNumeric: true, cell: (run) => duration(run.seconds * 1000) },
  { key: "where", heading: "Where", width: 130, isSecondary: true, cell: (run) => (run.runner === "local" ? "Local runner" : "Browser") },
  { key: "version", heading: "Version", width: 80, isNumeric: true, cell: (run) => run.version },
  { key: "by", heading: "By", width: 140, isSecondary: true, cell: (run) => run.user_name },
  { key: "at", heading: "When", width: 110, cell: (run) => <Ago at={run.created_at} /> },
];
