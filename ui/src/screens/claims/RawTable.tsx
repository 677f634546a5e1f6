// Claims as each step's extraction gave them.
import { Quote } from "lucide-react";
import type { Claim } from "../../api/types";
import { Button } from "../../shared/Button";
import { words } from "../../shared/format";
import { SimulatedMark } from "../../shared/Marks";
import { EmptyState } from "../../shared/Placeholder";
import { Table, type TableColumn } from "../../shared/Table";
import { ConfidenceMark, TierBadge, TypeWord, UnsupportedMark } from "./ClaimMarks";
import styles from "./Claims.module.css";

interface Props {
  claims: Claim[];
  opened?: string;
  onOpen?: (claim: Claim) => void;
  onClear: () => void;
}

export function RawTable({ claims, opened, onOpen, onClear }: Props) {
  if (claims.length === 0) {
    return (
      <EmptyState size="panel" icon={Quote} title="No claim matches" action={<Button onClick={onClear}>Show all</Button>}>
        Choose other filters, or wait for a step of the run to make some.
      </EmptyState>
    );
  }
  return <Table label="Raw claims" rows={claims} columns={COLUMNS} rowKey={(claim) => claim.id} onOpen={onOpen} isSelected={(claim) => claim.claim_id === opened} />;
}

const COLUMNS: TableColumn<Claim>[] = [
  {
    key: "statement",
    heading: "Statement and quote",
    cell: (claim) => (
      <span className={styles.cell}>
        <b>{claim.statement}</b>
        {claim.quote && <small>“{claim.quote}”</small>}
        <small>
          <TypeWord type={claim.claim_type} />
          <code>{claim.claim_id}</code>
          {claim.merged_into && <span>in {claim.merged_into}</span>}
          {!claim.is_supported && <UnsupportedMark why={claim.unsupported_because} />}
          {claim.is_simulated && <SimulatedMark look="hatch" />}
        </small>
      </span>
    ),
  },
  {
    key: "source",
    heading: "Source",
    width: 190,
    cell: (claim) => (
      <span className={styles.cell}>
        {claim.source_name}
        <small>
          <TierBadge tier={claim.source_tier} />
        </small>
      </span>
    ),
  },
  { key: "confidence", heading: "Confidence", width: 110, cell: (claim) => <ConfidenceMark confidence={claim.confidence} /> },
  { key: "date", heading: "Date", width: 104, isSecondary: true, cell: (claim) => claim.date_in_claim ? <time className={styles.date}>{claim.date_in_claim}</time> : <span className="faint">–</span> },
  { key: "step", heading: "Step", width: 150, isSecondary: true, cell: (claim) => <span className="muted">{words(claim.source_step.replace(/^\d+\w?-/, ""))}</span> },
];
