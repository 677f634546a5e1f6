// How far each column is: from the runs at work, or from the counts of states over all rows.
import type { CellState, RunBrief } from "../../api/types";

export interface ColumnProgress {
  done: number;
  total: number;
  byState: Partial<Record<CellState, number>>;
  /** Cells per second lately, null until two looks are enough to tell. */
  rate: number | null;
  costMicroUsd: number | null;
  runIds: string[];
}

export type Counts = Record<string, Partial<Record<CellState, number>>>;

export function isActive(run: RunBrief): boolean {
  return run.state === "queued" || run.state === "running" || run.state === "waiting" || run.state === "stopping";
}

/** A run's newest word put into the list of those at work. */
export function withRun(runs: readonly RunBrief[], run: RunBrief): RunBrief[] {
  const others = runs.filter((each) => each.id !== run.id);
  return isActive(run) ? [...others, run] : others;
}

/** Progress by field id over all runs at work; a run that does not tell columns apart counts for its only column. */
export function columnProgress(runs: readonly RunBrief[], rates: RateMeter): Map<string, ColumnProgress> {
  const columns = new Map<string, ColumnProgress>();
  for (const run of runs.filter(isActive)) {
    const only = run.subject.field_ids?.length === 1 ? run.subject.field_ids[0] : undefined;
    const fields = Object.entries(run.progress.fields ?? {});
    const parts: [string, { total: number; done: number; by_state: Partial<Record<CellState, number>>; cost_micro_usd?: number }][] =
      fields.length > 0 ? fields : only ? [[only, run.progress]] : [];
    for (const [fieldId, part] of parts) {
      // Nothing to do here, or all of it done.
      if (part.done >= part.total && !hasUndecided(part.by_state)) continue;
      const known = columns.get(fieldId);
      const cost = part.cost_micro_usd ?? (parts.length === 1 ? run.progress.cost_micro_usd : null);
      columns.set(fieldId, {
        done: (known?.done ?? 0) + part.done,
        total: (known?.total ?? 0) + part.total,
        byState: added(known?.byState ?? {}, part.by_state),
        rate: rates.rateOf(fieldId),
        costMicroUsd: cost === null && !known ? null : (known?.costMicroUsd ?? 0) + (cost ?? 0),
        runIds: [...(known?.runIds ?? []), run.id],
      });
    }
  }
  return columns;
}

function hasUndecided(byState: Partial<Record<CellState, number>>): boolean {
  return (byState.queued ?? 0) + (byState.running ?? 0) + (byState.waiting ?? 0) > 0;
}

function added(one: Partial<Record<CellState, number>>, other: Partial<Record<CellState, number>>): Partial<Record<CellState, number>> {
  const sum = { ...one };
  for (const [state, amount] of Object.entries(other)) sum[state as CellState] = (sum[state as CellState] ?? 0) + amount;
  return sum;
}

const WINDOW_MS = 8_000;

/** Measures how fast each column fills from the amounts seen over the last seconds. */
export class RateMeter {
  private readonly seen = new Map<string, { at: number; done: number }[]>();

  look(fieldId: string, done: number, at: number): void {
    const before = this.seen.get(fieldId) ?? [];
    const last = before.at(-1);
    const kept = last && done < last.done ? [] : before.filter((each) => at - each.at <= WINDOW_MS);
    this.seen.set(fieldId, [...kept, { at, done }]);
  }

  rateOf(fieldId: string): number | null {
    const seen = this.seen.get(fieldId);
    const first = seen?.[0];
    const last = seen?.at(-1);
    if (!first || !last || last.at - first.at < 500) return null;
    return ((last.done - first.done) * 1000) / (last.at - first.at);
  }
}

/** All cells a column has, and how many of them hold a value. */
export function coverage(counts: Partial<Record<CellState, number>> | undefined): { total: number; done: number } {
  const total = Object.values(counts ?? {}).reduce((sum, amount) => sum + amount, 0);
  return { total, done: counts?.done ?? 0 };
}
