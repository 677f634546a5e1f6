// Which file goes into which field.
import { expect, test } from "vitest";
import type { WorkflowField } from "../../api/workflowTypes";
import { exampleValues, fit } from "./fitting";

const file = (name: string) => ({ name, type: "" });
const field = (id: string, type: WorkflowField["type"], more: Partial<WorkflowField> = {}): WorkflowField => ({ id, type, label: id, ...more });

test("a field takes the file that is called like it, whatever the order", () => {
  const files = [file("2026 customers.csv"), file("orders_march.csv")];
  expect(fit([field("order", "file_upload"), field("customer", "file_upload")], files, [])).toEqual({ order: [1], customer: [0] });
});

test("a field takes only what it accepts", () => {
  const files = [file("regions.csv"), file("regions.xlsx")];
  expect(fit([field("regions", "file_upload", { accept: [".xlsx"] })], files, [])).toEqual({ regions: [1] });
});

test("a field for several files takes what the single ones leave", () => {
  const files = [file("jan.csv"), file("prices.csv"), file("feb.csv")];
  expect(fit([field("months", "multi_file_upload"), field("prices", "file_upload")], files, [])).toEqual({ prices: [1], months: [0, 2] });
});

test("a form says itself which extract its field stands for", () => {
  const extracts = ["a.csv", "b.csv"].map((filename) => ({ filename, columns: [], sample_rows: [], row_count: 0 }));
  const fields = [field("left", "file_upload", { extracts: [1] }), field("right", "file_upload", { extracts: [0] })];
  expect(fit(fields, [file("a.csv"), file("b.csv")], extracts)).toEqual({ left: [1], right: [0] });
});

test("two fields may stand for two sheets of one workbook", () => {
  expect(fit([field("left", "file_upload"), field("right", "file_upload")], [file("book.xlsx")], [])).toEqual({ left: [0], right: [0] });
});

test("texts of a test are what the field suggests, else of the kind its name speaks of", () => {
  const fields = [field("region", "text_input", { placeholder: "e.g. North" }), field("minimum_amount", "text_input"), field("from_date", "text_input"), field("note", "text_area"), field("a", "file_upload")];
  expect(exampleValues(fields)).toEqual({ region: "North", minimum_amount: "10", from_date: "2026-01-15", note: "example" });
});
