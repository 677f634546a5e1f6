// Which rows and columns are in sight, kept up to date while the person scrolls.
import { useCallback, useLayoutEffect, useMemo, useRef, useState, type RefObject } from "react";
import { flushSync } from "react-dom";
import { columnsBetween, HEADER_HEIGHT, offsetShowing, ROW_HEIGHT, rowsBetween, ScrollScale, type ScrollPlace, type Span } from "./geometry";

const ROWS_BESIDE = 8;
const COLUMNS_BESIDE = 1;
const REST_MS = 160;

export interface Viewport {
  rows: Span;
  /** The rows really in sight, without those kept ready beside them. */
  seen: Span;
  columns: Span;
  /** How far rows are drawn above their true place; see `ScrollScale`. */
  shift: number;
  /** How tall the scrolled rows are made. */
  height: number;
  rowsPerPage: number;
  reveal: (row: number, column: number | null) => void;
}

interface Window {
  rows: Span;
  seen: Span;
  columns: Span;
  shift: number;
}

interface Size {
  width: number;
  height: number;
}

/** `lines` counts the rows and the line below them; `frozenWidth` is covered at the left by what does not scroll. */
export function useViewport(scroller: RefObject<HTMLDivElement | null>, lines: number, starts: readonly number[], frozenWidth: number): Viewport {
  const [size, setSize] = useState<Size>({ width: 1200, height: 600 });
  const [view, setView] = useState<Window>({ rows: { first: 0, last: -1 }, seen: { first: 0, last: -1 }, columns: { first: 0, last: -1 }, shift: 0 });
  const place = useRef<ScrollPlace>({ top: 0, shift: 0 });
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  const scale = useMemo(() => new ScrollScale(lines * ROW_HEIGHT, size.height), [lines, size.height]);

  const measure = useCallback((): Window => {
    const left = scroller.current?.scrollLeft ?? 0;
    const offset = place.current.top + place.current.shift;
    const seen = rowsBetween(offset, offset + size.height, lines);
    const columns = columnsBetween(starts, left + frozenWidth, left + size.width);
    return {
      rows: { first: Math.max(0, seen.first - ROWS_BESIDE), last: Math.min(lines - 1, seen.last + ROWS_BESIDE) },
      seen,
      columns: { first: Math.max(0, columns.first - COLUMNS_BESIDE), last: Math.min(starts.length - 2, columns.last + COLUMNS_BESIDE) },
      shift: place.current.shift,
    };
  }, [scroller, size, lines, starts, frozenWidth]);

  const update = useCallback(() => setView((before) => unlessSame(before, measure())), [measure]);

  const moveTo = useCallback(
    (next: ScrollPlace) => {
      place.current = next;
      if (scroller.current) scroller.current.scrollTop = next.top;
      update();
    },
    [scroller, update],
  );

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      setSize({ width: element.clientWidth, height: Math.max(ROW_HEIGHT, element.clientHeight - HEADER_HEIGHT) });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    function onScroll() {
      if (!element) return;
      // The echo of our own setting; the browser may have rounded it.
      if (Math.abs(element.scrollTop - place.current.top) >= 1) place.current = scale.scrolled(place.current, element.scrollTop);
      flushSync(update);
      clearTimeout(rest.current);
      // Once still, the thumb goes where it belongs, so that there is always room to scroll on.
      rest.current = setTimeout(() => {
        const proper = scale.placeOf(place.current.top + place.current.shift);
        if (proper.shift !== place.current.shift) flushSync(() => moveTo(proper));
      }, REST_MS);
    }
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      element.removeEventListener("scroll", onScroll);
      clearTimeout(rest.current);
    };
  }, [scroller, scale, update, moveTo]);

  // Fewer rows or another height: the place may not exist any more.
  useLayoutEffect(() => {
    const offset = place.current.top + place.current.shift;
    if (offset > scale.maxOffset) moveTo(scale.placeOf(scale.maxOffset));
    else update();
  }, [scale, moveTo, update]);

  const reveal = useCallback(
    (row: number, column: number | null) => {
      const element = scroller.current;
      if (!element) return;
      const offset = place.current.top + place.current.shift;
      const wanted = offsetShowing(row * ROW_HEIGHT, (row + 1) * ROW_HEIGHT, offset, size.height);
      if (wanted !== offset) {
        const top = place.current.top + (wanted - offset);
        const isNear = Math.abs(wanted - offset) < size.height * 4 && top > 0 && top < scale.height - size.height;
        moveTo(isNear ? scale.scrolled(place.current, top) : scale.placeOf(wanted));
      }
      if (column === null || starts[column + 1] === undefined || starts[column + 1]! <= frozenWidth) return;
      const left = offsetShowing(starts[column]! - frozenWidth, starts[column + 1]! - frozenWidth, element.scrollLeft, size.width - frozenWidth);
      if (left !== element.scrollLeft) element.scrollLeft = left;
    },
    [scroller, scale, size, starts, frozenWidth, moveTo],
  );

  return { ...view, height: scale.height, rowsPerPage: Math.max(1, Math.floor(size.height / ROW_HEIGHT) - 1), reveal };
}

function unlessSame(before: Window, after: Window): Window {
  const isSame =
    sameSpan(before.rows, after.rows) && sameSpan(before.seen, after.seen) && sameSpan(before.columns, after.columns) && before.shift === after.shift;
  return isSame ? before : after;
}

function sameSpan(one: Span, other: Span): boolean {
  return one.first === other.first && one.last === other.last;
}
