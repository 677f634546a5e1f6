// Copying, pasting, filling, clearing and undoing.
import { describe, expect, test } from "vitest";
import type { Field, Json } from "../../../api/types";
import type { ShownColumn } from "../columns";
import { clearEdits, fillEdits, pastePlan, recordPatches, valueOf } from "../edits";
import { parseTsv, toTsv } from "../grid/clipboard";
import { UndoStack } from "../grid/undo";
import type { LoadedRow } from "../records";

function aField(no: number, more: Partial<Field> = {}): Field {
  return {
    id: `field-${no}`, ref: `f_${no}`, no, name: `Column ${no}`, kind: "text", settings: {}, storage: "text", position: no, condition: null,
    auto_run: false, output_of: null, output_name: null, is_computed: false, width: null, is_hidden: false, depends_on: [], ...more,
  };
}
const column = (field: Field): ShownColumn => ({ field, width: 100, no: String(field.no) });
const row = (id: number, ...values: Json[]): LoadedRow => ({ row_id: String(id), values: Object.fromEntries(values.map((value, at) => [at + 1, value])), cells: {} });
const text = column(aField(1));
const number = column(aField(2, { kind: "number", storage: "number" }));
const computed = column(aField(3, { kind: "ai", is_computed: true }));

describe("text of a spreadsheet", () => {
  test("line breaks, tabs and quotes inside a cell survive the way out and back", () => {
    const block = [["one\ntwo", 'say "hi"', "a\tb"], ["plain", "", "5\" screen"]];
    expect(parseTsv(toTsv(block))).toEqual(block);
  });

  test("a lone quote as spreadsheets never write it is kept as a quote", () => {
    expect(parseTsv('"quoted" word\tx')).toEqual([['"quoted" word', "x"]]);
  });

  test("Windows line ends and a last line break make no extra row", () => {
    expect(parseTsv("a\tb\r\nc\td\r\n")).toEqual([["a", "b"], ["c", "d"]]);
  });
});

describe("typed values", () => {
  test("a number may have thousands set apart; what is no number goes to the server as written", () => {
    expect(valueOf(number.field, " 1,200.5 ")).toBe(1200.5);
    expect(valueOf(number.field, "1,2")).toBe("1,2");
    expect(valueOf(number.field, "")).toBeNull();
  });

  test("yes and no are truth values in a yes-or-no column only", () => {
    expect(valueOf(aField(4, { kind: "boolean", storage: "json" }), "Yes")).toBe(true);
    expect(valueOf(text.field, "Yes")).toBe("Yes");
  });
});

describe("pasting", () => {
  const columns = [text, number, computed];

  test("fills existing rows, makes the missing ones and leaves computed columns alone", () => {
    const plan = pastePlan([["x", "1", "no"], ["y", "2", "no"]], { top: 4, bottom: 4, left: 0, right: 0 }, columns, [row(5, "old", 1)]);
    expect(plan.edits).toEqual([{ rowId: "5", fieldId: "field-1", before: "old", after: "x" }]);
    expect(plan.newRows).toEqual([{ "field-1": "y", "field-2": 2 }]);
    expect(plan.left).toEqual(["Column 3"]);
    expect(plan.target).toEqual({ top: 4, bottom: 5, left: 0, right: 2 });
  });

  test("one copied cell fills the whole selection", () => {
    const rows = [row(1, "a"), row(2, "b"), row(3, "c")];
    const plan = pastePlan([["x"]], { top: 0, bottom: 2, left: 0, right: 0 }, columns, rows);
    expect(plan.edits.map((edit) => edit.rowId)).toEqual(["1", "2", "3"]);
  });

  test("what sticks out at the right is dropped", () => {
    expect(pastePlan([["1", "x", "y", "z"]], { top: 0, bottom: 0, left: 1, right: 1 }, columns, [row(1)]).target.right).toBe(2);
  });
});

describe("filling and clearing", () => {
  test("a pattern of two rows repeats downwards", () => {
    const rows = [row(1, "a"), row(2, "b"), row(3, ""), row(4, ""), row(5, "")];
    const edits = fillEdits({ top: 0, bottom: 1, left: 0, right: 0 }, { top: 0, bottom: 4, left: 0, right: 0 }, [text], rows);
    expect(edits.map((edit) => edit.after)).toEqual(["a", "b", "a"]);
  });

  test("filling upwards repeats from below", () => {
    const rows = [row(1, ""), row(2, ""), row(3, "z")];
    expect(fillEdits({ top: 2, bottom: 2, left: 0, right: 0 }, { top: 0, bottom: 2, left: 0, right: 0 }, [text], rows).map((edit) => edit.after)).toEqual(["z", "z"]);
  });

  test("clearing skips computed cells and cells that are empty already", () => {
    const edits = clearEdits({ top: 0, bottom: 0, left: 0, right: 2 }, [text, number, computed], [row(1, "a", null, "paid for")]);
    expect(edits).toEqual([{ rowId: "1", fieldId: "field-1", before: "a", after: null }]);
  });

  test("changes of one row travel in one record, at most so many records a request", () => {
    const edit = (rowId: string, fieldId: string) => ({ rowId, fieldId, before: null, after: 1 });
    const patches = recordPatches([edit("1", "a"), edit("1", "b"), edit("2", "a"), edit("3", "a")], 2);
    expect(patches.map((part) => part.length)).toEqual([2, 1]);
    expect(patches[0]![0]).toEqual({ row_id: "1", cells: { a: 1, b: 1 } });
  });
});

describe("undo", () => {
  const edits = [{ rowId: "1", fieldId: "a", before: "old", after: "new" }];

  test("goes back and forth", () => {
    const stack = new UndoStack();
    stack.add(edits);
    expect(stack.takeUndo()).toEqual([{ rowId: "1", fieldId: "a", before: "new", after: "old" }]);
    expect(stack.takeUndo()).toBeNull();
    expect(stack.takeRedo()).toEqual(edits);
  });

  test("a change the server refused cannot be undone", () => {
    const stack = new UndoStack();
    stack.add(edits);
    stack.drop(edits);
    expect(stack.takeUndo()).toBeNull();
  });
});
