// Changing cells and rows: shown at once, sent, and taken back with a sentence when the server refuses.
import { useMemo, useRef } from "react";
import { api, messageOf } from "../../api/client";
import { MARK_EDITED, type Json, type Table } from "../../api/types";
import { counted } from "../../shared/format";
import { toast } from "../../shared/Toast";
import type { ShownColumn } from "./columns";
import { clearEdits, fillEdits, pastePlan, recordPatches } from "./edits";
import { parseTsv } from "./grid/clipboard";
import type { Range } from "./grid/selection";
import { UndoStack, type CellEdit } from "./grid/undo";
import type { CellValue, RecordPages } from "./records";

// More would hold the page and the server for longer than a person waits for a paste.
export const ROWS_AT_ONCE = 10_000;

export interface Edits {
  write: (edits: CellEdit[]) => Promise<void>;
  undo: () => void;
  redo: () => void;
  paste: (text: string, selected: Range) => Promise<Range | null>;
  fill: (source: Range, target: Range) => Promise<void>;
  clear: (target: Range) => Promise<void>;
  addRow: () => Promise<number | null>;
  deleteRows: (rowIds: string[]) => Promise<void>;
}

export function useEdits(table: Table, pages: RecordPages, columns: readonly ShownColumn[]): Edits {
  const stack = useRef(new UndoStack());
  return useMemo(() => {
    const nos = new Map(table.fields.map((field) => [field.id, field.no]));
    const path = `/v3/tables/${table.id}/records` as const;

    async function send(edits: CellEdit[]): Promise<boolean> {
      const shown = edits.map((edit) => cellValue(edit.rowId, edit.fieldId, edit.after));
      pages.type(shown);
      const saved: CellEdit[] = [];
      try {
        for (const records of recordPatches(edits)) {
          await api.patch(path, { records });
          const done = new Set(records.map((record) => record.row_id));
          saved.push(...edits.filter((edit) => done.has(edit.rowId)));
        }
        return true;
      } catch (problem) {
        const lost = edits.filter((edit) => !saved.includes(edit));
        pages.settle(shown);
        pages.type(lost.map((edit) => cellValue(edit.rowId, edit.fieldId, edit.before)));
        pages.settle(lost.map((edit) => cellValue(edit.rowId, edit.fieldId, edit.before)));
        toast({
          tone: "failed",
          title: `Could not save ${counted(lost.length, "cell")}`,
          body: `${messageOf(problem)} The old ${lost.length === 1 ? "value is" : "values are"} back.`,
        });
        return false;
      } finally {
        pages.settle(shown);
      }
    }

    function cellValue(rowId: string, fieldId: string, value: Json): CellValue {
      const no = nos.get(fieldId) ?? -1;
      const index = pages.indexOf(rowId);
      const status = index === undefined ? undefined : pages.rowAt(index)?.cells[no];
      return { rowId, no, value, status: status ? { ...status, state: "done", marks: status.marks | MARK_EDITED } : undefined };
    }

    async function write(edits: CellEdit[]): Promise<void> {
      if (edits.length === 0) return;
      stack.current.add(edits);
      if (!(await send(edits))) stack.current.drop(edits);
    }

    /** The rows of a range, or null after having said that it is too large or could not be read. */
    async function rowsOf(range: Range) {
      const count = Math.min(range.bottom, (pages.total ?? 0) - 1) - range.top + 1;
      if (count > ROWS_AT_ONCE) {
        toast({ tone: "failed", title: `That is ${counted(count, "row")}`, body: `At most ${counted(ROWS_AT_ONCE, "row")} change at once here. Nothing was changed; import a file for more.` });
        return null;
      }
      try {
        return await pages.load({ first: range.top, last: range.top + count - 1 }, new AbortController().signal);
      } catch (problem) {
        toast({ tone: "failed", title: "Could not read the rows", body: `${messageOf(problem)} Nothing was changed.` });
        return null;
      }
    }

    async function addRows(cells: Record<string, Json>[]): Promise<boolean> {
      try {
        for (let at = 0; at < cells.length; at += 1000) {
          const part = cells.slice(at, at + 1000);
          const made = await api.post<{ row_ids: (string | number)[] }>(path, { records: part.map((each) => ({ cells: each })) });
          pages.append(made.row_ids.map((id, offset) => ({
            row_id: String(id),
            values: Object.fromEntries(Object.entries(part[offset] ?? {}).map(([fieldId, value]) => [nos.get(fieldId) ?? -1, value])),
            cells: {},
          })));
        }
        return true;
      } catch (problem) {
        toast({ tone: "failed", title: `Could not add ${counted(cells.length, "row")}`, body: messageOf(problem) });
        return false;
      }
    }

    return {
      write,
      undo: () => {
        const edits = stack.current.takeUndo();
        if (edits) void send(edits);
        else toast({ tone: "plain", title: "Nothing to undo", body: "Only what you changed since opening this table can be taken back here." });
      },
      redo: () => {
        const edits = stack.current.takeRedo();
        if (edits) void send(edits);
      },
      paste: async (text, selected) => {
        if (text === "") return null;
        const block = parseTsv(text);
        const reach = { ...selected, bottom: Math.max(selected.bottom, selected.top + block.length - 1) };
        const rows = await rowsOf(reach);
        if (!rows) return null;
        const plan = pastePlan(block, selected, columns, rows);
        if (plan.left.length > 0) toast({ tone: "plain", title: `Left ${plan.left.join(", ")} alone`, body: "Computed columns are not pasted over; open a cell to replace its value." });
        await Promise.all([write(plan.edits), plan.newRows.length > 0 ? addRows(plan.newRows) : null]);
        return plan.target;
      },
      fill: async (source, target) => {
        const rows = await rowsOf(target);
        if (rows) await write(fillEdits(source, target, columns, rows));
      },
      clear: async (target) => {
        const rows = await rowsOf(target);
        if (!rows) return;
        const edits = clearEdits(target, columns, rows);
        const computed = columns.slice(target.left, target.right + 1).filter((column) => column.field.is_computed);
        if (edits.length === 0 && computed.length > 0) toast({ tone: "plain", title: "Computed cells were not cleared", body: "Run the column again, or open a cell to replace its value." });
        await write(edits);
      },
      addRow: async () => ((await addRows([{}])) ? (pages.total ?? 1) - 1 : null),
      deleteRows: async (rowIds) => {
        for (let at = 0; at < rowIds.length; at += 1000) await api.delete(path, { row_ids: rowIds.slice(at, at + 1000) });
        pages.refresh();
      },
    };
  }, [table.id, table.fields, pages, columns]);
}
