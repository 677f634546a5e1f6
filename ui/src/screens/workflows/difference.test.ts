import { describe, expect, it } from "vitest";
import type { WorkflowVersion } from "../../api/workflowTypes";
import { differenceOf } from "./difference";

const version = (script: string, outputFilename = "out.csv"): WorkflowVersion =>
  ({ execution: { engine: "pyodide", dependencies: [], outputFilename, script }, fields: [] }) as unknown as WorkflowVersion;

describe("the difference of two scripts", () => {
  it("numbers each side by its own lines", () => {
    const { lines, changed } = differenceOf(version("a\nb\nc\n"), version("a\nx\nc\nd\n"));
    expect(lines.map((line) => [line.kind, line.left_no, line.right_no])).toEqual([
      ["same", 1, 1],
      ["changed", 2, 2],
      ["same", 3, 3],
      ["added", null, 4],
    ]);
    expect(changed).toBe(2);
  });

  it("tells what the version makes only where that changed", () => {
    expect(differenceOf(version("a"), version("a")).settings).toEqual([]);
    expect(differenceOf(version("a"), version("a", "sum.csv")).settings).toEqual([{ name: "makes", left: "out.csv", right: "sum.csv" }]);
  });
});
