import { expect, it } from "vitest";
import type { Claim, MergedClaim } from "../../api/types";
import { matchesMerged, matchesRaw, type ClaimChoice } from "./filters";

const ANY: ClaimChoice = { type: "", tier: "", confidence: "", section: "", step: "", support: "", search: "" };
const raw = {
  claim_type: "SIGNAL", source_tier: "NEWS", confidence: "LOW", source_step: "2-signal-discovery", is_supported: true, merged_into: "MERGED_001",
  statement: "It builds in Pooler", source_name: "Savannah Ledger", entities: ["Kestrel"],
} as unknown as Claim;
const merged = {
  claim_type: "SIGNAL", confidence: "HIGH", original_claim_ids: ["search_001"], sections: ["INTRO"], is_supported: true, statement: "It builds in Pooler",
  entities: [], sources: [{ tier: "NEWS", name: "Savannah Ledger" }, { tier: "GOV", name: "County" }],
} as unknown as MergedClaim;

it("a raw claim is found by the section its merged claim goes to", () => {
  const sections = new Map([["MERGED_001", ["INTRO"]]]);
  expect([matchesRaw(raw, { ...ANY, section: "INTRO" }, sections), matchesRaw(raw, { ...ANY, section: "STRATEGY" }, sections)]).toEqual([true, false]);
});

it("a merged claim is found by the tier of any of its sources and the step of any of its origins", () => {
  expect(matchesMerged(merged, { ...ANY, tier: "GOV", step: "2-signal-discovery" }, { search_001: raw })).toBe(true);
  expect(matchesMerged(merged, { ...ANY, tier: "OTHER" }, { search_001: raw })).toBe(false);
  expect(matchesMerged(merged, { ...ANY, step: "5a-enrich-lead" }, { search_001: raw })).toBe(false);
});

it("words are looked for in the statement, the source and whom it is about, in any case", () => {
  expect(["POOLER", "ledger", "kestrel", "macon"].map((search) => matchesRaw(raw, { ...ANY, search }, new Map()))).toEqual([true, true, true, false]);
});
