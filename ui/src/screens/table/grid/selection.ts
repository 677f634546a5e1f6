// What is selected and how keys and the mouse move it: pure, in positions of the shown rows and columns.

export interface CellAt {
  row: number;
  column: number;
}

/** All four edges included. */
export interface Range {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

export interface Size {
  rows: number;
  columns: number;
}

/** `anchor` is the active cell; `head` is the corner that Shift moves. `more` are further rows, added with Ctrl. */
export interface Selection {
  kind: "cells" | "rows" | "columns";
  anchor: CellAt;
  head: CellAt;
  more: readonly { first: number; last: number }[];
}

export function cellSelection(anchor: CellAt, head: CellAt = anchor): Selection {
  return { kind: "cells", anchor, head, more: [] };
}

export function rowSelection(anchor: number, head = anchor): Selection {
  return { kind: "rows", anchor: { row: anchor, column: 0 }, head: { row: head, column: 0 }, more: [] };
}

export function columnSelection(anchor: number, head = anchor): Selection {
  return { kind: "columns", anchor: { row: 0, column: anchor }, head: { row: 0, column: head }, more: [] };
}

/** Rows selected so far and one more, or less when it was selected alone. */
export function toggleRow(selection: Selection | null, row: number): Selection | null {
  if (selection?.kind !== "rows") return rowSelection(row);
  const spans = rowSpans(selection);
  const kept = spans.filter((span) => !(span.first === row && span.last === row));
  if (kept.length === spans.length) return { ...rowSelection(row), more: spans };
  const last = kept.at(-1);
  return last ? { ...rowSelection(last.first, last.last), more: kept.slice(0, -1) } : null;
}

export function rowSpans(selection: Selection): { first: number; last: number }[] {
  const { anchor, head, more } = selection;
  return [...more, { first: Math.min(anchor.row, head.row), last: Math.max(anchor.row, head.row) }];
}

export function rangeOf(selection: Selection, size: Size): Range {
  const { kind, anchor, head } = selection;
  const range = {
    top: Math.min(anchor.row, head.row),
    bottom: Math.max(anchor.row, head.row),
    left: Math.min(anchor.column, head.column),
    right: Math.max(anchor.column, head.column),
  };
  if (kind === "rows") return { ...range, left: 0, right: size.columns - 1 };
  if (kind === "columns") return { ...range, top: 0, bottom: size.rows - 1 };
  return range;
}

export function contains(range: Range, cell: CellAt): boolean {
  return cell.row >= range.top && cell.row <= range.bottom && cell.column >= range.left && cell.column <= range.right;
}

export interface Move {
  rows: number;
  columns: number;
  extend?: boolean;
  /** To the table's edge instead of by the amounts, whose signs then give the direction. */
  toEdge?: boolean;
  /** At the end of a row go on in the next, as Tab does. */
  wraps?: boolean;
}

/** The selection after an arrow, Tab, Page or Home key. */
export function moved(selection: Selection | null, move: Move, size: Size): Selection | null {
  if (size.rows === 0 || size.columns === 0) return null;
  if (!selection) return cellSelection({ row: 0, column: 0 });
  const from = move.extend ? selection.head : selection.anchor;
  const to = move.wraps ? wrapped(from, move.columns, size) : stepped(from, move, size);
  if (!move.extend) return cellSelection(to);
  return { ...selection, head: to };
}

/** Whether Tab, or Shift+Tab with a step of -1, goes on to what follows or precedes the grid. */
export function leavesGrid(selection: Selection | null, step: number, size: Size): boolean {
  if (!selection) return true;
  const { row, column } = selection.anchor;
  return step > 0 ? row === size.rows - 1 && column === size.columns - 1 : row === 0 && column === 0;
}

function stepped(from: CellAt, move: Move, size: Size): CellAt {
  const reach = move.toEdge ? Infinity : 1;
  return {
    row: clamp(from.row + (move.rows === 0 ? 0 : move.rows * reach), size.rows),
    column: clamp(from.column + (move.columns === 0 ? 0 : move.columns * reach), size.columns),
  };
}

function wrapped(from: CellAt, step: number, size: Size): CellAt {
  const column = from.column + step;
  if (column >= size.columns) return from.row + 1 < size.rows ? { row: from.row + 1, column: 0 } : from;
  if (column < 0) return from.row > 0 ? { row: from.row - 1, column: size.columns - 1 } : from;
  return { row: from.row, column };
}

function clamp(position: number, length: number): number {
  return Math.max(0, Math.min(length - 1, position));
}

/** The same selection in a table that became smaller; null when nothing of it is left. */
export function within(selection: Selection | null, size: Size): Selection | null {
  if (!selection || size.rows === 0 || size.columns === 0) return null;
  const fit = (cell: CellAt): CellAt => ({ row: clamp(cell.row, size.rows), column: clamp(cell.column, size.columns) });
  const anchor = fit(selection.anchor);
  const head = fit(selection.head);
  const more = selection.more.filter((span) => span.last < size.rows);
  const isSame =
    anchor.row === selection.anchor.row && anchor.column === selection.anchor.column &&
    head.row === selection.head.row && head.column === selection.head.column && more.length === selection.more.length;
  return isSame ? selection : { ...selection, anchor, head, more };
}
