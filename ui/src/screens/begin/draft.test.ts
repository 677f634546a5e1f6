import { describe, expect, it } from "vitest";
import type { Catalog, ProviderEntry } from "../../api/types";
import { startColumn } from "../../columns/answer";
import { costOf, rowsOf } from "./costs";
import { blockerOf, namesBefore, NEW_DRAFT, NO_FILTERS, newColumn, problemOf, toAnswers, type Draft } from "./draft";

const provider = (key: string, price_micro_usd: number, is_local = false): ProviderEntry => ({
  key, label: key, summary: "", docs_url: "", is_local, has_key: false, key_fields: [],
  capabilities: [{ key: "find_email", label: "Find work e-mail", price_credits: 1, price_micro_usd, call_class: "B", is_miss_charged: false, inputs: [{ name: "domain", label: "Domain" }, { name: "full_name", label: "Full name" }], needs: [], outputs: [] }],
});
const CATALOG: Catalog = { providers: [provider("pattern", 0, true), provider("dear", 40_000), provider("cheap", 10_000)], columns: [], llms: [], filters: { industries: [], sizes: [], countries: [], us_states: [] } };

const draft = (part: Partial<Draft> = {}): Draft => ({ ...NEW_DRAFT, workbookName: "Q1", ...part });

describe("the wizard's answers", () => {
  it("hold the filters of Find companies and nothing of a file", () => {
    const answers = toAnswers(draft({ filters: { ...NO_FILTERS, locations: ["California"], limit: 50 } }));
    expect(answers).toEqual({ workbook_name: "Q1", lead_source: "find_companies", source: { filters: { ...NO_FILTERS, locations: ["California"], limit: 50 } }, columns: [] });
  });

  it("map each column of a file to a new one, or leave it out", () => {
    const answers = toAnswers(
      draft({
        leadSource: "csv",
        upload: { upload_id: "u1", encoding: "utf-8", delimiter: ",", columns: [], rows_seen: 2, fileName: "a.csv" },
        fileColumns: [{ column: "Company Name", name: " Company ", kind: "text" }, { column: "Notes", name: "", kind: "text" }],
      }),
    );
    expect(answers.source).toEqual({ upload_id: "u1", mapping: [{ column: "Company Name", new_field: { name: "Company", kind: "text" } }, { column: "Notes", new_field: null }] });
  });

  it("make every answer field of an AI column but the first a column of its own", () => {
    const column = newColumn({ ...startColumn("ai", ["Company"], CATALOG), prompt: "Is {{Company}} a fit?" });
    expect(toAnswers(draft({ columns: [column] })).columns[0]?.settings).toEqual({ outputColumns: { "Qualification score": "score", "Qualification reasoning": "reasoning" } });
  });

  it("say training mode only when it was chosen for this workbook", () => {
    expect(toAnswers(draft())).not.toHaveProperty("is_training");
    expect(toAnswers(draft({ isTraining: false })).is_training).toBe(false);
  });
});

describe("ready-made columns", () => {
  it("ask vendors, the cheapest before the dear, with the columns that fit, and never guess unasked", () => {
    const column = startColumn("waterfall", ["Company", "Domain", "CEO"], CATALOG);
    const inputs = { domain: "{{Domain}}", full_name: "{{CEO}}" };
    expect(column.settings?.steps).toEqual(["cheap", "dear"].map((key) => ({ provider: key, capability: "find_email", inputs })));
    expect(column.condition).toEqual({ type: "column_not_empty", column: "CEO" });
  });

  it("have no problem as they are added", () => {
    const names = namesBefore(draft(), 0);
    const ready = draft({ columns: [newColumn(startColumn("rubric", names, CATALOG)), newColumn(startColumn("waterfall", names, CATALOG))] });
    expect([problemOf(ready, 0), problemOf(ready, 1)]).toEqual([null, null]);
  });
});

describe("what keeps a step from being left", () => {
  it("is a column read before it exists", () => {
    const late = newColumn({ name: "Early", kind: "formula", settings: { expression: "{{ICP score}} + 1" } });
    const score = newColumn(startColumn("rubric", namesBefore(draft(), 0), CATALOG));
    expect(problemOf(draft({ columns: [late, score] }), 0)).toBe("It reads {{ICP score}}, which is no column before it.");
    expect(problemOf(draft({ columns: [score, late] }), 1)).toBeNull();
  });

  it("is a second column of the same name, whatever its case", () => {
    const again = newColumn({ name: "company", kind: "formula", settings: { expression: "1" } });
    expect(problemOf(draft({ columns: [again] }), 0)).toContain("Choose another name");
  });

  it("is a missing name, a missing file or two equal columns of a file", () => {
    expect(blockerOf(draft({ workbookName: " " }), 1)).toBe("Name the workbook.");
    expect(blockerOf(draft({ leadSource: "csv" }), 2)).toBe("Choose a CSV file.");
    const upload = { upload_id: "u", encoding: "", delimiter: ",", columns: [], rows_seen: 1, fileName: "a.csv" };
    const twice = [{ column: "A", name: "Name", kind: "text" }, { column: "B", name: "name", kind: "text" }];
    expect(blockerOf(draft({ leadSource: "csv", upload, fileColumns: twice }), 2)).toContain("Rename one");
  });
});

describe("the running estimate", () => {
  const mail = newColumn(startColumn("waterfall", ["Domain", "CEO"], CATALOG));

  it("expects each next source to be asked for half of the rows, and at worst for all", () => {
    expect(costOf(mail, draft(), CATALOG, false)).toMatchObject({ expected: 30_000, worst: 50_000 });
  });

  it("is nothing in training mode", () => {
    expect(costOf(mail, draft(), CATALOG, true)).toMatchObject({ expected: 0, worst: 0 });
  });

  it("does not know the price of an AI column without a model", () => {
    expect(costOf(newColumn(startColumn("ai", [], CATALOG)), draft(), CATALOG, true)).toMatchObject({ expected: null, note: "no language model" });
  });

  it("counts no more rows than match and no more than are wanted", () => {
    expect([rowsOf(draft(), 15), rowsOf(draft(), 500), rowsOf(draft(), undefined)]).toEqual([15, 100, null]);
  });
});
