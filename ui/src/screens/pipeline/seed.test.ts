import { describe, expect, it } from "vitest";
import { seedOfFields, seedOfJson, valueOf } from "./seed";

describe("a seed as text", () => {
  it("holds only what was typed", () => {
    expect(seedOfFields(" Acme Example ", "")).toEqual({ seed: { company: "Acme Example" } });
    expect(seedOfFields("", "  ")).toEqual({ seed: {} });
  });
});

describe("a seed as JSON", () => {
  it("is an object, or nothing for an open search", () => {
    expect(seedOfJson('{"company": "Acme"}')).toEqual({ seed: { company: "Acme" } });
    expect(seedOfJson("  ")).toEqual({ seed: {} });
  });

  it.each(["[1]", '"Acme"', "null"])("is refused when it is %s", (text) => {
    expect(seedOfJson(text).problem).toMatch(/object/);
  });

  it("that is broken says so", () => {
    expect(seedOfJson('{"company": ').problem).toMatch(/not JSON yet/);
  });
});

describe("a variable typed over", () => {
  it("stays text when it was text, even when it looks like JSON", () => {
    expect(valueOf("12", true)).toEqual({ value: "12" });
  });

  it("must be JSON when it was not text", () => {
    expect(valueOf("[1, 2]", false)).toEqual({ value: [1, 2] });
    expect(valueOf("[1,", false).problem).toMatch(/not JSON yet/);
  });
});
