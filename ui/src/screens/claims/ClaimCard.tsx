// One merged claim with all its sources, and what speaks against it.
import { GitCompareArrows, History } from "lucide-react";
import type { MergedClaim, ResolvedObject } from "../../api/types";
import { ConfidenceMark, plainTiers, TypeWord, UnsupportedMark } from "./ClaimMarks";
import { SourceQuote } from "./SourceQuote";
import styles from "./Claims.module.css";

interface Props {
  claim: MergedClaim;
  resolved?: ResolvedObject[];
  others?: Record<string, MergedClaim>;
}

export function ClaimCard({ claim, resolved = [], others = {} }: Props) {
  const about = resolved.filter((each) => each.evidence_claim_ids.includes(claim.merged_claim_id));
  return (
    <article className={styles.card}>
      <header>
        <code className={styles.id}>{claim.merged_claim_id}</code>
        <TypeWord type={claim.claim_type} />
        <ConfidenceMark confidence={claim.confidence} />
        {!claim.is_supported && <UnsupportedMark />}
      </header>
      <p className={styles.statement} data-invalid={claim.invalid_because !== null || undefined}>
        {claim.statement}
      </p>
      {claim.invalid_because && <p className={styles.against}>No longer believed: {claim.invalid_because}</p>}
      {about.map((each) => (
        <Resolution key={each.object_id} resolved={each} claim={claim} others={others} />
      ))}
      {distinct(claim).map((source) => (
        <SourceQuote key={`${source.original_claim_id}/${source.url}`} source={source} />
      ))}
    </article>
  );
}

/** Says that another claim contradicts this one, or that it changed over time. */
function Resolution({ resolved, claim, others }: { resolved: ResolvedObject; claim: MergedClaim; others: Record<string, MergedClaim> }) {
  if (resolved.kind === "CONFLICT") {
    const isPreferred = resolved.preferred_claim_id === claim.merged_claim_id;
    const against = resolved.evidence_claim_ids.filter((id) => id !== claim.merged_claim_id);
    return (
      <div className={styles.against} data-preferred={isPreferred || undefined}>
        <GitCompareArrows size={14} aria-hidden />
        <span>
          <b>{isPreferred ? "Goes before another source." : resolved.preferred_claim_id ? "Another source says otherwise." : "Sources disagree."}</b>{" "}
          {against.map((id) => others[id]?.statement ?? id).join(" ")} {plainTiers(resolved.resolution)}
        </span>
      </div>
    );
  }
  if (resolved.kind === "TIMELINE") {
    const own = resolved.timeline.find((each) => each.merged_claim_id === claim.merged_claim_id);
    const last = resolved.timeline.at(-1);
    if (!own || own === last) return null;
    return (
      <div className={styles.against}>
        <History size={14} aria-hidden />
        <span>
          <b>Changed since.</b> {last?.statement}
        </span>
      </div>
    );
  }
  return null;
}

/** Two claims of one page often quote the same words; they are shown once. */
function distinct(claim: MergedClaim): MergedClaim["sources"] {
  const kept: MergedClaim["sources"] = [];
  const byLength = [...claim.sources].sort((a, b) => b.quote.length - a.quote.length);
  for (const source of byLength) {
    if (!kept.some((each) => each.url === source.url && each.quote.includes(source.quote))) kept.push(source);
  }
  return claim.sources.filter((each) => kept.includes(each));
}
