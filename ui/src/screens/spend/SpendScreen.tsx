// What everything cost, for a client or for the whole account: totals, days, sources, budgets, and calls whose fate is unknown.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Coins } from "lucide-react";
import { budgetsQuery, clientQuery, spendQuery, workbooksQuery } from "../../api/queries";
import type { Spend } from "../../api/types";
import { useCrumbs } from "../../frame/crumbs";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { lastClient } from "../../frame/session";
import { useUrlState } from "../../frame/urlState";
import { count, money } from "../../shared/format";
import { Money } from "../../shared/Money";
import { Figure, Figures, Page, Panel } from "../../shared/Panel";
import { EmptyState, Loaded, SkeletonRows } from "../../shared/Placeholder";
import { SPEND_COLUMNS } from "../../shared/Source";
import { Table } from "../../shared/Table";
import { Segments } from "../../shared/Tabs";
import { Budgets } from "./Budgets";
import { everyDay, lastDays, type Period } from "./period";
import { SpendChart } from "./SpendChart";
import { UnknownCalls } from "./UnknownCalls";

const PERIODS = [7, 30, 90].map((days) => ({ value: String(days), label: `${days} days` }));

export function SpendScreen() {
  const { clientId } = useParams({ strict: false }) as { clientId?: string };
  const [days, setDays] = useUrlState("days", "30");
  const period = lastDays(Number(days) || 30);
  const client = useQuery({ ...clientQuery(clientId ?? ""), enabled: Boolean(clientId) });
  const query = useQuery(spendQuery(clientId, period.from, period.to));
  const go = useGo();
  const home = clientId ?? lastClient();
  useCrumbs(clientId ? [{ label: client.data?.name ?? "…", to: paths.workbooks(clientId) }, { label: "Spend" }] : [{ label: "Spend" }]);
  return (
    <Page
      title="Spend"
      subtitle={clientId ? `What work for ${client.data?.name ?? "this client"} cost.` : "What all clients’ work cost."}
      actions={
        <>
          {home && (
            <Segments
              name="Whose spend"
              value={clientId ? "client" : "account"}
              options={[
                { value: "client", label: "This client" },
                { value: "account", label: "All clients" },
              ]}
              onChange={(whose) => go(paths.spend(whose === "client" ? home : undefined))}
            />
          )}
          <Segments name="Period" value={days} options={PERIODS} onChange={setDays} />
        </>
      }
    >
      <Loaded query={query} doing="load the spend" skeleton={<SkeletonRows rows={8} />}>
        {(spend) => <Report spend={spend} clientId={clientId} period={period} />}
      </Loaded>
    </Page>
  );
}

function Report({ spend, clientId, period }: { spend: Spend; clientId?: string; period: Period }) {
  const calls = spend.by_provider.reduce((sum, line) => sum + line.calls, 0);
  const budgets = useQuery(budgetsQuery);
  const workbooks = useQuery({ ...workbooksQuery(clientId ?? ""), enabled: Boolean(clientId) });
  const go = useGo();
  return (
    <>
      <Figures>
        <Figure name="Spent" value={money(spend.settled_micro_usd)} note="settled with the sources" />
        <Figure name="Reserved" value={money(spend.reserved_micro_usd)} note="set aside for calls under way" />
        <Figure name="Calls" value={count(calls)} note={`${count(spend.by_provider.filter((line) => line.is_simulated).reduce((sum, line) => sum + line.calls, 0))} simulated`} />
        <Figure name="Unknown" value={count(spend.unknown.length)} note={spend.unknown.length ? "need your decision" : "every paid call is accounted for"} />
      </Figures>
      {spend.unknown.length > 0 && <UnknownCalls calls={spend.unknown} clientId={clientId} />}
      <Panel title="By day">
        {spend.by_day.some((day) => day.settled_micro_usd > 0) ? (
          <SpendChart days={everyDay(spend.by_day, period)} />
        ) : (
          <EmptyState icon={Coins} size="panel" title="Nothing spent in this period">
            Local and simulated sources are free. Once a paid source is called, each day shows here.
          </EmptyState>
        )}
      </Panel>
      <Panel title="By source" isFlush>
        {spend.by_provider.length > 0 ? (
          <Table
            label="Spend by source"
            rows={spend.by_provider}
            columns={SPEND_COLUMNS}
            rowKey={(line) => `${line.provider}/${line.capability}/${line.is_simulated}`}
            footer={
              <tr>
                <td colSpan={2}>Total</td>
                <td style={{ textAlign: "right" }}>{count(calls)}</td>
                <td style={{ textAlign: "right" }}>{money(spend.reserved_micro_usd)}</td>
                <td style={{ textAlign: "right" }}>{money(spend.settled_micro_usd)}</td>
              </tr>
            }
          />
        ) : (
          <EmptyState size="panel" title="No source has been asked yet" />
        )}
      </Panel>
      {!clientId && spend.by_client.length > 0 && (
        <Panel title="By client" isFlush>
          <Table label="Spend by client" rows={spend.by_client} rowKey={(line) => line.client_id ?? "none"} onOpen={(line) => line.client_id && go(paths.spend(line.client_id))}
            columns={[
              { key: "name", heading: "Client", cell: (line) => <b style={{ fontWeight: 500 }}>{line.name ?? "Without a client"}</b> },
              { key: "spent", heading: "Spent", isNumeric: true, width: 120, cell: (line) => <Money microUsd={line.settled_micro_usd} /> },
            ]}
          />
        </Panel>
      )}
      <Budgets query={budgets} clientId={clientId} workbooks={workbooks.data?.data} />
    </>
  );
}
