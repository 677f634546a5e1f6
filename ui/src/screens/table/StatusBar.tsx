// The line below the grid: how many rows, what is selected, what is running.
import { RefreshCw, TriangleAlert, Unplug } from "lucide-react";
import type { ReactNode } from "react";
import { messageOf } from "../../api/client";
import { useLiveState } from "../../api/live";
import { Button } from "../../shared/Button";
import { count, counted } from "../../shared/format";
import type { SelectionSummary } from "./summary";
import styles from "./Table.module.css";

interface Props {
  shown: number | null;
  isExact: boolean;
  all: number;
  isNarrowed: boolean;
  summary: SelectionSummary | null;
  isOutdated: boolean;
  error: unknown;
  onRefresh: () => void;
  children: ReactNode;
}

export function StatusBar({ shown, isExact, all, isNarrowed, summary, isOutdated, error, onRefresh, children }: Props) {
  const live = useLiveState();
  return (
    <div className={styles.status}>
      <span className={styles.count}>{shown === null ? (error !== null ? "No rows loaded" : "Loading rows") : isNarrowed && shown !== all ? `${count(shown)}${isExact ? "" : " or more"} of ${counted(all, "row")}` : counted(shown, "row")}</span>
      {error !== null && shown !== null && (
        <span className={styles.warning} role="alert">
          <TriangleAlert size={14} aria-hidden /> <span className="clip">Some rows could not be loaded. {messageOf(error)}</span>
          <Button size="small" look="quiet" onClick={onRefresh}>Try again</Button>
        </span>
      )}
      {isOutdated && (
        <Button size="small" look="quiet" icon={RefreshCw} onClick={onRefresh}>Values changed: sort and filter again</Button>
      )}
      {live === "lost" && (
        <span className={styles.warning} role="status"><Unplug size={14} aria-hidden /> Live updates paused; reconnecting</span>
      )}
      {summary && <Summary summary={summary} />}
      <span className={styles.push} />
      {children}
    </div>
  );
}

function Summary({ summary }: { summary: SelectionSummary }) {
  const { rows, columns, numbers, isPartial } = summary;
  return (
    <span className={styles.summary}>
      {counted(rows, "row")}
      {columns > 1 && ` × ${counted(columns, "column")}`}
      {numbers && ` · sum ${numbers.sum}, average ${numbers.average}${isPartial ? " of those loaded" : ""}`}
    </span>
  );
}
