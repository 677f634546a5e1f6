// The active cell and selection of the grid, and what each key, menu entry or mouse act does to the cells.
import { useCallback, useEffect, useMemo, useRef, useState, type ClipboardEvent, type RefObject } from "react";
import type { Json } from "../../api/types";
import { messageOf } from "../../api/client";
import { toast } from "../../shared/Toast";
import type { CellAct, MenuPlace } from "./CellMenu";
import type { ShownColumn } from "./columns";
import { editOf, isTyped, valueOf } from "./edits";
import type { Editing, GridHandle } from "./grid/Grid";
import type { Command } from "./grid/keymap";
import { cellSelection, columnSelection, moved, rangeOf, rowSelection, rowSpans, within, type CellAt, type Range, type Selection } from "./grid/selection";
import type { LoadedRow, RecordPages } from "./records";
import { useCopy } from "./useClipboard";
import { ROWS_AT_ONCE, type Edits } from "./useEdits";

interface Options {
  grid: RefObject<GridHandle | null>;
  pages: RecordPages;
  columns: readonly ShownColumn[];
  rowCount: number;
  mayWrite: boolean;
  edits: Edits;
  onOpen: (cell: CellAt) => void;
  /** The active cell moved, by whatever means. */
  onActive: (cell: CellAt) => void;
  /** What Escape closes first; null when nothing is open. */
  onLeave: (() => void) | null;
  onFind: () => void;
  onColumnMenu: (column: number) => void;
  onRunSelected: (rowIds: string[], columns: readonly ShownColumn[], isSingle: boolean) => void;
  onDeleteRows: (rowIds: string[]) => void;
}

/** A cell being typed into: where the editor stands, and the cell meant, for rows and columns may move meanwhile. */
interface Typing extends Editing {
  meant: { row: LoadedRow; column: ShownColumn };
}

