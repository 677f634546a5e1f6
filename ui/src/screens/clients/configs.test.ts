import { describe, expect, it } from "vitest";
import { at, fits, KINDS, problemsOf, withValue } from "./configs";

const field = (kind: keyof typeof KINDS, path: string) => KINDS[kind].fields.find((each) => each.path === path)!;

it("a change keeps whatever stands beside it, also what no field of the form names", () => {
  const before = { geography: { tier_1: ["Ohio"], tier_3: ["Utah"] }, own: 1 };
  expect(withValue(before, "geography.tier_1", ["Iowa"])).toEqual({ geography: { tier_1: ["Iowa"], tier_3: ["Utah"] }, own: 1 });
  expect(at(withValue({}, "client.name", "Larch"), "client.name")).toBe("Larch");
  expect(withValue({ seed: "x", mode: "seed" }, "seed", null)).toEqual({ mode: "seed" });
});

describe("problems", () => {
  it("name the line of a signal whose weight, tier or name cannot be used", () => {
    const signals = (row: object) => problemsOf("icp_config", { signals: [{ name: "Permit", tier: "hot", weight: 25 }, row] as never }).signals;
    expect([signals({ name: "Job", weight: 26 }), signals({ name: "Job", tier: "cold" }), signals({ tier: "hot" })]).toEqual([
      "Line 2: the weight is 0 to 25.", "Line 2: the tier is hot, warm or passive.", "Line 2 has no name.",
    ]);
    expect(signals({ name: "Job", tier: "warm", weight: 0 })).toBeUndefined();
  });

  it("ask for the company when a run is to begin with one", () => {
    expect(Object.keys(problemsOf("seed", { mode: "seed", seed: " " }))).toEqual(["seed"]);
    expect(problemsOf("seed", { mode: "discovery" })).toEqual({});
  });
});

it("a list that holds more than texts does not fit the form, which would lose it", () => {
  expect(fits([{ name: "Ana", role: "lead" }], field("industry_research", "personas"))).toBe(false);
  expect(fits(["lead"], field("industry_research", "personas"))).toBe(true);
});
