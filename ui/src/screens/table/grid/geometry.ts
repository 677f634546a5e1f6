// Where rows and columns lie, in pixels: pure arithmetic, no DOM.

export const ROW_HEIGHT = 32;
export const HEADER_HEIGHT = 48;
export const GUTTER_WIDTH = 64;
export const MIN_COLUMN_WIDTH = 64;
export const MAX_COLUMN_WIDTH = 900;

// Firefox stops near 17.9 million px and Chromium near 33.5 million; and from 2^24 = 16.7 million on, a
// 32-bit float no longer holds every whole pixel, so rows drift from the frozen column. Taller tables scale.
export const MAX_SCROLL_PX = 16_000_000;

/** Both ends included; empty when `last < first`. */
export interface Span {
  first: number;
  last: number;
}

/** The left edge of each column and, as the last entry, the right edge of all. */
export function columnStarts(widths: readonly number[]): number[] {
  const starts = [0];
  for (const width of widths) starts.push(starts[starts.length - 1]! + width);
  return starts;
}

/** The column under `x`, the nearest when `x` lies outside. */
export function columnAt(starts: readonly number[], x: number): number {
  let low = 0;
  let high = Math.max(0, starts.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= x) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function columnsBetween(starts: readonly number[], from: number, to: number): Span {
  if (starts.length < 2) return { first: 0, last: -1 };
  return { first: columnAt(starts, from), last: columnAt(starts, Math.max(from, to - 1)) };
}

export function rowsBetween(from: number, to: number, rowCount: number): Span {
  return {
    first: Math.max(0, Math.min(rowCount - 1, Math.floor(from / ROW_HEIGHT))),
    last: Math.min(rowCount - 1, Math.ceil(to / ROW_HEIGHT) - 1),
  };
}

/** The scroll offset that shows `start…end` with the least movement; the same offset when it is shown already. */
export function offsetShowing(start: number, end: number, offset: number, viewport: number): number {
  if (start < offset || end - start > viewport) return start;
  return end > offset + viewport ? end - viewport : offset;
}

/** A scrollbar's position and how far the table is ahead of it: `top + shift` is the true offset. */
export interface ScrollPlace {
  top: number;
  shift: number;
}

/** Maps a scrollbar of bounded length onto a table of any length. */
export class ScrollScale {
  /** How tall the scrolled element is made. */
  readonly height: number;
  private readonly maxTop: number;
  readonly maxOffset: number;

  constructor(
    contentHeight: number,
    private readonly viewport: number,
  ) {
    this.height = Math.min(contentHeight, MAX_SCROLL_PX);
    this.maxTop = Math.max(0, this.height - viewport);
    this.maxOffset = Math.max(0, contentHeight - viewport);
  }

  private get isScaled(): boolean {
    return this.maxOffset > this.maxTop;
  }

  /** After the person scrolled to `top`: small moves go pixel by pixel, a dragged thumb in proportion. */
  scrolled(from: ScrollPlace, top: number): ScrollPlace {
    if (!this.isScaled) return { top, shift: 0 };
    const isJump = Math.abs(top - from.top) > this.viewport * 4;
    const isAtAnEnd = top <= 0 || top >= this.maxTop;
    if (isJump || isAtAnEnd) return { top, shift: Math.round((top / this.maxTop) * this.maxOffset) - top };
    const offset = Math.max(0, Math.min(this.maxOffset, top + from.shift));
    return { top, shift: offset - top };
  }

  /** Where the scrollbar belongs for a true offset, to be set by us. */
  placeOf(offset: number): ScrollPlace {
    const bounded = Math.max(0, Math.min(this.maxOffset, offset));
    if (!this.isScaled) return { top: bounded, shift: 0 };
    const top = Math.round((bounded / this.maxOffset) * this.maxTop);
    return { top, shift: bounded - top };
  }
}
