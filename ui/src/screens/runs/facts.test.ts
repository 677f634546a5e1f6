import { describe, expect, it } from "vitest";
import type { Json } from "../../api/types";
import { factsOf } from "./facts";

describe("what a step saw or gave, in words", () => {
  it("names each part and leaves out what says nothing", () => {
    expect(factsOf({ rows: 138, from_row_id: 1, to_row_id: 4000, row_ids: null, passed_over: {}, is_stopped: false })).toEqual([
      ["Rows", "138"],
      ["From row ID", "1"],
      ["To row ID", "4,000"],
      ["Is stopped", "No"],
    ]);
  });

  it("shows the beginning of a long list and how much more there is", () => {
    expect(factsOf({ row_ids: [1, 2, 3, 4, 5, 6, 7] })).toEqual([["Row ids", "1, 2, 3, 4, 5 and 2 more"]]);
  });

  it("leaves what is nested, long or no object to be shown as it is", () => {
    const values: Json[] = [null, "text", [1], {}, { passed_over: { a: 1 } }, { text: "one\ntwo" }, { text: "x".repeat(200) }];
    for (const value of values) expect(factsOf(value)).toBeNull();
  });
});