export function useCells(options: Options) {
  const { grid, pages, columns, rowCount, mayWrite, edits, onOpen, onActive } = options;
  const [chosen, setChosen] = useState<Selection | null>(null);
  const [editing, setEditing] = useState<Typing | null>(null);
  const [menu, setMenu] = useState<MenuPlace | null>(null);
  const copy = useCopy(pages, columns);
  const size = useMemo(() => ({ rows: rowCount, columns: columns.length }), [rowCount, columns.length]);
  const selection = useMemo(() => within(chosen, size), [chosen, size]);
  const range = useMemo(() => (selection ? rangeOf(selection, size) : null), [selection, size]);

  // Another view or search: what was selected is not what is there now.
  const last = useRef(pages);
  useEffect(() => {
    if (last.current === pages) return;
    last.current = pages;
    setChosen(null);
    setEditing(null);
    grid.current?.reveal(0, null);
  }, [pages, grid]);

  const select = useCallback(
    (next: Selection | null) => {
      setChosen(next);
      if (next) onActive(next.anchor);
    },
    [onActive],
  );

  function go(next: Selection | null, isExtending: boolean) {
    if (!next) return;
    select(next);
    const at = isExtending ? next.head : next.anchor;
    grid.current?.reveal(at.row, next.kind === "rows" ? null : at.column);
  }

  function edit(cell: CellAt, text: string | null = null) {
    const column = columns[cell.column];
    const row = pages.rowAt(cell.row);
    if (!column || !row) return;
    if (!mayWrite || !isTyped(column.field)) return onOpen(cell);
    select(cellSelection(cell));
    setEditing({ ...cell, text, meant: { row, column } });
    grid.current?.reveal(cell.row, cell.column);
  }

  function edited(text: string, then: "down" | "right" | "left" | "stay") {
    const cell = editing;
    setEditing(null);
    if (!cell) return;
    const { row, column } = cell.meant;
    const change = editOf(pages.find(row.row_id) ?? row, column, valueOf(column.field, text));
    if (change) void edits.write([change]);
    if (then === "stay") return;
    grid.current?.focus();
    go(moved(cellSelection(cell), { rows: then === "down" ? 1 : 0, columns: then === "right" ? 1 : then === "left" ? -1 : 0 }, size), false);
  }

  async function addRow() {
    const index = await edits.addRow();
    if (index === null) return;
    // After React has drawn the longer table, or there is nothing to scroll to yet.
    requestAnimationFrame(() => {
      setChosen(cellSelection({ row: index, column: 0 }));
      grid.current?.reveal(index, 0);
      grid.current?.focus();
    });
  }

  async function paste(text: string) {
    if (!range || !mayWrite) return;
    const target = await edits.paste(text, range);
    if (target) setChosen(cellSelection({ row: target.top, column: target.left }, { row: target.bottom, column: target.right }));
  }

  function fill(kind: "down" | "right") {
    if (!range || !mayWrite) return;
    const source = kind === "down" ? { ...range, bottom: range.top } : { ...range, right: range.left };
    void edits.fill(source, range);
  }

  /** Ids of the selected rows, or null after having said why not. */
  async function rowIds(): Promise<string[] | null> {
    if (!selection || !range) return null;
    const spans = selection.kind === "rows" ? rowSpans(selection) : [{ first: range.top, last: range.bottom }];
    const wanted = spans.reduce((sum, span) => sum + span.last - span.first + 1, 0);
    if (wanted > ROWS_AT_ONCE) {
      toast({ tone: "failed", title: "Too many rows at once", body: `At most ${ROWS_AT_ONCE.toLocaleString("en-US")} selected rows are taken at once. Filter the table and run all rows instead.` });
      return null;
    }
    try {
      const parts = await Promise.all(spans.map((span) => pages.load(span, new AbortController().signal)));
      return [...new Set(parts.flat().map((row) => row.row_id))];
    } catch (error) {
      toast({ tone: "failed", title: "Could not read the rows", body: messageOf(error) });
      return null;
    }
  }

  function command(asked: Command) {
    const active = selection?.anchor;
    switch (asked.act) {
      case "move": {
        const next = moved(selection, asked.move, size);
        go(next, asked.move.extend ?? false);
        // The first column is always in sight; going Home still means to see what follows it.
        if (next && asked.move.toEdge && asked.move.columns < 0) grid.current?.reveal((asked.move.extend ? next.head : next.anchor).row, 1);
        return;
      }
      case "page": {
        const rows = (grid.current?.rowsPerPage ?? 20) * asked.direction;
        return go(moved(selection, { rows, columns: 0, extend: asked.extend }, size), asked.extend);
      }
      case "selectAll":
        return select(rowCount > 0 ? { ...rowSelection(0, rowCount - 1), anchor: { row: 0, column: active?.column ?? 0 } } : null);
      case "leave":
        if (options.onLeave) return options.onLeave();
        return active && select(cellSelection(active));
      case "undo":
        return mayWrite ? edits.undo() : undefined;
      case "redo":
        return mayWrite ? edits.redo() : undefined;
      case "find":
        return options.onFind();
      case "newRow":
        return mayWrite ? void addRow() : undefined;
    }
    if (!active || !range) return;
    switch (asked.act) {
      case "type":
        return edit(active, asked.text);
      case "edit":
        return edit(active);
      case "open":
        return onOpen(active);
      case "clear":
        return mayWrite ? void edits.clear(range) : undefined;
      case "selectRow":
        return select({ ...rowSelection(range.top, range.bottom), anchor: { row: range.top, column: active.column } });
      case "selectColumn":
        return select({ ...columnSelection(range.left, range.right), anchor: { row: active.row, column: range.left } });
      case "fillDown":
        return fill("down");
      case "fillRight":
        return fill("right");
      case "menu":
        return selection?.kind === "columns" ? options.onColumnMenu(active.column) : setMenu(placeOfActive());
    }
  }

  async function act(what: CellAct) {
    if (!selection || !range) return;
    switch (what) {
      case "open":
        return onOpen(selection.anchor);
      case "edit":
        return edit(selection.anchor);
      case "copy":
        return copy(range, null);
      case "cut":
        copy(range, null);
        return edits.clear(range);
      case "paste":
        try {
          return await paste(await navigator.clipboard.readText());
        } catch {
          return toast({ tone: "plain", title: "The browser keeps the clipboard to itself", body: "Press Ctrl+V in the grid instead." });
        }
      case "fill":
        return fill("down");
      case "clear":
        return edits.clear(range);
      case "newRow":
        return addRow();
      case "run":
      case "deleteRows": {
        const ids = await rowIds();
        if (!ids) return;
        if (what === "deleteRows") return options.onDeleteRows(ids);
        const isSingle = range.top === range.bottom && range.left === range.right && selection.kind === "cells";
        return options.onRunSelected(ids, columns.slice(range.left, range.right + 1), isSingle);
      }
    }
  }

  return {
    selection, range, editing, menu, setMenu, select, go, edit, edited, command, act, addRow,
    cancelEdit: () => {
      setEditing(null);
      grid.current?.focus();
    },
    onCopy: (event: ClipboardEvent, isCut: boolean) => {
      if (!range) return;
      copy(range, event);
      if (isCut && mayWrite) void edits.clear(range);
    },
    onPaste: (text: string) => void paste(text),
    onFill: (target: Range) => {
      if (!range || !mayWrite) return;
      void edits.fill(range, target);
      setChosen(cellSelection({ row: target.top, column: target.left }, { row: target.bottom, column: target.right }));
    },
    writeCell: async (rowId: string, fieldId: string, before: Json, after: Json) => edits.write([{ rowId, fieldId, before, after }]),
  };
}

function placeOfActive(): MenuPlace | null {
  const box = document.querySelector("[role='grid'] [data-active]")?.getBoundingClientRect();
  return box ? { left: box.left + 8, top: box.bottom } : null;
}
