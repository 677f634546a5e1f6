// Who the work is for: choose a client or add one.
import { useQuery } from "@tanstack/react-query";
import { Building2, Plus } from "lucide-react";
import { useState } from "react";
import { clientsQuery, researchClientsQuery } from "../../api/queries";
import type { Client, ResearchClient } from "../../api/types";
import { useCrumbs } from "../../frame/crumbs";
import { LinkTo, useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { Initial } from "../../frame/Rail";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { SearchField } from "../../shared/Field";
import { count } from "../../shared/format";
import { Money } from "../../shared/Money";
import { Page, Panel } from "../../shared/Panel";
import { EmptyState, Loaded } from "../../shared/Placeholder";
import { StateBadge } from "../../shared/StateBadge";
import { Table, type TableColumn } from "../../shared/Table";
import { Timestamp } from "../../shared/Time";
import { BudgetBar } from "../spend/BudgetBar";
import { NewClient } from "./NewClient";
import styles from "./Clients.module.css";

/** Whether research has what it needs of a client, with the way to its brief. */
function researchColumn(known: Map<string, ResearchClient["status"]>): TableColumn<Client> {
  return {
    key: "research",
    heading: "Research",
    width: 140,
    cell: (client) => (
      <LinkTo to={paths.client(client.id)}>
        <StateBadge state={known.get(client.id) ?? "onboarding"} look="plain" />
      </LinkTo>
    ),
  };
}

const COLUMNS: TableColumn<Client>[] = [
  {
    key: "name",
    heading: "Client",
    cell: (client) => (
      <span className={styles.name}>
        <Initial name={client.name} />
        <span>
          <b>{client.name}</b>
          {client.domain && <small>{client.domain}</small>}
        </span>
      </span>
    ),
  },
  { key: "workbooks", heading: "Workbooks", isNumeric: true, width: 110, cell: (client) => (client.workbook_count === undefined ? "–" : count(client.workbook_count)) },
  { key: "spent", heading: "Spent", isNumeric: true, width: 110, cell: (client) => <Money microUsd={client.spent_micro_usd} /> },
  { key: "budget", heading: "Budget", width: 220, cell: (client) => (client.budget ? <BudgetBar budget={client.budget} /> : <span className="faint">None set</span>) },
  { key: "created", heading: "Added", width: 110, isSecondary: true, cell: (client) => <Timestamp at={client.created_at} look="day" className="muted" /> },
];

export function Clients() {
  useCrumbs([{ label: "Clients" }]);
  const [isAdding, setIsAdding] = useState(false);
  const [search, setSearch] = useState("");
  const query = useQuery(clientsQuery);
  const research = useQuery(researchClientsQuery);
  const columns = [COLUMNS[0]!, researchColumn(new Map(research.data?.data.map((each) => [each.id, each.status]))), ...COLUMNS.slice(1)];
  const go = useGo();
  const mayWrite = useMay("clients.write");
  const add = mayWrite && (
    <Button look="primary" icon={Plus} onClick={() => setIsAdding(true)}>
      Add client
    </Button>
  );
  return (
    <Page title="Clients" subtitle="Workbooks, budgets and spend are kept apart per client." actions={query.data?.data.length ? add : undefined}>
      <Loaded query={query} doing="load the clients">
        {({ data }) => {
          if (data.length === 0) {
            return (
              <Panel>
                <EmptyState icon={Building2} title="Who is the work for?" action={add}>
                  A client holds workbooks, a budget and a default language model. If you work for yourself, add your own company.
                </EmptyState>
              </Panel>
            );
          }
          const wanted = search.toLowerCase();
          const shown = data.filter((client) => `${client.name} ${client.domain ?? ""}`.toLowerCase().includes(wanted));
          return (
            <>
              {data.length > 8 && <SearchField name="Search clients" placeholder="Search clients" value={search} onChange={setSearch} />}
              <Panel isFlush>
                <Table label="Clients" rows={shown} columns={columns} rowKey={(client) => client.id} onOpen={(client) => go(paths.workbooks(client.id))} />
                {shown.length === 0 && <EmptyState size="panel" title={`No client is called “${search}”`} />}
              </Panel>
            </>
          );
        }}
      </Loaded>
      <NewClient isOpen={isAdding} onClose={() => setIsAdding(false)} />
    </Page>
  );
}
