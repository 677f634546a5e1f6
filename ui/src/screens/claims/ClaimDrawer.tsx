// One claim whole: a merged one with the originals it came from, a raw one with its quote in the page.
import type { Claim, ClaimsMerge } from "../../api/types";
import { Button } from "../../shared/Button";
import { Drawer } from "../../shared/Dialog";
import { words } from "../../shared/format";
import { SimulatedMark } from "../../shared/Marks";
import { Facts } from "../../shared/Panel";
import { EmptyState } from "../../shared/Placeholder";
import { Timestamp } from "../../shared/Time";
import { ClaimCard } from "./ClaimCard";
import { ConfidenceMark, plainTiers, SECTION_NAMES, TypeWord, UnsupportedMark } from "./ClaimMarks";
import { SourceQuote } from "./SourceQuote";
import styles from "./Claims.module.css";

interface Props {
  /** `MERGED_001` or `search_001`. */
  name: string | null;
  merge: ClaimsMerge;
  onClose: () => void;
  onOpen: (name: string) => void;
}

export function ClaimDrawer({ name, merge, onClose, onOpen }: Props) {
  return (
    <Drawer isOpen={name !== null} onClose={onClose} width="var(--detail)" title={name?.startsWith("MERGED_") ? "Merged claim" : "Raw claim"} subtitle={merge.is_simulated && <SimulatedMark />} keepsFocus>
      {name && <Content name={name} merge={merge} onOpen={onOpen} />}
    </Drawer>
  );
}

function Content({ name, merge, onOpen }: { name: string; merge: ClaimsMerge; onOpen: (name: string) => void }) {
  const merged = merge.data.find((each) => each.merged_claim_id === name);
  if (merged) {
    const others = Object.fromEntries(merge.data.map((each) => [each.merged_claim_id, each]));
    return (
      <div className={styles.drawer}>
        <ClaimCard claim={merged} resolved={merge.resolved} others={others} />
        <Facts
          facts={[
            ["About", merged.entities.join(", ") || "–"],
            ["Date", merged.date_in_claim ?? "–"],
            ["Goes to", merged.sections.map((key) => SECTION_NAMES[key]).join(", ") || merge.unmapped[name] || "No section"],
            ["Merged as", words(merged.reconciliation_type.toLowerCase())],
            ...(merged.notes.length > 0 ? ([["Notes", plainTiers(merged.notes.join(" "))]] as [string, string][]) : []),
          ]}
        />
        <div>
          <h3>{merged.original_claim_ids.length === 1 ? "Its origin" : `Its ${merged.original_claim_ids.length} origins`}</h3>
          {merged.original_claim_ids.map((id) => (
            <Origin key={id} id={id} claim={merge.originals[id]} onOpen={onOpen} />
          ))}
        </div>
      </div>
    );
  }
  const raw = merge.originals[name];
  if (raw) return <Raw claim={raw} onOpen={onOpen} />;
  return <EmptyState size="panel" title="No such claim in this run" />;
}

function Origin({ id, claim, onOpen }: { id: string; claim: Claim | undefined; onOpen: (name: string) => void }) {
  return (
    <div className={styles.origin}>
      <p>{claim?.statement ?? "This claim is no longer stored."}</p>
      <small>
        <button type="button" className="link" onClick={() => onOpen(id)}>
          {id}
        </button>
        {claim && <span>{words(claim.source_step.replace(/^\d+\w?-/, ""))}</span>}
        {claim && <span>{claim.source_name}</span>}
        {claim && <ConfidenceMark confidence={claim.confidence} />}
      </small>
    </div>
  );
}

function Raw({ claim, onOpen }: { claim: Claim; onOpen: (name: string) => void }) {
  return (
    <div className={styles.drawer}>
      <div className={styles.card}>
        <header>
          <code className={styles.id}>{claim.claim_id}</code>
          <TypeWord type={claim.claim_type} />
          <ConfidenceMark confidence={claim.confidence} />
          {!claim.is_supported && <UnsupportedMark why={claim.unsupported_because} />}
        </header>
        <p className={styles.statement}>{claim.statement}</p>
        {claim.unsupported_because && <p className={styles.against}>{claim.unsupported_because}</p>}
        <SourceQuote
          source={{ url: claim.source_url, name: claim.source_name, tier: claim.source_tier, quote: claim.quote, source_id: claim.source_id, start: claim.quote_start, end: claim.quote_end, is_supported: claim.is_supported }}
        />
      </div>
      <Facts
        facts={[
          ["About", claim.entities.join(", ") || "–"],
          ["Date", claim.date_in_claim ?? "–"],
          ["Step", words(claim.source_step.replace(/^\d+\w?-/, ""))],
          ["Filled in", claim.defaulted.length ? `${claim.defaulted.map(words).join(", ")}: left out by the model` : "Nothing"],
          ["Taken", <Timestamp key="taken" at={claim.created_at} />],
        ]}
      />
      {claim.merged_into && (
        <p>
          <Button size="small" onClick={() => onOpen(claim.merged_into!)}>
            Open {claim.merged_into}
          </Button>
        </p>
      )}
    </div>
  );
}
