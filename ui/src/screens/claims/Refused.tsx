// What a model asked for that was not done, with the reason; the rest stood.
import { useQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { claimsSummaryQuery } from "../../api/queries";
import { CodeBlock } from "../../shared/CodeBlock";
import { Panel } from "../../shared/Panel";
import { EmptyState, Loaded } from "../../shared/Placeholder";
import { Table, type TableColumn } from "../../shared/Table";
import type { Json } from "../../api/types";
import styles from "./Claims.module.css";

interface Refusal {
  kind: string;
  position: number;
  reason: string;
  given?: unknown;
  unknown_ids: string[];
}

const KINDS: Record<string, string> = { claim: "A claim", patch: "A change of the merge", route: "A route to a section", anchor: "An anchor of a pack" };

const COLUMNS: TableColumn<Refusal>[] = [
  { key: "kind", heading: "What", width: 170, cell: (refusal) => KINDS[refusal.kind] ?? refusal.kind },
  {
    key: "why",
    heading: "Why not",
    cell: (refusal) => (
      <span className={styles.refusal}>
        {refusal.reason}
        {refusal.unknown_ids.length > 0 && <code>{refusal.unknown_ids.join(", ")}</code>}
        {refusal.given !== null && refusal.given !== undefined && <CodeBlock value={refusal.given as Json} maxHeight={120} />}
      </span>
    ),
  },
];

export function Refused({ runId }: { runId: string }) {
  const query = useQuery(claimsSummaryQuery(runId));
  return (
    <Panel isFlush>
      <Loaded query={query} doing="load what was refused">
        {({ refusals }) =>
          refusals.length > 0 ? (
            <Table label="Refused" rows={refusals} columns={COLUMNS} rowKey={(refusal) => `${refusal.kind}/${refusal.position}/${refusal.reason}`} />
          ) : (
            <EmptyState size="panel" icon={ShieldCheck} title="Nothing was refused">
              Entries without a source, changes that name no known claim and other mistakes of a model show here; they never fail the rest.
            </EmptyState>
          )
        }
      </Loaded>
    </Panel>
  );
}
