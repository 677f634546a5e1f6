import { describe, expect, it } from "vitest";
import { countRows } from "./rows";

const rows = (text: string) => countRows(new Blob([text]));

describe("counting the rows of a result", () => {
  it("counts what stands under the header, with or without a last line break", async () => {
    expect(await rows("a,b\n1,2\n3,4\n")).toBe(2);
    expect(await rows("a,b\r\n1,2\r\n3,4")).toBe(2);
    expect(await rows("\uFEFFa,b\n")).toBe(0);
    expect(await rows("")).toBe(0);
  });

  it("leaves line breaks inside quotes to their cell, also beside doubled quotes", async () => {
    expect(await rows('a,b\n"one\ntwo","say ""hi""\n"\n3,4\n')).toBe(2);
  });

  it("counts no blank lines", async () => {
    expect(await rows("a\n\n1\n\n\n2\n\n")).toBe(2);
  });
});
