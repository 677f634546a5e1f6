// What is selected, in a few figures: pure.
import type { ShownColumn } from "./columns";
import type { Range } from "./grid/selection";
import { numberText } from "./kinds";
import type { LoadedRow } from "./records";

export interface SelectionSummary {
  rows: number;
  columns: number;
  numbers: { sum: string; average: string } | null;
  /** Rows of the selection that are not loaded are not in the numbers. */
  isPartial: boolean;
}

// Enough for a screenful many times over; beyond it the figures would cost a pause at each key.
const CELLS_SUMMED = 20_000;

/** Null for a single cell, which says it all itself. */
export function summarise(range: Range, columns: readonly ShownColumn[], rowAt: (index: number) => LoadedRow | undefined): SelectionSummary | null {
  const rows = range.bottom - range.top + 1;
  const wide = range.right - range.left + 1;
  if (rows * wide <= 1) return null;
  const numeric = columns.slice(range.left, range.right + 1).filter((column) => column.field.storage === "number");
  let sum = 0;
  let seen = 0;
  let looked = 0;
  // A sum over columns of different things means nothing.
  const reach = numeric.length === 1 ? Math.min(rows, CELLS_SUMMED) : 0;
  for (let at = range.top; at < range.top + reach; at++) {
    const row = rowAt(at);
    if (!row) continue;
    looked++;
    for (const column of numeric) {
      const value = row.values[column.no];
      if (typeof value !== "number") continue;
      sum += value;
      seen++;
    }
  }
  return {
    rows,
    columns: wide,
    numbers: seen > 1 ? { sum: numberText(round(sum)), average: numberText(round(sum / seen)) } : null,
    isPartial: looked < rows,
  };
}

function round(value: number): number {
  return Number(value.toPrecision(10));
}
