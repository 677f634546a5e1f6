// Claims after the merge: what they say, how well they are sourced, and where they go.
import { Merge } from "lucide-react";
import type { ClaimsMerge, MergedClaim } from "../../api/types";
import { Button } from "../../shared/Button";
import { counted } from "../../shared/format";
import { EmptyState } from "../../shared/Placeholder";
import { Table, type TableColumn } from "../../shared/Table";
import { ConfidenceMark, SECTION_NAMES, TierBadge, TypeWord, UnsupportedMark } from "./ClaimMarks";
import styles from "./Claims.module.css";

interface Props {
  claims: MergedClaim[];
  merge: ClaimsMerge;
  opened: string;
  onOpen: (name: string) => void;
  onClear: () => void;
}

export function MergedTable({ claims, merge, opened, onOpen, onClear }: Props) {
  if (claims.length > 0) {
    return <Table label="Merged claims" rows={claims} columns={columns(merge)} rowKey={(claim) => claim.id} onOpen={(claim) => onOpen(claim.merged_claim_id)} isSelected={(claim) => claim.merged_claim_id === opened} />;
  }
  if (merge.data.length > 0) {
    return (
      <EmptyState size="panel" title="No merged claim matches" action={<Button onClick={onClear}>Show all</Button>}>
        Choose other filters.
      </EmptyState>
    );
  }
  return (
    <EmptyState size="panel" icon={Merge} title="Not merged yet">
      Claims are merged once, when all steps that make them are done. Until then they stand under Raw.
    </EmptyState>
  );
}

const bestFirst = ["GOV", "PRIMARY", "NEWS", "OTHER"];

function columns(merge: ClaimsMerge): TableColumn<MergedClaim>[] {
  return [
    {
      key: "statement",
      heading: "Statement",
      cell: (claim) => (
        <span className={styles.cell}>
          <b className={styles.statement} data-invalid={claim.invalid_because !== null || undefined}>
            {claim.statement}
          </b>
          <small>
            <TypeWord type={claim.claim_type} />
            <code>{claim.merged_claim_id}</code>
            {claim.reconciliation_type === "CONFLICT" && <span>contradicted</span>}
            {claim.reconciliation_type === "TIMELINE" && <span>part of a timeline</span>}
            {!claim.is_supported && <UnsupportedMark />}
          </small>
        </span>
      ),
    },
    {
      key: "sources",
      heading: "Sources",
      width: 170,
      cell: (claim) => (
        <span className={styles.cell}>
          {[...new Set(claim.sources.map((source) => source.tier))]
            .sort((a, b) => bestFirst.indexOf(a) - bestFirst.indexOf(b))
            .map((tier) => (
              <span key={tier}>
                <TierBadge tier={tier} />{" "}
              </span>
            ))}
          {claim.original_claim_ids.length > 1 && <small>{counted(claim.original_claim_ids.length, "origin")}</small>}
        </span>
      ),
    },
    { key: "confidence", heading: "Confidence", width: 110, cell: (claim) => <ConfidenceMark confidence={claim.confidence} /> },
    { key: "date", heading: "Date", width: 104, isSecondary: true, cell: (claim) => claim.date_in_claim ? <time className={styles.date}>{claim.date_in_claim}</time> : <span className="faint">–</span> },
    {
      key: "sections",
      heading: "Goes to",
      width: 190,
      isSecondary: true,
      cell: (claim) => {
        const why = merge.unmapped[claim.merged_claim_id];
        if (claim.sections.length > 0) return <span className="muted">{claim.sections.map((key) => SECTION_NAMES[key]).join(", ")}</span>;
        return <span className="faint">{why ? `Left out: ${why}` : "Not routed"}</span>;
      },
    },
  ];
}
