// A plan being carried out: its progress, and the way to the table as soon as there is one.
import { useQuery } from "@tanstack/react-query";
import { Table2 } from "lucide-react";
import { useEffect, useRef } from "react";
import { queryClient, runQuery, workbookQuery } from "../../api/queries";
import type { Plan } from "../../api/types";
import { useLive } from "../../api/live";
import type { RunEvent } from "../../api/types";
import { LinkTo, useGo } from "../../frame/LinkTo";
import { applyRun } from "../../frame/liveUpdates";
import { paths } from "../../frame/paths";
import { Button } from "../../shared/Button";
import { Notice, Panel } from "../../shared/Panel";
import { ProgressBar, ProgressLine } from "../../shared/ProgressBar";
import { StateBadge } from "../../shared/StateBadge";
import { RunActions } from "../runs/RunActions";
import { isOver } from "../runs/RunTable";
import styles from "./PlanPreview.module.css";

// The workbook exists a moment before its table does.
const TABLE_SOON_MS = 700;

export function Applying({ plan, runId, clientId }: { plan: Plan; runId: string; clientId: string }) {
  const { data: run } = useQuery(runQuery(runId));
  const workbook = useQuery({ ...workbookQuery(plan.workbook_id ?? ""), enabled: plan.workbook_id !== null && !run?.subject.table_id, refetchInterval: (query) => (query.state.data?.tables.length ? false : TABLE_SOON_MS) });
  const tableId = run?.subject.table_id ?? workbook.data?.tables[0]?.id;
  const go = useGo();
  // Only somebody who watched it begin is taken along; who comes later stays and reads.
  const watched = useRef(false);
  useLive<RunEvent>(`run:${runId}`, ({ events, resync }) => {
    for (const event of events) if (event.type === "run") applyRun(event);
    if (resync) void queryClient.invalidateQueries({ queryKey: runQuery(runId).queryKey });
  });
  useEffect(() => {
    if (!run) return;
    if (!isOver(run) && !tableId) watched.current = true;
    if (watched.current && tableId) go(paths.table(clientId, tableId));
  }, [run, tableId, clientId, go]);
  if (!run) return null;
  const isDone = isOver(run);
  return (
    <Panel>
      <div className={styles.applying}>
        <div className={styles.line}>
          <span>
            <StateBadge state={run.state} word={run.state === "running" ? "Carrying out the plan" : undefined} />
          </span>
          <span className={styles.line}>
            <LinkTo className="link" to={paths.run(clientId, runId)}>
              Every step
            </LinkTo>
            <RunActions run={run} size="small" />
            {tableId && (
              <Button size="small" look="primary" icon={Table2} onClick={() => go(paths.table(clientId, tableId))}>
                Open the table
              </Button>
            )}
          </span>
        </div>
        <ProgressBar done={run.progress.done} total={run.progress.total} label="Steps of the plan" />
        <div className={styles.line}>
          <ProgressLine progress={run.progress} isOver={isDone} />
          {!isDone && !tableId && <span className="muted">The table opens by itself as soon as it exists.</span>}
        </div>
        {run.error && <Notice tone="failed">{run.error.message}</Notice>}
      </div>
    </Panel>
  );
}
