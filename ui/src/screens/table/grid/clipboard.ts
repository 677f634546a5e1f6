// Values as spreadsheets exchange them: tab-separated text, quoted where a cell holds a tab, quote or line break.
import type { Json } from "../../../api/types";
import type { Range } from "./selection";

/** A value as one line of text would show it, and as it is copied. */
export function textOf(value: Json | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "object") return JSON.stringify(value);
  if (typeof value === "boolean") return value ? "true" : "false";
  return String(value);
}

export function toTsv(block: readonly (readonly (Json | undefined)[])[]): string {
  return block.map((row) => row.map((value) => quoted(textOf(value))).join("\t")).join("\n");
}

function quoted(text: string): string {
  return /["\t\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The cells of tab-separated text; a last line break does not make a row. */
export function parseTsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = "";
  let isQuoted = false;
  const endCell = () => {
    rows[rows.length - 1]!.push(cell);
    cell = "";
  };
  const clean = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let at = 0; at < clean.length; at++) {
    const letter = clean[at]!;
    if (isQuoted) {
      if (letter !== '"') cell += letter;
      else if (clean[at + 1] === '"') cell += clean[++at]!;
      else isQuoted = false;
    } else if (letter === '"' && cell === "" && closesLater(clean, at)) isQuoted = true;
    else if (letter === "\t") endCell();
    else if (letter === "\n") {
      endCell();
      rows.push([]);
    } else cell += letter;
  }
  endCell();
  return rows;
}

// A lone quote is a quote (5" screen); only one that closes before a tab, line break or the end opens a quoted cell.
function closesLater(text: string, at: number): boolean {
  for (let next = at + 1; next < text.length; next++) {
    if (text[next] !== '"') continue;
    if (text[next + 1] === '"') next++;
    else return next + 1 === text.length || text[next + 1] === "\t" || text[next + 1] === "\n";
  }
  return false;
}

/** The cells that pasting `block` at a selection fills: tiled when the selection is a multiple of it, as it is otherwise. */
export function pasteRange(block: readonly (readonly string[])[], selected: Range): Range {
  const rows = block.length;
  const columns = Math.max(...block.map((row) => row.length));
  const selectedRows = selected.bottom - selected.top + 1;
  const selectedColumns = selected.right - selected.left + 1;
  const isTiled = selectedRows % rows === 0 && selectedColumns % columns === 0;
  return {
    ...selected,
    bottom: selected.top + (isTiled ? selectedRows : rows) - 1,
    right: selected.left + (isTiled ? selectedColumns : columns) - 1,
  };
}

/** What goes into each cell of `target` when `block` is laid over it again and again. */
export function tiled<T>(block: readonly (readonly T[])[], target: Range, row: number, column: number): T | undefined {
  const line = block[(row - target.top) % block.length];
  return line?.[(column - target.left) % line.length];
}
