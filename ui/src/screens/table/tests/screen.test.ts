// The rules of the screen that need no page: columns of a view, filters, addresses, progress, forms, imports.
import { describe, expect, test } from "vitest";
import type { Field, ImportPreview, RunBrief } from "../../../api/types";
import { parseAddress } from "../address";
import { outputFieldsOf } from "../column/promptOutputs";
import { suggestionsAt, references } from "../column/references";
import { initial, inputKind, parseList, stripped, type Schema } from "../column/schema";
import { completed, parseViewColumns, reordered, resized, shownColumns, storedColumns, withHidden } from "../columns";
import { finished, filtersOf, groupsOf, opsFor } from "../filters";
import { guessTargets, problemOf, toMapping } from "../importing/mapping";
import { numberText, shapeOf, webAddress } from "../kinds";
import { columnProgress, RateMeter, withRun } from "../progress";
import { dependantsOf, draftRun, isFree, toRequest } from "../run/request";

function aField(no: number, more: Partial<Field> = {}): Field {
  return {
    id: `field-${no}`, ref: `f_${no}`, no, name: `Column ${no}`, kind: "text", settings: {}, storage: "text", position: no, condition: null,
    auto_run: false, output_of: null, output_name: null, is_computed: false, width: null, is_hidden: false, depends_on: [], ...more,
  };
}

describe("a view's columns", () => {
  const fields = [aField(1), aField(2), aField(3, { output_of: "field-1", is_computed: true })];

  test("fields the view does not name follow, outputs right after their column", () => {
    expect(completed(fields, []).map((each) => each.field)).toEqual(["field-1", "field-3", "field-2"]);
    expect(completed(fields, [{ field: "field-2" }, { field: "gone" }]).map((each) => each.field)).toEqual(["field-2", "field-1", "field-3"]);
  });

  test("what is stored is read back as it was", () => {
    const columns = resized(withHidden(reordered(completed(fields, []), "field-2", "field-1"), ["field-3"], true), "field-1", 5000);
    expect(completed(fields, parseViewColumns(storedColumns(columns)))).toEqual(columns);
    expect(columns.find((each) => each.field === "field-1")?.width).toBe(900);
    expect(shownColumns(fields, columns).map((each) => each.field.id)).toEqual(["field-2", "field-1"]);
  });

  test("layouts of another shape are ignored", () => {
    expect(parseViewColumns({})).toEqual([]);
    expect(parseViewColumns([1, 2])).toEqual([]);
  });
});

describe("filters", () => {
  test("one group is a plain list, more are joined by or, empty ones vanish", () => {
    const rule = { field: "a", op: "is" as const, value: 1 };
    expect(filtersOf([[rule], []])).toEqual([rule]);
    expect(filtersOf([[rule], [rule]])).toEqual({ or: [[rule], [rule]] });
    expect(groupsOf([])).toEqual([]);
  });

  test("a rule without its value does not filter yet", () => {
    expect(finished([{ field: "a", op: "contains", value: "" }, { field: "a", op: "is_empty" }])).toEqual([{ field: "a", op: "is_empty" }]);
  });

  test("only computed columns have states to filter by", () => {
    expect(opsFor(aField(1))).not.toContain("state_is");
    expect(opsFor(aField(1, { is_computed: true }))).toContain("state_is");
  });
});

describe("the address", () => {
  test("row ids that look like numbers are names, and odd filters are ignored", () => {
    expect(parseAddress({ row: 412, q: 7, filter: [{ nonsense: true }], sort: [{ field: "a", direction: "up" }] })).toEqual({
      view: null, filters: null, sorts: null, search: "7", row: "412", field: null,
    });
  });
});

