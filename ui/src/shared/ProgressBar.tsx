// Progress of long work: how far, in which states, how fast, how long still, what it has cost.
import type { RunProgress } from "../api/types";
import { count, duration, money, percent } from "./format";
import { lookOf, type Meaning } from "./states";
import styles from "./ProgressBar.module.css";

interface Props {
  done: number;
  total: number;
  byState?: Record<string, number | undefined>;
  label: string;
  size?: "thin" | "normal";
}

const ORDER: Meaning[] = ["done", "attention", "failed", "waiting", "working"];
const UNDECIDED = new Set(["queued", "running", "waiting", "retrying", "rate_limited", "empty"]);

/** A bar; when the states are known each meaning has its own length. */
export function ProgressBar({ done, total, byState, label, size = "normal" }: Props) {
  const lengths = byState && Object.keys(byState).length > 0 ? byMeaning(byState) : { done };
  return (
    <div
      className={styles.bar}
      data-size={size}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
      aria-valuetext={`${count(done)} of ${count(total)}`}
    >
      {ORDER.map((meaning) => {
        const amount = lengths[meaning];
        return amount ? <span key={meaning} data-meaning={meaning} style={{ width: `${percent(amount, total)}%` }} /> : null;
      })}
    </div>
  );
}

function byMeaning(byState: Record<string, number | undefined>): Partial<Record<Meaning, number>> {
  const lengths: Partial<Record<Meaning, number>> = {};
  for (const [state, amount] of Object.entries(byState)) {
    if (!amount || UNDECIDED.has(state)) continue;
    const { meaning } = lookOf(state);
    lengths[meaning] = (lengths[meaning] ?? 0) + amount;
  }
  return lengths;
}

/** "312 of 500 · 14/s · 13 s left · $0.42" */
export function ProgressLine({ progress, isOver }: { progress: RunProgress; isOver?: boolean }) {
  if (progress.total === 0 && !isOver) return <span className={styles.line}>choosing the rows</span>;
  const left = progress.total - progress.done;
  const rate = progress.rate_per_second ?? 0;
  const parts = [`${count(progress.done)} of ${count(progress.total)}`];
  if (!isOver && rate > 0) {
    parts.push(`${rate >= 10 ? Math.round(rate) : rate.toFixed(1)}/s`);
    if (left > 0) parts.push(`${duration(Math.max(1000, (left / rate) * 1000))} left`);
  }
  parts.push(money(progress.cost_micro_usd));
  return <span className={styles.line}>{parts.join(" · ")}</span>;
}
