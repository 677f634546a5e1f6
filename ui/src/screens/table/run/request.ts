// What a run would do, in words and as the server takes it.
import type { Estimate, Field, RunMode, RunRequest } from "../../../api/types";
import { counted } from "../../../shared/format";

/** A run being composed; `rowIds` and `count` belong to "selected" and "cell". */
export interface RunDraft {
  fieldIds: string[];
  mode: RunMode;
  firstN: number;
  rowIds: string[];
  withDependants: boolean;
  budgetMicroUsd: number | null;
}

export function draftRun(change: Partial<RunDraft>): RunDraft {
  return { fieldIds: [], mode: "empty", firstN: 10, rowIds: [], withDependants: true, budgetMicroUsd: null, ...change };
}

export function toRequest(draft: RunDraft): RunRequest {
  return {
    field_ids: draft.fieldIds,
    mode: draft.mode,
    with_dependants: draft.withDependants,
    ...(draft.mode === "first_n" && { first_n: draft.firstN }),
    ...((draft.mode === "selected" || draft.mode === "cell") && { row_ids: draft.rowIds }),
    ...(draft.budgetMicroUsd !== null && { budget_micro_usd: draft.budgetMicroUsd }),
  };
}

export const MODE_WORDS: Record<RunMode, string> = {
  cell: "This cell",
  selected: "Selected rows",
  first_n: "First rows",
  empty: "Rows not run yet",
  failed: "Rows that failed",
  all: "All rows not done",
  force: "All rows again, also those done",
};

/** "Run 500 rows", "Run 1 cell". */
export function runWords(draft: RunDraft, estimate: Estimate | undefined): string {
  if (draft.mode === "cell") return "Run 1 cell";
  return estimate ? `Run ${counted(estimate.rows, "row")}` : "Run";
}

/** Nothing is paid and the server asks for no confirmation, so a click is enough. */
export function isFree(estimate: Estimate): boolean {
  return estimate.worst_micro_usd === 0 && !estimate.needs_confirmation && estimate.blockers.length === 0 && estimate.budgets.every((budget) => budget.fits);
}

/** The columns that read any of these, directly or through others, themselves left out. */
export function dependantsOf(fieldIds: readonly string[], fields: readonly Field[]): Field[] {
  const reached = new Set(fieldIds);
  for (let grew = true; grew; ) {
    grew = false;
    for (const field of fields) {
      const source = field.output_of;
      if (reached.has(field.id) || !(field.depends_on.some((id) => reached.has(id)) || (source !== null && reached.has(source)))) continue;
      reached.add(field.id);
      grew = true;
    }
  }
  return fields.filter((field) => reached.has(field.id) && !fieldIds.includes(field.id) && field.is_computed && field.output_of === null);
}
