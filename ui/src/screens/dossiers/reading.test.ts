import { describe, expect, it } from "vitest";
import type { DossierSentence, FullDossier, MergedClaim, ResolvedObject } from "../../api/types";
import { disputesOf, paragraphs, quotesBySource, referencesOf, sourceNumbers } from "./reading";

const sentence = (...claim_ids: string[]): DossierSentence => ({ path: "x", text: "It costs $148 million.", claim_ids, status: "supported", problem: null });
const conflict = (preferred: string | null): ResolvedObject => ({
  object_id: "CONFLICT_001", kind: "CONFLICT", label: "Cost", evidence_claim_ids: ["MERGED_001", "MERGED_020"], confidence: "LOW",
  resolution: "GOV goes before NEWS.", reason: "", preferred_claim_id: preferred, needs_review: true, timeline: [],
});
const said = (statement: string) => ({ statement, sources: [] }) as unknown as MergedClaim;
const CLAIMS = { MERGED_001: said("It costs $148 million."), MERGED_020: said("It costs $151,300,000.") };
const claim = (...sources: [string, string][]) =>
  ({ sources: sources.map(([url, quote]) => ({ url, quote, is_supported: true, name: url, tier: "NEWS" })) }) as unknown as MergedClaim;

describe("paragraphs", () => {
  it("follow the blank lines of the text, and keep a sentence that is not found in it", () => {
    const [one, two, three, lost] = ["It was founded in 2009.", "It is in Macon.", "Revenue rose.", "Not there."].map((text) => ({ text }));
    expect(paragraphs("It was founded in 2009. It is in Macon.\n\nRevenue rose.", [one!, two!, three!, lost!])).toEqual([[one, two], [three], [lost]]);
  });

  it("place a sentence that is said twice in both of its paragraphs", () => {
    const twice = [{ text: "It grows." }, { text: "It grows." }];
    expect(paragraphs("It grows.\n\nIt grows.", twice)).toEqual([[twice[0]], [twice[1]]]);
  });
});

describe("a sentence", () => {
  it("is disputed when its claim lost, or when nothing decided, and not when it cites the winner", () => {
    expect(disputesOf(sentence("MERGED_001"), [conflict("MERGED_020")], CLAIMS)).toHaveLength(1);
    expect(disputesOf(sentence("MERGED_001"), [conflict(null)], CLAIMS)).toHaveLength(1);
    expect(disputesOf(sentence("MERGED_020"), [conflict("MERGED_020")], CLAIMS)).toHaveLength(0);
    expect(disputesOf(sentence("MERGED_001", "MERGED_020"), [conflict("MERGED_020")], CLAIMS)).toHaveLength(0);
  });

  it("is not disputed when it repeats nothing of the number in question", () => {
    expect(disputesOf({ ...sentence("MERGED_001"), text: "It builds in Pooler." }, [conflict("MERGED_020")], CLAIMS)).toHaveLength(0);
  });

  it("is disputed whatever it says when the claims contradict each other in words", () => {
    const claims = { MERGED_001: said("Ana leads it."), MERGED_020: said("Ben leads it.") };
    expect(disputesOf({ ...sentence("MERGED_001"), text: "Ana is in charge." }, [conflict("MERGED_020")], claims)).toHaveLength(1);
  });

  it("leads to the numbers of its sources, each once and lowest first", () => {
    const dossier = { sources: [{ url: "https://a.example" }, { url: "https://b.example" }] } as unknown as FullDossier;
    const claims = { MERGED_001: claim(["https://b.example", "q"], ["https://a.example", "q"]), MERGED_002: claim(["https://b.example", "r"]) };
    expect(referencesOf(sentence("MERGED_001", "MERGED_002", "MERGED_404"), claims, sourceNumbers(dossier))).toEqual([1, 2]);
  });
});

it("a source's quotes leave out those that stand within a longer one", () => {
  const dossier = {
    sections: [{ claim_ids: ["MERGED_001", "MERGED_002"] }],
    claims: { MERGED_001: claim(["https://a.example", "builds a store"]), MERGED_002: claim(["https://a.example", "It builds a store in Pooler"]) },
  } as unknown as FullDossier;
  expect(quotesBySource(dossier).get("https://a.example")).toEqual(["It builds a store in Pooler"]);
});
