// How keys move and extend the selection.
import { describe, expect, test } from "vitest";
import { commandFor } from "../grid/keymap";
import { cellSelection, columnSelection, leavesGrid, moved, rangeOf, rowSelection, rowSpans, toggleRow, within } from "../grid/selection";
import { fillTarget } from "../grid/usePointer";

const size = { rows: 10, columns: 4 };
const press = (key: string, more: Partial<Record<"ctrlKey" | "shiftKey" | "altKey" | "metaKey", boolean>> = {}) =>
  commandFor({ key, ctrlKey: false, shiftKey: false, altKey: false, metaKey: false, ...more });

describe("moving", () => {
  test("an arrow at the edge stays there", () => {
    expect(moved(cellSelection({ row: 0, column: 0 }), { rows: -1, columns: 0 }, size)).toEqual(cellSelection({ row: 0, column: 0 }));
  });

  test("Shift with arrows keeps the active cell and moves the far corner", () => {
    const once = moved(cellSelection({ row: 2, column: 1 }), { rows: 1, columns: 0, extend: true }, size);
    const twice = moved(once, { rows: 0, columns: 1, extend: true }, size)!;
    expect(rangeOf(twice, size)).toEqual({ top: 2, bottom: 3, left: 1, right: 2 });
    expect(twice.anchor).toEqual({ row: 2, column: 1 });
  });

  test("Ctrl with an arrow goes to the table's edge", () => {
    expect(moved(cellSelection({ row: 2, column: 1 }), { rows: 1, columns: 0, toEdge: true }, size)!.anchor).toEqual({ row: 9, column: 1 });
  });

  test("Tab after the last column goes to the next row, and after the last cell nowhere", () => {
    expect(moved(cellSelection({ row: 2, column: 3 }), { rows: 0, columns: 1, wraps: true }, size)!.anchor).toEqual({ row: 3, column: 0 });
    expect(moved(cellSelection({ row: 9, column: 3 }), { rows: 0, columns: 1, wraps: true }, size)!.anchor).toEqual({ row: 9, column: 3 });
  });

  test("Tab leaves the grid only from its last cell, and Shift+Tab only from its first", () => {
    const at = (row: number, column: number, step: number) => leavesGrid(cellSelection({ row, column }), step, size);
    expect([at(9, 3, 1), at(9, 2, 1), at(2, 3, 1), at(0, 0, 1)]).toEqual([true, false, false, false]);
    expect([at(0, 0, -1), at(0, 1, -1), at(9, 3, -1)]).toEqual([true, false, false]);
    expect(leavesGrid(null, 1, size)).toBe(true);
  });

  test("an empty table has nothing to select", () => {
    expect(moved(null, { rows: 1, columns: 0 }, { rows: 0, columns: 4 })).toBeNull();
  });
});

describe("rows and columns", () => {
  test("a selected column reaches over all rows", () => {
    expect(rangeOf(columnSelection(1, 2), size)).toEqual({ top: 0, bottom: 9, left: 1, right: 2 });
  });

  test("Ctrl adds a row, and takes it away again", () => {
    const two = toggleRow(rowSelection(1), 5)!;
    expect(rowSpans(two)).toEqual([{ first: 1, last: 1 }, { first: 5, last: 5 }]);
    expect(rowSpans(toggleRow(two, 1)!)).toEqual([{ first: 5, last: 5 }]);
  });

  test("a table that shrank pulls the selection inside, and one that did not leaves it as it was", () => {
    const selection = cellSelection({ row: 9, column: 3 });
    expect(within(selection, { rows: 5, columns: 4 })!.anchor).toEqual({ row: 4, column: 3 });
    expect(within(selection, size)).toBe(selection);
  });
});

describe("the fill handle", () => {
  test("grows along the side the mouse is farther out on", () => {
    const source = { top: 2, bottom: 3, left: 1, right: 1 };
    expect(fillTarget(source, { row: 7, column: 2 }, size)).toEqual({ ...source, bottom: 7 });
    expect(fillTarget(source, { row: 3, column: 3 }, size)).toEqual({ ...source, right: 3 });
    expect(fillTarget(source, { row: 2, column: 1 }, size)).toBeNull();
  });
});

describe("keys", () => {
  test.each([
    ["Enter", {}, { act: "edit" }],
    ["Enter", { shiftKey: true }, { act: "newRow" }],
    ["F2", {}, { act: "edit" }],
    [" ", {}, { act: "open" }],
    [" ", { shiftKey: true }, { act: "selectRow" }],
    [" ", { ctrlKey: true }, { act: "selectColumn" }],
    ["z", { metaKey: true }, { act: "undo" }],
    ["Z", { ctrlKey: true, shiftKey: true }, { act: "redo" }],
    ["y", { ctrlKey: true }, { act: "redo" }],
    ["f", { ctrlKey: true }, { act: "find" }],
    ["Delete", {}, { act: "clear" }],
    ["é", {}, { act: "type", text: "é" }],
  ])("%s %o", (key, more, command) => {
    expect(press(key, more)).toEqual(command);
  });

  test("copying, pasting and the browser's own keys are left to the browser", () => {
    expect(press("c", { ctrlKey: true })).toBeNull();
    expect(press("v", { ctrlKey: true })).toBeNull();
    expect(press("k", { ctrlKey: true })).toBeNull();
    expect(press("F5")).toBeNull();
    expect(press("Shift", { shiftKey: true })).toBeNull();
  });
});