describe("how values are shown", () => {
  test("years stay whole and amounts are set apart", () => {
    expect(numberText(1998, aField(1, { name: "Founded" }))).toBe("1998");
    expect(numberText(1998, aField(1, { name: "Employees" }))).toBe("1,998");
  });

  test("a computed text shows its links and addresses, and scripts are no links", () => {
    const field = aField(1, { is_computed: true });
    expect(shapeOf(field, "https://example.com/a")).toBe("url");
    expect(shapeOf(field, "ana@example.com")).toBe("email");
    expect(shapeOf(field, "write to ana@example.com")).toBe("text");
    expect(webAddress("javascript:alert(1)")).toBeNull();
    expect(webAddress("example.com")).toBe("https://example.com/");
  });
});

describe("progress", () => {
  const run = (id: string, state: RunBrief["state"], fields: RunBrief["progress"]["fields"]): RunBrief => ({
    id, kind: "fill_columns", title: id, state, progress: { total: 0, done: 0, by_state: {}, fields, rate_per_second: null, cost_micro_usd: 0 },
    subject: {}, is_simulated: false, cost_micro_usd: 0, error: null, created_at: "", started_at: null, finished_at: null, client_id: null, created_by_name: null,
  });

  test("two runs of one column add up, and a column that is through shows none", () => {
    const runs = [run("a", "running", { x: { total: 10, done: 4, by_state: { done: 4 } }, y: { total: 5, done: 5, by_state: { done: 5 } } }), run("b", "queued", { x: { total: 20, done: 0, by_state: {} } })];
    const columns = columnProgress(runs, new RateMeter());
    expect(columns.get("x")).toMatchObject({ total: 30, done: 4, runIds: ["a", "b"] });
    expect(columns.has("y")).toBe(false);
  });

  test("a run that is over leaves the list", () => {
    const known = [run("a", "running", {})];
    expect(withRun(known, run("a", "succeeded", {}))).toEqual([]);
  });

  test("the rate is that of the last seconds", () => {
    const meter = new RateMeter();
    meter.look("x", 0, 0);
    expect(meter.rateOf("x")).toBeNull();
    meter.look("x", 50, 10_000);
    meter.look("x", 90, 12_000);
    expect(meter.rateOf("x")).toBe(20);
  });
});

describe("running", () => {
  test("the request carries only what its mode needs", () => {
    expect(toRequest(draftRun({ fieldIds: ["a"], mode: "first_n", firstN: 10, rowIds: ["1"] }))).toEqual({ field_ids: ["a"], mode: "first_n", first_n: 10, with_dependants: true });
    expect(toRequest(draftRun({ fieldIds: ["a"], mode: "cell", rowIds: ["1"], withDependants: false }))).toEqual({ field_ids: ["a"], mode: "cell", row_ids: ["1"], with_dependants: false });
  });

  test("a blocker, a short budget or a possible cost is never free", () => {
    const free = { rows: 1, fields: [], expected_micro_usd: 0, worst_micro_usd: 0, budgets: [], needs_confirmation: false, blockers: [] };
    expect(isFree(free)).toBe(true);
    expect(isFree({ ...free, worst_micro_usd: 1 })).toBe(false);
    expect(isFree({ ...free, blockers: [{ field_id: "a", message: "no model" }] })).toBe(false);
    expect(isFree({ ...free, budgets: [{ scope: "client", left_micro_usd: 0, fits: false }] })).toBe(false);
  });

  test("dependants are found through others and through outputs", () => {
    const fields = [aField(1, { is_computed: true }), aField(2, { is_computed: true, output_of: "field-1" }), aField(3, { is_computed: true, depends_on: ["field-2"] }), aField(4, { is_computed: true, depends_on: ["field-3"] }), aField(5)];
    expect(dependantsOf(["field-1"], fields).map((field) => field.id)).toEqual(["field-3", "field-4"]);
  });
});

