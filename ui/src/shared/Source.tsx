// What a source is called, and what it is asked for: by the catalogue, or by its key while that is not there.
import { useQuery } from "@tanstack/react-query";
import { catalogQuery } from "../api/queries";
import type { ProviderSpend } from "../api/types";
import { count, words } from "./format";
import { SimulatedMark } from "./Marks";
import { Money } from "./Money";
import type { TableColumn } from "./Table";
import styles from "./Source.module.css";

export interface SourceNames {
  source: (provider: string) => string;
  /** "Find work e-mail" of `find_email`. */
  task: (provider: string, capability: string) => string;
}

export function useSourceNames(): SourceNames {
  const { data } = useQuery(catalogQuery);
  const find = (provider: string) => data?.providers.find((each) => each.key === provider);
  return {
    source: (provider) => find(provider)?.label ?? data?.llms.find((each) => each.key === provider)?.label ?? words(provider),
    task: (provider, capability) => find(provider)?.capabilities.find((each) => each.key === capability)?.label ?? (capability === "complete" ? "Answer a prompt" : words(capability)),
  };
}

export function SourceName({ provider, isSimulated }: { provider: string; isSimulated?: boolean }) {
  const { source } = useSourceNames();
  return (
    <span className={styles.name}>
      <b>{source(provider)}</b>
      {isSimulated && <SimulatedMark />}
    </span>
  );
}

export function TaskName({ provider, capability }: { provider: string; capability: string }) {
  return <span className="muted">{useSourceNames().task(provider, capability)}</span>;
}

/** Spend by source, as a table shows it. */
export const SPEND_COLUMNS: TableColumn<ProviderSpend>[] = [
  { key: "provider", heading: "Source", cell: (line) => <SourceName provider={line.provider} isSimulated={line.is_simulated} /> },
  { key: "capability", heading: "What for", cell: (line) => <TaskName provider={line.provider} capability={line.capability} /> },
  { key: "calls", heading: "Calls", isNumeric: true, width: 110, cell: (line) => count(line.calls) },
  { key: "reserved", heading: "Reserved", isNumeric: true, width: 120, cell: (line) => <Money microUsd={line.reserved_micro_usd} /> },
  { key: "settled", heading: "Spent", isNumeric: true, width: 120, cell: (line) => <Money microUsd={line.settled_micro_usd} /> },
];
