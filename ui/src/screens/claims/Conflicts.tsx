// Contradictions side by side with which won and why, and the course of what changed over time.
import { ArrowRight, Check, CircleHelp, Scale } from "lucide-react";
import { Fragment } from "react";
import type { ClaimsMerge, MergedClaim, ResolvedObject } from "../../api/types";
import { Panel } from "../../shared/Panel";
import { EmptyState } from "../../shared/Placeholder";
import { words } from "../../shared/format";
import { ClaimCard } from "./ClaimCard";
import { plainTiers, TierBadge } from "./ClaimMarks";
import styles from "./Claims.module.css";

const ORDER = ["GOV", "PRIMARY", "NEWS", "OTHER"];

export function Conflicts({ resolved, merge }: { resolved: ResolvedObject[]; merge: ClaimsMerge }) {
  const claims = Object.fromEntries(merge.data.map((each) => [each.merged_claim_id, each]));
  if (resolved.length === 0) {
    return (
      <Panel>
        <EmptyState size="panel" icon={Scale} title={merge.stats ? "No source contradicts another" : "Not merged yet"}>
          {merge.stats ? "Nothing changed over time either." : "Contradictions are looked for when all steps that make claims are done."}
        </EmptyState>
      </Panel>
    );
  }
  return (
    <div className={styles.conflicts}>
      <p className={styles.rule}>
        Which one wins:
        {ORDER.map((tier, index) => (
          <Fragment key={tier}>
            {index > 0 && <ArrowRight size={13} aria-label="goes before" />}
            <TierBadge tier={tier} />
          </Fragment>
        ))}
        then the newer one.
      </p>
      {resolved.map((each) => (each.kind === "TIMELINE" ? <Course key={each.object_id} resolved={each} /> : <Contradiction key={each.object_id} resolved={each} claims={claims} />))}
    </div>
  );
}

function Contradiction({ resolved, claims }: { resolved: ResolvedObject; claims: Record<string, MergedClaim> }) {
  const sides = resolved.evidence_claim_ids.map((id) => claims[id]).filter((claim) => claim !== undefined);
  const won = resolved.preferred_claim_id;
  return (
    <Panel
      title={resolved.label || (resolved.kind === "AMBIGUOUS" ? "An open question" : "A contradiction")}
      hint={resolved.reason}
      actions={resolved.needs_review && <span className={styles.type}>A person should look at it</span>}
    >
      <p className={styles.why}>{plainTiers(resolved.resolution)}</p>
      <div className={styles.sides}>
        {sides.map((claim) => {
          const isWinner = claim.merged_claim_id === won;
          return (
            <section key={claim.merged_claim_id} className={styles.side} data-won={isWinner || undefined}>
              <p className={styles.verdict}>
                {isWinner ? <Check size={14} aria-hidden /> : <CircleHelp size={14} aria-hidden />}
                {isWinner ? "Preferred" : won ? "Kept, not preferred" : "Undecided"}
              </p>
              <ClaimCard claim={claim} />
            </section>
          );
        })}
      </div>
    </Panel>
  );
}

function Course({ resolved }: { resolved: ResolvedObject }) {
  return (
    <Panel title={resolved.label || "A timeline"} hint={resolved.reason}>
      <ol className={styles.course}>
        {resolved.timeline.map((each) => (
          <li key={each.merged_claim_id}>
            {each.statement}
            <small>
              <span>{each.on ?? "No date"}</span>
              <span>{words(each.status.toLowerCase())}</span>
              <code>{each.merged_claim_id}</code>
            </small>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
