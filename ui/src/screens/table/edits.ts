// Turning what a person types, pastes, fills or clears into changes of single cells: pure.
import type { Field, Json } from "../../api/types";
import type { ShownColumn } from "./columns";
import { pasteRange, textOf, tiled } from "./grid/clipboard";
import type { Range } from "./grid/selection";
import type { CellEdit } from "./grid/undo";
import type { LoadedRow } from "./records";

/** What the server is sent for a typed text; it has the last word on whether the kind takes it. */
export function valueOf(field: Field, text: string): Json {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  if (field.storage === "number") {
    const number = Number(trimmed.replace(/,(?=\d{3}\b)/g, ""));
    return Number.isFinite(number) ? number : trimmed;
  }
  if (field.kind === "boolean") {
    if (/^(true|yes|y|1|✓)$/i.test(trimmed)) return true;
    if (/^(false|no|n|0)$/i.test(trimmed)) return false;
    return trimmed;
  }
  if (field.storage === "json") {
    try {
      return JSON.parse(trimmed) as Json;
    } catch {
      return text;
    }
  }
  return text;
}

/** Computed cells were worked out or paid for, so typing over them goes through their detail, not by accident. */
export function isTyped(field: Field): boolean {
  return !field.is_computed;
}

export function editOf(row: LoadedRow, column: ShownColumn, after: Json): CellEdit | null {
  const before = row.values[column.no] ?? null;
  if (textOf(before) === textOf(after)) return null;
  return { rowId: row.row_id, fieldId: column.field.id, before, after };
}

export interface PastePlan {
  target: Range;
  edits: CellEdit[];
  /** Rows to be made below the last one, as values by field id. */
  newRows: Record<string, Json>[];
  /** Names of computed columns that were left alone. */
  left: string[];
}

/** `rows` are those of the target from its top row on, as far as they exist. */
export function pastePlan(block: readonly (readonly string[])[], selected: Range, columns: readonly ShownColumn[], rows: readonly LoadedRow[]): PastePlan {
  const whole = pasteRange(block, selected);
  const target = { ...whole, right: Math.min(whole.right, columns.length - 1) };
  const edits: CellEdit[] = [];
  const newRows: Record<string, Json>[] = [];
  const left = new Set<string>();
  for (let row = target.top; row <= target.bottom; row++) {
    const existing = rows[row - target.top];
    const made: Record<string, Json> = {};
    for (let at = target.left; at <= target.right; at++) {
      const column = columns[at]!;
      const text = tiled(block, target, row, at);
      if (text === undefined) continue;
      if (!isTyped(column.field)) left.add(column.field.name);
      else if (existing) {
        const edit = editOf(existing, column, valueOf(column.field, text));
        if (edit) edits.push(edit);
      } else made[column.field.id] = valueOf(column.field, text);
    }
    if (!existing) newRows.push(made);
  }
  return { target, edits, newRows, left: [...left] };
}

/** Repeats the values of `source` over the rest of `target`; rows are given from the target's top on. */
export function fillEdits(source: Range, target: Range, columns: readonly ShownColumn[], rows: readonly LoadedRow[]): CellEdit[] {
  const edits: CellEdit[] = [];
  for (let row = target.top; row <= target.bottom; row++) {
    for (let at = target.left; at <= target.right; at++) {
      const isSource = row >= source.top && row <= source.bottom && at >= source.left && at <= source.right;
      const column = columns[at];
      const to = rows[row - target.top];
      if (isSource || !column || !to || !isTyped(column.field)) continue;
      const fromRow = rows[source.top + modulo(row - source.top, source.bottom - source.top + 1) - target.top];
      const fromColumn = columns[source.left + modulo(at - source.left, source.right - source.left + 1)];
      if (!fromRow || !fromColumn) continue;
      const edit = editOf(to, column, fromRow.values[fromColumn.no] ?? null);
      if (edit) edits.push(edit);
    }
  }
  return edits;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

export function clearEdits(target: Range, columns: readonly ShownColumn[], rows: readonly LoadedRow[]): CellEdit[] {
  return rows.flatMap((row) =>
    columns.slice(target.left, target.right + 1).flatMap((column) => {
      const edit = isTyped(column.field) ? editOf(row, column, null) : null;
      return edit ? [edit] : [];
    }),
  );
}

/** As the server takes them: one record per row, at most `most` records a request. */
export function recordPatches(edits: readonly CellEdit[], most = 1000): { row_id: string; cells: Record<string, Json> }[][] {
  const byRow = new Map<string, Record<string, Json>>();
  for (const { rowId, fieldId, after } of edits) byRow.set(rowId, { ...byRow.get(rowId), [fieldId]: after });
  const records = [...byRow].map(([row_id, cells]) => ({ row_id, cells }));
  return Array.from({ length: Math.ceil(records.length / most) }, (_, at) => records.slice(at * most, (at + 1) * most));
}
