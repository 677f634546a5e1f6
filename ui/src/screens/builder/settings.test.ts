// A form's settings, read from their JSON Schema.
import { expect, test } from "vitest";
import { columnsFor, firstValues, isComplete, isIdle, settingsOf, type Schema } from "./settings";

const SCHEMA: Schema = {
  type: "object",
  required: ["columns", "conditions"],
  $defs: { Condition: { type: "object", required: ["column"], properties: { column: { type: "string", "x-kind": "column" }, comparison: { type: "string", enum: ["equals", "before"], default: "equals" }, dates: { type: "string", default: "day_first", "x-labels": { day_first: "day" } } } } },
  properties: {
    file: { type: "integer", minimum: 0, default: 0, "x-kind": "file" },
    columns: { type: "array", minItems: 1, items: { type: "string", "x-kind": "column" }, "x-of": "file" },
    conditions: { type: "array", minItems: 1, items: { $ref: "#/$defs/Condition" } },
    across: { anyOf: [{ $ref: "#/$defs/Condition" }, { type: "null" }], default: null },
    first: { anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }] },
  },
};

test("a form begins with its defaults, one open row of each list and nothing optional", () => {
  expect(firstValues(SCHEMA, SCHEMA)).toEqual({ file: 0, columns: [], conditions: [{ column: "", comparison: "equals", dates: "day_first" }], across: null, first: null });
});

test("a form is complete when whatever must be said is said, in lists too", () => {
  const values = firstValues(SCHEMA, SCHEMA);
  expect(isComplete(SCHEMA, SCHEMA, values)).toBe(false);
  expect(isComplete(SCHEMA, SCHEMA, { ...values, columns: ["a"] })).toBe(false);
  expect(isComplete(SCHEMA, SCHEMA, { ...values, columns: ["a"], conditions: [{ column: "b", comparison: "equals" }] })).toBe(true);
  expect(isComplete(SCHEMA, SCHEMA, { ...values, columns: ["a"], conditions: [{ column: "b" }], across: { column: "" } })).toBe(false);
});

test("the order of a date's parts is asked for only where there is a date", () => {
  const dates = settingsOf(SCHEMA.$defs!.Condition!, SCHEMA).find((each) => each.key === "dates")!;
  expect(isIdle(dates, { comparison: "equals" })).toBe(true);
  expect(isIdle(dates, { comparison: "before" })).toBe(false);
});

test("columns to choose from are those of the file that was chosen", () => {
  const extracts = [["a"], ["b", "c"]].map((columns, at) => ({ filename: `${at}.csv`, columns, sample_rows: [], row_count: 0 }));
  expect(columnsFor({ "x-kind": "column" }, { file: 1 }, extracts)).toEqual(["b", "c"]);
  expect(columnsFor({ "x-kind": "column", "x-of": "left" }, { left: 0, file: 1 }, extracts)).toEqual(["a"]);
});