describe("a form from a schema", () => {
  const schema: Schema = {
    properties: {
      prompt: { type: "string", maxLength: 20000 }, limit: { anyOf: [{ type: "integer" }, { type: "null" }], default: null },
      steps: { type: "array", items: { $ref: "#/$defs/Step" } }, values: { type: "array", items: { anyOf: [{ type: "number" }, { type: "string" }, { type: "null" }] } },
    },
    required: ["prompt"],
    $defs: { Step: { type: "object", properties: { provider: { type: "string" }, kind: { enum: ["a", "b"] } } } },
  };

  test("each property gets the input that fits", () => {
    const kinds = Object.fromEntries(Object.entries(schema.properties!).map(([name, each]) => [name, inputKind(each, schema)]));
    expect(kinds).toEqual({ prompt: "long", limit: "number", steps: "objects", values: "texts" });
  });

  test("defaults are shown but not sent, so that a later default still applies", () => {
    expect(initial(schema, schema)).toEqual({ prompt: "", limit: null, steps: [], values: [] });
    expect(stripped({ prompt: "", limit: null, steps: [{ provider: "x" }] }, schema, schema)).toEqual({ prompt: "", steps: [{ provider: "x" }] });
  });

  test("an open end of a range stays open", () => {
    expect(parseList("50,", schema.properties!.values!, schema)).toEqual([50, null]);
    expect(parseList("ceo, founder", schema.properties!.values!, schema)).toEqual(["ceo", "founder"]);
  });

  test("columns are found in a text, and offered while one is being typed", () => {
    expect(references("{{Company}} and {{ City }} and {{Company}}")).toEqual(["Company", "City"]);
    expect(suggestionsAt("Is {{Comp", 9)).toEqual({ from: 3, typed: "Comp" });
    expect(suggestionsAt("Is /Ci", 6)).toEqual({ from: 3, typed: "Ci" });
    expect(suggestionsAt("and/or", 6)).toBeNull();
  });
});

describe("importing", () => {
  const preview: ImportPreview = {
    upload_id: "u", encoding: "utf-8", delimiter: ",", rows_seen: 2,
    columns: [{ name: "column_1", samples: [], guess_kind: "text" }, { name: "Score", samples: [], guess_kind: "number" }],
  };
  const fields = [aField(1), aField(2, { name: "Score", is_computed: true })];

  test("columns of the same name meet, and a computed column is never written to", () => {
    const targets = guessTargets(preview, fields);
    expect(targets).toEqual({ column_1: "field-1", Score: "new" });
    expect(toMapping(preview, targets, fields)).toEqual([{ column: "column_1", field_id: "field-1" }, { column: "Score", new_field: { name: "Score 2", kind: "number" } }]);
  });

  test("an update needs a key that the file fills", () => {
    expect(problemOf({ a: "field-1" }, "upsert", "")).toContain("key");
    expect(problemOf({ a: "field-1" }, "upsert", "field-1")).toBeNull();
    expect(problemOf({ a: "skip" }, "append", "")).toContain("at least one");
    expect(problemOf({ a: "field-1", b: "field-1" }, "append", "")).toContain("same column");
  });
});

describe("a prompt's output schema as output fields", () => {
  test("each property becomes the field that can hold it", () => {
    const properties = {
      fits: { type: ["boolean", "null"], description: "Whether it fits" },
      score: { anyOf: [{ type: "integer" }, { type: "null" }] },
      tier: { type: "string", enum: ["A", "B"] },
      reasons: { type: "array", items: { type: "string" } },
    };
    expect(outputFieldsOf({ type: "object", properties })).toEqual([
      { name: "fits", type: "boolean", description: "Whether it fits" },
      { name: "score", type: "number", description: "" },
      { name: "tier", type: "select", options: ["A", "B"], description: "" },
      { name: "reasons", type: "json", description: "" },
    ]);
  });

  test("names no column can have are left out, and no schema gives none", () => {
    expect(outputFieldsOf({ properties: { "1st": { type: "string" }, evidence_quote: { type: "string" }, ok: { type: "string" } } }).map((each) => each.name)).toEqual(["ok"]);
    expect(outputFieldsOf(null)).toEqual([]);
  });
});
