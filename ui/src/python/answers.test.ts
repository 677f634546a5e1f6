// What an untrusted worker may say, and what of it reaches the page.
import { describe, expect, it } from "vitest";
import { blobsOf, extractsOf, isMasked, outcomeOf, parsed, PythonError } from "./answers";

const SCRIPT = "a = 1\nb = 2\n";
const HONEST = { success: true, log: "done\n", rows_in: 4, rows_out: 2, failure: null, failure_local: null, files: [] };

describe("a run's outcome", () => {
  it("is passed on when it is in shape, with the page's own measure of time", () => {
    expect(outcomeOf({ ...HONEST, seconds: -9 }, [], 1.5, SCRIPT)).toEqual({
      success: true, seconds: 1.5, log: "done\n", outputs: [], rows_in: 4, rows_out: 2, failure: null, failure_local: null, runner: "browser",
    });
  });

  it("loses a failure's text that is not masked, a name that is none, a line that the script does not have", () => {
    const failure = { exception: "ana@example.com", line: 9_000, message: "Ana 555" };
    expect(outcomeOf({ ...HONEST, success: false, failure }, [], 1, SCRIPT).failure).toEqual({ exception: "Exception", line: null, message: "" });
  });

  it("keeps a masked failure", () => {
    const failure = { exception: "ValueError", line: 2, message: "aaa 'Aaa ###'" };
    expect(outcomeOf({ ...HONEST, success: false, failure }, [], 1, SCRIPT).failure).toEqual(failure);
  });

  it("is no success when it says both", () => {
    expect(outcomeOf({ ...HONEST, failure: { exception: "E" } }, [], 1, SCRIPT).success).toBe(false);
  });

  it("has no counts that are not counts", () => {
    const outcome = outcomeOf({ ...HONEST, rows_in: "ten", rows_out: 1e99 }, [], 1, SCRIPT);
    expect([outcome.rows_in, outcome.rows_out]).toEqual([null, null]);
  });

  it("has a preview only when it is a table or a text", () => {
    const blobs = ["a", "b", "c"].map((name) => ({ name, blob: new Blob(["x"]) }));
    const files = [
      { name: "a", preview: { columns: ["x"], rows: [["1"]] } },
      { name: "b", preview: { columns: [{}], rows: 7 } },
      { name: "c", preview: { text: "x".repeat(100_000) } },
    ];
    const [table, none, text] = outcomeOf({ ...HONEST, files }, blobs, 1, SCRIPT).outputs.map(({ preview }) => preview);
    expect(table).toEqual({ columns: ["x"], rows: [["1"]] });
    expect(none).toBeUndefined();
    expect((text as { text: string }).text).toHaveLength(20_000);
  });
});

describe("files", () => {
  it("have names without folders and a type that no browser opens", () => {
    const [output] = blobsOf([{ name: "../../a\u0000b.html", blob: new Blob(["x"], { type: "text/html" }) }]);
    expect(output!.name).toBe(".._.._a_b.html");
    expect(output!.blob.type).toBe("application/octet-stream");
  });

  it.each([[[{ name: "x", blob: "text" }]], [{}], [Array.from({ length: 51 }, () => ({ name: "x", blob: new Blob() }))]])("in no shape are refused", (given) => {
    expect(() => blobsOf(given)).toThrow(PythonError);
  });
});

describe("an extract", () => {
  it("keeps what the contract knows and nothing else", () => {
    const extract = { filename: "a.csv", columns: ["x"], sample_rows: [["#"]], row_count: 1, kind: "table", secret: "row" };
    expect(extractsOf({ extracts: [extract] })).toEqual([{ filename: "a.csv", columns: ["x"], sample_rows: [["#"]], row_count: 1, kind: "table" }]);
  });

  it("in no shape is refused", () => {
    expect(() => extractsOf({ extracts: [{ filename: 7 }] })).toThrow(PythonError);
  });
});

it("an error keeps its kind and its sentence", () => {
  expect(() => parsed('{"error": {"code": "protected", "message": "It has a password."}}')).toThrow(
    expect.objectContaining({ code: "protected", message: "It has a password." }),
  );
  expect(() => parsed("nonsense")).toThrow(PythonError);
});

it.each([
  ["Aaa ### (a@a.a) – ␊", true],
  ["Aaa b", false],
  ["7", false],
  ["é", false],
  ["é", false],
  ["名", false],
  ["a\u200bа", false],
])("%j is masked: %s", (text, expected) => expect(isMasked(text)).toBe(expected));
