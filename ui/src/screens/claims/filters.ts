// Which claims are shown: a run's are filtered here, where all of them are; those of every run by the server.
import type { Claim, MergedClaim } from "../../api/types";

export interface ClaimChoice {
  type: string;
  tier: string;
  confidence: string;
  section: string;
  step: string;
  support: string;
  search: string;
}

export function matchesRaw(claim: Claim, choice: ClaimChoice, sections: ReadonlyMap<string, readonly string[]>): boolean {
  return (
    (!choice.type || claim.claim_type === choice.type) &&
    (!choice.tier || claim.source_tier === choice.tier) &&
    (!choice.confidence || claim.confidence === choice.confidence) &&
    (!choice.step || claim.source_step === choice.step) &&
    (!choice.support || claim.is_supported === (choice.support === "yes")) &&
    (!choice.section || (sections.get(claim.merged_into ?? "") ?? []).includes(choice.section)) &&
    says(choice.search, claim.statement, claim.source_name, ...claim.entities)
  );
}

export function matchesMerged(claim: MergedClaim, choice: ClaimChoice, originals: Record<string, Claim>): boolean {
  return (
    (!choice.type || claim.claim_type === choice.type) &&
    (!choice.tier || claim.sources.some((source) => source.tier === choice.tier)) &&
    (!choice.confidence || claim.confidence === choice.confidence) &&
    (!choice.step || claim.original_claim_ids.some((id) => originals[id]?.source_step === choice.step)) &&
    (!choice.support || claim.is_supported === (choice.support === "yes")) &&
    (!choice.section || claim.sections.includes(choice.section)) &&
    says(choice.search, claim.statement, ...claim.entities, ...claim.sources.map((source) => source.name))
  );
}

function says(wanted: string, ...texts: string[]): boolean {
  const word = wanted.trim().toLowerCase();
  return !word || texts.some((text) => text.toLowerCase().includes(word));
}
