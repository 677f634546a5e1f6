import { describe, expect, it } from "vitest";
import { lineDiff } from "./lineDiff";

const told = (left: string, right: string) => lineDiff(left, right).map(({ left: a, right: b, kind }) => `${kind === "same" ? "=" : "≠"} ${a ?? "·"} | ${b ?? "·"}`);

describe("two texts line by line", () => {
  it("put a changed line beside its new form", () => {
    expect(told("a\nb\nc", "a\nB\nc")).toEqual(["= a | a", "≠ b | B", "= c | c"]);
  });

  it("leave a gap where a line came or went", () => {
    expect(told("a\nc", "a\nb\nc")).toEqual(["= a | a", "≠ · | b", "= c | c"]);
    expect(told("a\nb\nc", "a\nc")).toEqual(["= a | a", "≠ b | ·", "= c | c"]);
  });

  it("find lines that stayed between changes", () => {
    expect(told("1\nx\n2\ny\n3", "1\nX\n2\nY\n3")).toEqual(["= 1 | 1", "≠ x | X", "= 2 | 2", "≠ y | Y", "= 3 | 3"]);
  });

  it("show nothing at the side where there was nothing", () => {
    expect(told("a", "")).toEqual(["≠ a | ·"]);
  });

  it("are all the same when they are equal", () => {
    expect(lineDiff("a\nb", "a\nb").every((row) => row.kind === "same")).toBe(true);
  });
});
