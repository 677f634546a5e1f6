// How the import of a file is going, and the rows that were refused.
import { useQuery } from "@tanstack/react-query";
import { Check, Download, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useLive } from "../../../api/live";
import { queryClient, runQuery } from "../../../api/queries";
import type { RunBrief, RunEvent } from "../../../api/types";
import { count, counted } from "../../../shared/format";
import { Notice } from "../../../shared/Panel";
import { ProgressBar } from "../../../shared/ProgressBar";
import { StateBadge } from "../../../shared/StateBadge";
import { isActive } from "../progress";
import styles from "./ImportDrawer.module.css";

/** Follows the run that imports a file until it is over. */
export function ImportProgress({ run: started }: { run: RunBrief }) {
  const query = useQuery({ ...runQuery(started.id), initialData: undefined });
  const [heard, setHeard] = useState<RunBrief>(started);
  useLive<RunEvent>(`run:${started.id}`, ({ events, resync }) => {
    const last = events.at(-1);
    if (last) setHeard(last);
    if (resync || (last && !isActive(last))) void queryClient.invalidateQueries({ queryKey: runQuery(started.id).queryKey });
  });
  const run = query.data && !isActive(query.data) ? query.data : heard;
  // The total is an estimate by the file's line breaks until all of it was read.
  const { done } = run.progress;
  const refused = (run.progress.by_state.failed ?? 0) + (run.progress.by_state.invalid ?? 0);
  return (
    <div className={styles.form}>
      <div className={styles.state}>
        <StateBadge state={run.state} /> <span className="muted tabular">{isActive(run) ? `${count(done)} of about ${counted(run.progress.total, "row")}` : counted(done, "row read", "rows read")}</span>
      </div>
      <ProgressBar done={done} total={isActive(run) ? run.progress.total : done} byState={run.progress.by_state} label="Rows imported" />
      {run.error && <Notice tone="failed" icon={<TriangleAlert size={15} aria-hidden />}>{run.error.message}</Notice>}
      {!isActive(run) && refused === 0 && !run.error && <Notice tone="done" icon={<Check size={15} aria-hidden />}>All rows are in the table.</Notice>}
      {refused > 0 && (
        <Notice
          tone="attention"
          icon={<TriangleAlert size={15} aria-hidden />}
          action={<a className={styles.rejects} href={`/v3/runs/${run.id}/rejects.csv`} download><Download size={14} aria-hidden /> Refused rows</a>}
        >
          {counted(refused, "row was", "rows were")} refused and not imported. The file lists each with its reason; mend it and import it again.
        </Notice>
      )}
      {isActive(run) && <p className="muted">You can close this: the import goes on, and Runs shows it.</p>}
    </div>
  );
}
