// What leaves of a file is what the person let leave, by the names they gave.
import { expect, test } from "vitest";
import { freshSheet, leaving, namesProblem, renamesOf } from "./extracts";

const READ = {
  filename: "staff pay.csv",
  columns: ["name", "salary", "team"],
  sample_rows: [["Aaaa", "####", "Aa"], ["Aaa", "##", ""]],
  row_count: 2,
  kind: "table" as const,
  header: "first_row" as const,
};

test("a sheet nobody touched leaves as it was read", () => {
  expect(leaving(freshSheet(READ), "staff pay.csv")).toEqual(READ);
});

test("a renamed file and column leave under the given names and nowhere under the real ones", () => {
  const sheet = { ...freshSheet(READ), names: ["name", " amount ", "team"] };
  const text = JSON.stringify(leaving(sheet, "list.csv"));
  expect(JSON.parse(text)).toMatchObject({ filename: "list.csv", columns: ["name", "amount", "team"] });
  expect(text).not.toContain("salary");
  expect(text).not.toContain("staff pay");
});

test("a withheld column takes its samples with it and is only counted", () => {
  const extract = leaving({ ...freshSheet(READ), withheld: [1] }, "list.csv");
  expect(extract).toMatchObject({ columns: ["name", "team"], sample_rows: [["Aaaa", "Aa"], ["Aaa", ""]], withheld: 1 });
});

test("blanked samples leave as blanks", () => {
  expect(leaving({ ...freshSheet(READ), blanked: [0, 2] }, "list.csv").sample_rows).toEqual([["", "####", ""], ["", "##", ""]]);
});

test("a held back part of a document does not leave", () => {
  const read = { filename: "a.docx", columns: [], sample_rows: [], row_count: 0, kind: "document" as const, headings: ["Aaaa"], preview: ["aaa aa"] };
  expect(leaving({ ...freshSheet(read), hidden: ["preview"] }, "a.docx")).toEqual({ filename: "a.docx", columns: [], sample_rows: [], row_count: 0, kind: "document", headings: ["Aaaa"] });
});

test("only a rename is kept for the runner, and none of a withheld column or a file without headers", () => {
  const sheet = { ...freshSheet(READ), names: ["name", "amount", "group"], withheld: [2] };
  expect(renamesOf([sheet])).toEqual({ amount: "salary" });
  expect(renamesOf([{ ...sheet, read: { ...READ, header: "none" } }])).toEqual({});
});

test("two columns under one new name, an empty one and nothing at all are each said", () => {
  expect(namesProblem(freshSheet(READ))).toBeNull();
  expect(namesProblem({ ...freshSheet(READ), names: ["name", "Name", "team"] })).toBe("Two columns are called “Name”. Rename one of them.");
  expect(namesProblem({ ...freshSheet(READ), names: ["name", " ", "team"] })).toBe("Column 2 has no name. Give it one, or withhold it.");
  expect(namesProblem({ ...freshSheet(READ), withheld: [0, 1, 2] })).toBe("Every column is withheld. Let at least one leave, or reject the file.");
});

test("repeated headers of the file itself are no problem of the person's", () => {
  expect(namesProblem(freshSheet({ ...READ, columns: ["name", "name", ""] }))).toBeNull();
});
