// The mouse in the grid: pressing selects, dragging extends and scrolls at the edges, the corner handle fills.
import { useEffect, useRef, type MouseEvent, type PointerEvent, type RefObject } from "react";
import { GUTTER_WIDTH, HEADER_HEIGHT } from "./geometry";
import { cellSelection, contains, rowSelection, toggleRow, type CellAt, type Range, type Selection, type Size } from "./selection";

interface Options {
  scroller: RefObject<HTMLDivElement | null>;
  size: Size;
  selection: Selection | null;
  range: Range | null;
  onSelect: (selection: Selection | null) => void;
  onEdit: (cell: CellAt) => void;
  onOpen: (cell: CellAt) => void;
  onFillTarget: (target: Range | null) => void;
  onFill: (target: Range) => void;
}

interface FillDrag {
  what: "fill";
  source: Range;
  target: Range | null;
}

type Drag = { what: "cells" | "rows"; start: Selection } | FillDrag;

const EDGE_PX = 28;
const SCROLL_PX = 18;

export function usePointer(options: Options) {
  const latest = useRef(options);
  const drag = useRef<Drag | null>(null);
  const pointer = useRef({ x: 0, y: 0 });
  const frame = useRef(0);
  useEffect(() => {
    latest.current = options;
  });
  useEffect(() => () => cancelAnimationFrame(frame.current), []);

  function onPointerDown(event: PointerEvent) {
    const { selection, onSelect, range } = latest.current;
    const target = event.target as HTMLElement;
    if (target.closest("[data-editor], [data-open], a, [data-header], button")) return;
    const at = placeOf(target);
    if (!at) return;
    if (event.button === 2) {
      const isInside = range !== null && (at.column === null ? selection?.kind === "rows" && at.row >= range.top && at.row <= range.bottom : contains(range, { row: at.row, column: at.column }));
      if (!isInside) onSelect(at.column === null ? rowSelection(at.row) : cellSelection({ row: at.row, column: at.column }));
      return;
    }
    if (event.button !== 0) return;
    // Keeps the focus in the grid; the browser would give it to nothing and lose the keys.
    event.preventDefault();
    latest.current.scroller.current?.focus({ preventScroll: true });
    if (target.closest("[data-fill]") && range) {
      drag.current = { what: "fill", source: range, target: null };
    } else if (at.column === null) {
      const isMore = event.ctrlKey || event.metaKey;
      const next = isMore ? toggleRow(selection, at.row) : event.shiftKey && selection ? { ...rowSelection(selection.anchor.row, at.row), more: selection.more } : rowSelection(at.row);
      onSelect(next);
      if (next) drag.current = { what: "rows", start: next };
    } else {
      const cell = { row: at.row, column: at.column };
      const next = event.shiftKey && selection ? { ...selection, kind: "cells" as const, head: cell, more: [] } : cellSelection(cell);
      onSelect(next);
      drag.current = { what: "cells", start: next };
    }
    pointer.current = { x: event.clientX, y: event.clientY };
    window.addEventListener("pointermove", follow);
    window.addEventListener("pointerup", release, { once: true });
    window.addEventListener("pointercancel", release, { once: true });
  }

  function follow(event: globalThis.PointerEvent) {
    pointer.current = { x: event.clientX, y: event.clientY };
    extend();
    if (!frame.current) frame.current = requestAnimationFrame(scrollAtEdge);
  }

  function scrollAtEdge() {
    frame.current = 0;
    const element = latest.current.scroller.current;
    if (!element || !drag.current) return;
    const box = element.getBoundingClientRect();
    const { x, y } = pointer.current;
    const down = y > box.bottom - EDGE_PX ? 1 : y < box.top + HEADER_HEIGHT ? -1 : 0;
    const right = drag.current.what === "rows" ? 0 : x > box.right - EDGE_PX ? 1 : x < box.left + GUTTER_WIDTH ? -1 : 0;
    if (down === 0 && right === 0) return;
    element.scrollBy(right * SCROLL_PX, down * SCROLL_PX);
    extend();
    frame.current = requestAnimationFrame(scrollAtEdge);
  }

  function extend() {
    const { scroller, size, onSelect, onFillTarget } = latest.current;
    const element = scroller.current;
    const now = drag.current;
    if (!element || !now) return;
    const at = placeUnder(element, pointer.current);
    if (!at) return;
    const cell = { row: at.row, column: at.column ?? 0 };
    if (now.what === "fill") {
      now.target = fillTarget(now.source, cell, size);
      onFillTarget(now.target);
    } else onSelect({ ...now.start, head: now.what === "cells" ? cell : { row: cell.row, column: 0 } });
  }

  function release() {
    window.removeEventListener("pointermove", follow);
    cancelAnimationFrame(frame.current);
    frame.current = 0;
    const now = drag.current;
    drag.current = null;
    if (now?.what !== "fill") return;
    latest.current.onFillTarget(null);
    if (now.target) latest.current.onFill(now.target);
  }

  function onDoubleClick(event: MouseEvent) {
    const target = event.target as HTMLElement;
    if (target.closest("[data-editor], [data-header], [data-open], a")) return;
    const at = placeOf(target);
    if (at && at.column !== null) latest.current.onEdit({ row: at.row, column: at.column });
  }

  function onClick(event: MouseEvent) {
    const target = event.target as HTMLElement;
    const at = target.closest("[data-open]") ? placeOf(target) : null;
    if (at && at.column !== null) latest.current.onOpen({ row: at.row, column: at.column });
  }

  return { onPointerDown, onDoubleClick, onClick };
}

/** Grows the selected cells along the side the pointer is farther out on; null while it is still inside. */
export function fillTarget(source: Range, cell: CellAt, size: Size): Range | null {
  const down = cell.row - source.bottom;
  const right = cell.column - source.right;
  const up = source.top - cell.row;
  const left = source.left - cell.column;
  const most = Math.max(down, right, up, left);
  if (most <= 0) return null;
  if (most === down) return { ...source, bottom: Math.min(size.rows - 1, cell.row) };
  if (most === up) return { ...source, top: Math.max(0, cell.row) };
  if (most === right) return { ...source, right: Math.min(size.columns - 1, cell.column) };
  return { ...source, left: Math.max(0, cell.column) };
}

function placeOf(element: Element | null): { row: number; column: number | null } | null {
  const row = element?.closest<HTMLElement>("[data-row]");
  if (!row) return null;
  const column = element!.closest<HTMLElement>("[data-column]");
  return { row: Number(row.dataset.row), column: column ? Number(column.dataset.column) : null };
}

function placeUnder(scroller: HTMLElement, { x, y }: { x: number; y: number }): { row: number; column: number | null } | null {
  const box = scroller.getBoundingClientRect();
  const insideX = Math.max(box.left + 2, Math.min(box.left + scroller.clientWidth - 3, x));
  const insideY = Math.max(box.top + HEADER_HEIGHT + 2, Math.min(box.top + scroller.clientHeight - 3, y));
  return placeOf(document.elementFromPoint(insideX, insideY));
}
