import { describe, expect, it } from "vitest";
import type { WorkflowField, WorkflowVersion } from "../../api/workflowTypes";
import { accepts, commandOf, expectedOf, guesses, missingOf, namedIn, problemOfField, quoted, renamesOf } from "./inputs";

const orders: WorkflowField = { id: "orders", type: "file_upload", label: "Orders", accept: [".csv", ".xlsx"] };
const months: WorkflowField = { id: "months", type: "multi_file_upload", label: "Months", min_files: 2, max_files: 3 };
const note: WorkflowField = { id: "note", type: "text_input", label: "Note", required: true };
const file = (name: string, text = "a\n1\n") => new File([text], name, { type: "text/csv" });

function version(script: string, extracts: { columns: string[] }[]): WorkflowVersion {
  return {
    execution: { engine: "pyodide", dependencies: [], outputFilename: null, script },
    file_extracts: extracts.map(({ columns }) => ({ filename: "a.csv", columns, sample_rows: [], row_count: 1 })),
  } as unknown as WorkflowVersion;
}

describe("what a field takes", () => {
  it("takes a file by its ending in any case, by its kind, and any file without a list", () => {
    expect(accepts(orders, file("A.CSV"))).toBe(true);
    expect(accepts(orders, file("a.pdf"))).toBe(false);
    expect(accepts({ ...orders, accept: ["text/csv"] }, file("a.bin"))).toBe(true);
    expect(accepts({ ...orders, accept: ["text/*"] }, file("a.bin"))).toBe(true);
    expect(accepts({ ...orders, accept: null }, file("a.bin"))).toBe(true);
  });

  it("says what is missing, too much or double", () => {
    expect(problemOfField(orders, [], "")).toBe("Choose a file for “Orders”.");
    expect(problemOfField(orders, [file("a.pdf")], "")).toBe("“a.pdf” is not one of .csv, .xlsx.");
    expect(problemOfField(months, [file("a.csv")], "")).toBe("Choose at least 2 files for “Months”.");
    expect(problemOfField(months, ["a", "b", "c", "d"].map((each) => file(each)), "")).toBe("“Months” takes at most 3 files; remove 1.");
    expect(problemOfField(months, [file("a.csv"), file("a.csv", "b")], "")).toBe("Two files are called “a.csv”. Remove or rename one of them.");
    expect(problemOfField(months, [file("a.csv"), file("b.csv")], "")).toBeNull();
    expect(problemOfField(note, [], "  ")).toBe("Fill in “Note”.");
    expect(problemOfField({ ...note, required: false }, [], "")).toBeNull();
    expect(problemOfField({ ...orders, required: false }, [], "")).toBeNull();
  });
});

describe("columns that a script reads", () => {
  it("knows a column by its text in the script, in either kind of quotes and escaped", () => {
    expect(namedIn(`row["Date"], row['Total €'], "say \\"hi\\""`, ["Date", "Total €", 'say "hi"', "Dat"])).toEqual(["Date", "Total €", 'say "hi"']);
  });

  it("expects of a file what the script reads of the example it looks like", () => {
    const both = version(`a["Date"] b["Amount"] b["Client"]`, [{ columns: ["Date", "Unused"] }, { columns: ["Amount", "Client"] }]);
    expect(expectedOf(both, orders, ["Client", "Sum"])).toEqual(["Amount", "Client"]);
    expect(expectedOf(both, orders, ["Nothing", "Alike"])).toEqual([]);
    expect(expectedOf(both, { ...orders, extracts: [0] }, ["Client"])).toEqual(["Date"]);
  });

  it("guesses the header by what was renamed, then by the same words", () => {
    const kept = [{ alias: "a.csv", name: "salaries.csv", size: 1, modifiedAt: 0, renames: { pay: "Salary 2026" } }];
    expect(missingOf(["pay", "E-mail", "Town"], ["Salary 2026", "email", "City"])).toEqual(["pay", "E-mail", "Town"]);
    expect(guesses(["pay", "E-mail", "Town"], ["Salary 2026", "email", "City"], kept)).toEqual({ pay: "Salary 2026", "E-mail": "email" });
  });

  it("gives the runner only columns that have a header", () => {
    expect(renamesOf({ orders: { pay: "Salary", town: "" }, months: { x: "" } })).toEqual({ orders: { pay: "Salary" } });
  });
});

describe("the command for one's own machine", () => {
  it("quotes what a shell would take apart", () => {
    expect(quoted("a.csv")).toBe("a.csv");
    expect(quoted("my file $HOME.csv")).toBe("'my file $HOME.csv'");
    expect(quoted("it's")).toBe(`'it'\\''s'`);
  });

  it("holds the files, the texts and the columns as they were given", () => {
    const command = commandOf("wf_1", { fields: [orders, note], script_sha256: "ab12" }, { orders: [file("my orders.csv")] }, { note: "a; rm -rf ~" }, { orders: { pay: "Salary 2026" } });
    expect(command).toBe("spadework run-workflow wf_1 'orders=my orders.csv' --set 'note=a; rm -rf ~' --rename 'orders:pay=Salary 2026' --hash ab12 --output results");
  });

  it("allows large files more time, memory and room", () => {
    const large = { name: "big.csv", size: 250_000_000 } as File;
    expect(commandOf("wf_1", { fields: [orders], script_sha256: null }, { orders: [large] }, {}, {})).toBe(
      "spadework run-workflow wf_1 orders=big.csv --seconds 3600 --memory 4096 --output-size 500 --output results",
    );
  });

  it("has a place for a file that is not chosen yet", () => {
    expect(commandOf("wf_1", { fields: [orders], script_sha256: null }, {}, {}, {})).toBe("spadework run-workflow wf_1 orders=FILE --output results");
  });
});
