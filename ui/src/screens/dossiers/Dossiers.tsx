// All dossiers of a client, or of every client: how good, how urgent, how far; live.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { FileText, Layers, Workflow } from "lucide-react";
import { clientQuery, clientsQuery, dossiersQuery } from "../../api/queries";
import type { Dossier } from "../../api/types";
import { useCrumbs } from "../../frame/crumbs";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { Initial } from "../../frame/Rail";
import { useMay } from "../../frame/session";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { SearchField, SelectField } from "../../shared/Field";
import { SimulatedMark } from "../../shared/Marks";
import { Page, Panel } from "../../shared/Panel";
import { EmptyState, Loaded } from "../../shared/Placeholder";
import { StateBadge } from "../../shared/StateBadge";
import { lookOf } from "../../shared/states";
import { Table, type TableColumn } from "../../shared/Table";
import { Ago, Timestamp } from "../../shared/Time";
import { ScoreBar, UrgencyBadge } from "./Score";
import { useAnyRunNews } from "./useRunNews";
import styles from "./Dossiers.module.css";

const STATES = ["skeleton", "enriching", "ready", "archived", "superseded"].map((value) => ({ value, label: lookOf(value).word }));
const WRITTEN = 6;

export function Dossiers() {
  const { clientId } = useParams({ from: "/inside/c/$clientId/dossiers" });
  const [state, setState] = useUrlState("state");
  const [search, setSearch] = useUrlState("search");
  const [of, setOf] = useUrlState("of");
  const isAll = of === "all";
  const client = useQuery(clientQuery(clientId));
  const clients = useQuery(clientsQuery);
  const query = useQuery(dossiersQuery({ client_id: isAll ? undefined : clientId, status: state, search }));
  useAnyRunNews("dossiers");
  const go = useGo();
  const mayStart = useMay("runs.start");
  useCrumbs([{ label: client.data?.name ?? "…", to: paths.workbooks(clientId) }, { label: "Dossiers" }]);
  const names = new Map(clients.data?.data.map((each) => [each.id, each.name]));
  const clear = () => {
    setState("");
    setSearch("");
  };
  const begin = (
    <>
      <Button icon={Layers} onClick={() => go(paths.batches(clientId))}>
        {mayStart ? "Make many" : "Batches"}
      </Button>
      {mayStart && (
        <Button look="primary" icon={Workflow} onClick={() => go(paths.pipeline(clientId))}>
          Make a dossier
        </Button>
      )}
    </>
  );
  return (
    <Page
      title="Dossiers"
      subtitle="What is known of a company, for a client: every sentence leads back to a quote."
      actions={begin}
    >
      <div className={styles.filters}>
        <SearchField name="Search dossiers" placeholder="Company or domain" value={search} onChange={setSearch} />
        <SelectField name="State" value={state} onChange={setState} placeholder="Any state" options={STATES} />
        <SelectField
          name="Client"
          value={of}
          onChange={setOf}
          options={[
            { value: "", label: client.data?.name ?? "This client" },
            { value: "all", label: "All clients" },
          ]}
        />
      </div>
      <Panel isFlush>
        <Loaded query={query} doing="load the dossiers">
          {({ data }) => {
            const shown = state ? data : data.filter((each) => each.status !== "archived");
            if (shown.length > 0) {
              return (
                <Table
                  label="Dossiers"
                  rows={shown}
                  columns={isAll ? [...COLUMNS, clientColumn(names)] : COLUMNS}
                  rowKey={(dossier) => dossier.id}
                  onOpen={(dossier) => go(paths.dossier(dossier.client_id, dossier.id))}
                />
              );
            }
            if (state || search || data.length > 0) {
              return (
                <EmptyState title="No dossier matches" action={<Button onClick={data.length > 0 ? () => setState("archived") : clear}>{data.length > 0 ? "Show the archived ones" : "Show all dossiers"}</Button>}>
                  {data.length > 0 ? "Everything here is archived." : "Choose another state, or other words."}
                </EmptyState>
              );
            }
            return (
              <EmptyState icon={FileText} title="No dossier yet" action={begin}>
                A run of fourteen steps looks for a company with a reason to buy now, reads up on it and writes its dossier. It shows here from its first minute.
              </EmptyState>
            );
          }}
        </Loaded>
      </Panel>
    </Page>
  );
}

const COLUMNS: TableColumn<Dossier>[] = [
  {
    key: "company",
    heading: "Company",
    cell: (dossier) => (
      <span className={styles.company}>
        <Initial name={dossier.company_name ?? "?"} size={28} />
        <span>
          <b>
            {dossier.company_name ?? <span className="muted">Being looked for</span>} {dossier.is_simulated && <SimulatedMark />}
          </b>
          <small>{dossier.primary_signal ?? dossier.domain ?? ""}</small>
        </span>
      </span>
    ),
  },
  { key: "state", heading: "State", width: 190, cell: (dossier) => <State dossier={dossier} /> },
  { key: "score", heading: "Score", width: 120, cell: (dossier) => <ScoreBar total={dossier.lead_score} /> },
  { key: "urgency", heading: "Urgency", width: 120, cell: (dossier) => <UrgencyBadge urgency={dossier.timing_urgency} reason={dossier.score?.urgency_reason} /> },
  { key: "when", heading: "Changed", width: 120, isSecondary: true, cell: (dossier) => <Ago at={dossier.ready_at ?? dossier.updated_at} className="muted" /> },
];

function clientColumn(names: Map<string, string>): TableColumn<Dossier> {
  return { key: "client", heading: "Client", width: 170, cell: (dossier) => names.get(dossier.client_id) ?? "…" };
}

function State({ dossier }: { dossier: Dossier }) {
  const isHeld = dossier.status === "ready" && !dossier.released_at;
  return (
    <span className={styles.state}>
      <StateBadge state={dossier.status} look="plain" />
      {isHeld && (
        <small>
          until <Timestamp at={dossier.release_at} />
        </small>
      )}
      {dossier.status === "enriching" && <small>{`${dossier.sections_completed.length} of ${WRITTEN} sections`}</small>}
    </span>
  );
}
