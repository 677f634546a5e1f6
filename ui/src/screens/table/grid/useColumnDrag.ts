// Dragging in the header: a column's edge resizes it, its name moves it.
import { useEffect, useMemo, useRef, useState, type MouseEvent, type PointerEvent, type RefObject } from "react";
import type { ShownColumn } from "../columns";
import { columnAt, MAX_COLUMN_WIDTH, MIN_COLUMN_WIDTH } from "./geometry";

interface Options {
  scroller: RefObject<HTMLDivElement | null>;
  columns: readonly ShownColumn[];
  /** The left edge of each column in the scrolled content, and the right edge of all. */
  inner: readonly number[];
  onResize: (fieldId: string, width: number) => void;
  onReorder: (fieldId: string, before: string | null) => void;
}

// A shorter move of the mouse is a click with an unsteady hand.
const DRAG_PX = 5;
const PADDING_PX = 34;

export interface ColumnDrag {
  moving: string | null;
  /** Where the moved column would go, in the scrolled content. */
  dropLeft: number | null;
  onPointerDown: (event: PointerEvent) => void;
  onDoubleClick: (event: MouseEvent) => void;
}

/** The same object while nothing is dragged, whatever the options. */
export function useColumnDrag(options: Options): ColumnDrag {
  const latest = useRef(options);
  const [moving, setMoving] = useState<string | null>(null);
  const [dropLeft, setDropLeft] = useState<number | null>(null);
  useEffect(() => {
    latest.current = options;
  });

  const handlers = useMemo(() => dragHandlers(latest, setMoving, setDropLeft), []);
  return useMemo(() => ({ moving, dropLeft, ...handlers }), [moving, dropLeft, handlers]);
}

function dragHandlers(latest: RefObject<Options>, setMoving: (fieldId: string | null) => void, setDropLeft: (left: number | null) => void) {
  function onPointerDown(event: PointerEvent) {
    if (event.button !== 0) return;
    const target = event.target as HTMLElement;
    const edge = target.closest<HTMLElement>("[data-resize]");
    if (edge) return resize(event, Number(edge.dataset.resize));
    const header = target.closest<HTMLElement>("[data-header]");
    if (header && !target.closest("[data-still]")) move(event, Number(header.dataset.header));
  }

  function resize(event: PointerEvent, index: number) {
    event.preventDefault();
    event.stopPropagation();
    const column = latest.current.columns[index];
    if (!column) return;
    const { width } = column;
    const from = event.clientX;
    during((at) => latest.current.onResize(column.field.id, width + at.clientX - from));
  }

  function move(event: PointerEvent, index: number) {
    const column = latest.current.columns[index];
    if (!column) return;
    const from = event.clientX;
    let target: number | null = null;
    during(
      (at) => {
        if (target === null && Math.abs(at.clientX - from) < DRAG_PX) return;
        setMoving(column.field.id);
        const { scroller, inner } = latest.current;
        const element = scroller.current;
        if (!element) return;
        const x = at.clientX - element.getBoundingClientRect().left + element.scrollLeft;
        const under = columnAt(inner, x);
        target = x > (inner[under]! + inner[under + 1]!) / 2 ? under + 1 : under;
        setDropLeft(inner[target]!);
      },
      () => {
        setMoving(null);
        setDropLeft(null);
        if (target === null || target === index || target === index + 1) return;
        const { columns, onReorder } = latest.current;
        onReorder(column.field.id, columns[target]?.field.id ?? null);
      },
    );
  }

  /** Twice on an edge: as wide as the widest text in sight. */
  function onDoubleClick(event: MouseEvent) {
    const edge = (event.target as HTMLElement).closest<HTMLElement>("[data-resize]");
    const column = edge && latest.current.columns[Number(edge.dataset.resize)];
    const element = latest.current.scroller.current;
    if (!edge || !column || !element) return;
    const texts = element.querySelectorAll<HTMLElement>(`[data-column="${edge.dataset.resize}"], [data-header="${edge.dataset.resize}"]`);
    const widest = Math.max(...[...texts].map(widthOf));
    latest.current.onResize(column.field.id, Math.max(MIN_COLUMN_WIDTH, Math.min(MAX_COLUMN_WIDTH, widest + PADDING_PX)));
  }

  return { onPointerDown, onDoubleClick };
}

function widthOf(cell: HTMLElement): number {
  const range = document.createRange();
  range.selectNodeContents(cell);
  const clipped = cell.querySelector<HTMLElement>("[data-text]");
  return clipped ? clipped.scrollWidth : range.getBoundingClientRect().width;
}

function during(onMove: (event: globalThis.PointerEvent) => void, onEnd?: () => void): void {
  const end = () => {
    window.removeEventListener("pointermove", onMove);
    onEnd?.();
  };
  window.addEventListener("pointermove", onMove);
  window.addEventListener("pointerup", end, { once: true });
}
