// Step 2 for *Find companies*: filters, with how many match and who they are.
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { Table2 } from "lucide-react";
import { useEffect, useState } from "react";
import { catalogQuery, matchPreviewQuery } from "../../api/queries";
import type { CompanyFilters, MatchPreview } from "../../api/types";
import { Button } from "../../shared/Button";
import { Labelled, NumberField } from "../../shared/Field";
import { classes, compactUsd, count, counted } from "../../shared/format";
import { Panel } from "../../shared/Panel";
import { EmptyState, ErrorState, SkeletonRows } from "../../shared/Placeholder";
import { Picker } from "../../shared/Picker";
import { Table } from "../../shared/Table";
import { NO_FILTERS, type Draft } from "./draft";
import styles from "./BeginWorkbook.module.css";

const SETTLE_MS = 250;

/** How many companies the filters match, asked again a moment after the last change. */
export function useMatches(draft: Draft): UseQueryResult<MatchPreview> {
  const key = JSON.stringify(draft.filters);
  const [settled, setSettled] = useState(key);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(key), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [key]);
  return useQuery({ ...matchPreviewQuery(JSON.parse(settled) as CompanyFilters), enabled: draft.leadSource === "find_companies" });
}

interface Props {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  matches: UseQueryResult<MatchPreview>;
}

export function FindCompanies({ draft, change, matches }: Props) {
  const { data: catalog } = useQuery(catalogQuery);
  if (draft.leadSource === "other") {
    return (
      <EmptyState icon={Table2} title="Nothing to configure">
        The table begins empty. Go on to add columns; rows can be typed, pasted or sent by the API afterwards.
      </EmptyState>
    );
  }
  const { filters } = draft;
  const set = (part: Partial<CompanyFilters>) => change({ filters: { ...filters, ...part } });
  const known = catalog?.filters;
  const millions = (usd: number | null) => (usd === null ? null : Math.round(usd / 1_000_000));
  const usd = (amount: number | null) => (amount === null ? null : amount * 1_000_000);
  return (
    <>
      <header className={styles.intro}>
        <h1>Find companies</h1>
        <p className="muted prose">Leave a filter empty for no limit. Within one filter any of the choices counts; different filters must all hold.</p>
      </header>
      <div className={styles.grid}>
        <Picker label="Industries" placeholder="Any industry" options={known ? [{ values: known.industries }] : []} chosen={filters.industries} onChange={(industries) => set({ industries })} takesOwn />
        <Picker
          label="Headquarters"
          placeholder="Anywhere"
          options={known ? [{ group: "US states", values: known.us_states }, { group: "Countries", values: known.countries }] : []}
          chosen={filters.locations}
          onChange={(locations) => set({ locations })}
          takesOwn
        />
        <Picker label="Size" placeholder="Any size" options={known ? [{ values: known.sizes }] : []} chosen={filters.sizes} onChange={(sizes) => set({ sizes })} />
        <Picker label="Keywords" placeholder="In the name or description" options={[]} chosen={filters.keywords} onChange={(keywords) => set({ keywords })} takesOwn />
        <Labelled label="Revenue, million US dollars" hint={revenueHint(filters)}>
          <div className={styles.range}>
            <NumberField name="Revenue from" placeholder="From" value={millions(filters.revenue_min_usd)} onChange={(amount) => set({ revenue_min_usd: usd(amount) })} />
            to
            <NumberField name="Revenue to" placeholder="To" value={millions(filters.revenue_max_usd)} onChange={(amount) => set({ revenue_max_usd: usd(amount) })} />
          </div>
        </Labelled>
        <Labelled label="Founded">
          <div className={styles.range}>
            <NumberField name="Founded from" placeholder="From" value={filters.founded_from} onChange={(founded_from) => set({ founded_from })} max={2100} />
            to
            <NumberField name="Founded to" placeholder="To" value={filters.founded_to} onChange={(founded_to) => set({ founded_to })} max={2100} />
          </div>
        </Labelled>
        <NumberField label="Take at most" suffix="companies" min={1} max={50_000} value={filters.limit} onChange={(limit) => set({ limit: limit ?? 1 })} />
      </div>
      <Matches matches={matches} filters={filters} onClear={() => change({ filters: { ...NO_FILTERS, limit: filters.limit } })} />
    </>
  );
}

function revenueHint({ revenue_min_usd: from, revenue_max_usd: to }: CompanyFilters): string | undefined {
  if (from === null && to === null) return undefined;
  if (to === null) return `At least ${compactUsd(from ?? 0)}`;
  return from === null ? `At most ${compactUsd(to)}` : `${compactUsd(from)} to ${compactUsd(to)}`;
}

function Matches({ matches, filters, onClear }: { matches: UseQueryResult<MatchPreview>; filters: CompanyFilters; onClear: () => void }) {
  const found = matches.data;
  if (matches.isError && !found) return <ErrorState size="panel" error={matches.error} doing="count the matches" onRetry={() => void matches.refetch()} />;
  if (!found) return <SkeletonRows rows={5} />;
  const taken = Math.min(found.count, filters.limit);
  return (
    <Panel
      isFlush
      className={classes(matches.isFetching && styles.stale)}
      title={
        <span className={styles.count} aria-live="polite">
          <b>{count(found.count)}</b> {found.count === 1 ? "company matches" : "companies match"}
        </span>
      }
      actions={found.count > 0 ? <span className="muted">{taken < found.count ? `the first ${count(taken)} are taken` : `all ${count(taken)} are taken`}</span> : undefined}
    >
      {found.count === 0 ? (
        <EmptyState size="panel" title="Nothing matches all of these" action={<Button onClick={onClear}>Clear the filters</Button>}>
          Take one filter away, or widen it.
        </EmptyState>
      ) : (
        <Table
          label={`A sample of ${counted(found.sample.length, "company", "companies")}`}
          rows={found.sample}
          rowKey={(company) => `${company.name}/${company.domain}`}
          columns={[
            { key: "name", heading: "Company", cell: (company) => <b style={{ fontWeight: 500 }}>{company.name}</b> },
            { key: "domain", heading: "Domain", cell: (company) => <span className="muted">{company.domain ?? "–"}</span> },
            { key: "city", heading: "City", cell: (company) => company.city ?? "–" },
            { key: "industry", heading: "Industry", cell: (company) => company.industry ?? "–" },
          ]}
        />
      )}
    </Panel>
  );
}
