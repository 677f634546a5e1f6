// Where rows and columns lie, also in tables taller than a browser can scroll.
import { describe, expect, test } from "vitest";
import { columnsBetween, columnStarts, MAX_SCROLL_PX, offsetShowing, ROW_HEIGHT, rowsBetween, ScrollScale } from "../grid/geometry";

describe("columns", () => {
  const starts = columnStarts([100, 200, 50, 150]);

  test("a strip that touches two columns has both", () => {
    expect(starts).toEqual([0, 100, 300, 350, 500]);
    expect(columnsBetween(starts, 250, 310)).toEqual({ first: 1, last: 2 });
  });

  test("a strip that ends at an edge leaves the next column out", () => {
    expect(columnsBetween(starts, 100, 300)).toEqual({ first: 1, last: 1 });
  });

  test("a table without columns shows none", () => {
    expect(columnsBetween([0], 0, 400)).toEqual({ first: 0, last: -1 });
  });
});

describe("rows", () => {
  test("a row that is partly in sight is in", () => {
    expect(rowsBetween(ROW_HEIGHT * 2 - 1, ROW_HEIGHT * 5 + 1, 100)).toEqual({ first: 1, last: 5 });
  });

  test("below the last row there is nothing", () => {
    expect(rowsBetween(0, 1000, 3)).toEqual({ first: 0, last: 2 });
  });

  test("showing something in sight moves nothing, and something below moves just enough", () => {
    expect(offsetShowing(320, 352, 300, 600)).toBe(300);
    expect(offsetShowing(900, 932, 300, 600)).toBe(332);
    expect(offsetShowing(0, 32, 300, 600)).toBe(0);
  });
});

describe("a scrollbar shorter than its table", () => {
  const rows = 1_000_000;
  const scale = new ScrollScale(rows * ROW_HEIGHT, 800);

  test("is never taller than browsers and floats can place", () => {
    expect(scale.height).toBe(MAX_SCROLL_PX);
  });

  test("reaches the last row when the thumb is at the bottom", () => {
    const end = scale.scrolled({ top: 0, shift: 0 }, MAX_SCROLL_PX - 800);
    expect(end.top + end.shift).toBe(rows * ROW_HEIGHT - 800);
  });

  test("goes pixel by pixel for a turn of the wheel", () => {
    const from = scale.placeOf(20_000_000);
    const to = scale.scrolled(from, from.top + 120);
    expect(to.top + to.shift - (from.top + from.shift)).toBe(120);
  });

  test("puts the thumb back in proportion without moving the rows", () => {
    const wheeled = scale.scrolled(scale.placeOf(20_000_000), scale.placeOf(20_000_000).top + 2_000);
    const offset = wheeled.top + wheeled.shift;
    const rested = scale.placeOf(offset);
    expect(rested.top + rested.shift).toBe(offset);
    expect(rested.shift).not.toBe(wheeled.shift);
  });

  test("a table that fits is scrolled as it is", () => {
    const small = new ScrollScale(500 * ROW_HEIGHT, 800);
    expect(small.scrolled({ top: 0, shift: 0 }, 9_000)).toEqual({ top: 9_000, shift: 0 });
  });
});
