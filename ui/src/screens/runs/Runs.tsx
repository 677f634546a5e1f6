// All runs of a client: plans, columns, imports; live.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ListVideo } from "lucide-react";
import { clientQuery, runsQuery } from "../../api/queries";
import { useCrumbs } from "../../frame/crumbs";
import { LinkTo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { SelectField } from "../../shared/Field";
import { Page, Panel } from "../../shared/Panel";
import { EmptyState, Loaded } from "../../shared/Placeholder";
import { lookOf } from "../../shared/states";
import { RunTable } from "./RunTable";
import styles from "./Runs.module.css";

const STATES = ["running", "queued", "waiting", "stopping", "stopped", "succeeded", "failed"].map((value) => ({ value, label: lookOf(value).word }));
const KINDS = [
  { value: "apply_plan", label: "Plans" },
  { value: "fill_columns", label: "Columns" },
  { value: "import_csv", label: "Imports" },
  { value: "research_pipeline", label: "Dossiers" },
];

export function Runs() {
  const { clientId } = useParams({ from: "/inside/c/$clientId/runs" });
  const [state, setState] = useUrlState("state");
  const [kind, setKind] = useUrlState("kind");
  const client = useQuery(clientQuery(clientId));
  const query = useQuery(runsQuery({ client_id: clientId, state, kind }));
  useCrumbs([{ label: client.data?.name ?? "…", to: paths.workbooks(clientId) }, { label: "Runs" }]);
  const clear = () => {
    setState("");
    setKind("");
  };
  return (
    <Page
      title="Runs"
      subtitle="Everything that was carried out, with what it saw, did and cost."
      actions={
        <div className={styles.filters}>
          <SelectField name="State" value={state} onChange={setState} placeholder="Any state" options={STATES} />
          <SelectField name="Kind" value={kind} onChange={setKind} placeholder="Any kind" options={KINDS} />
        </div>
      }
    >
      <Panel isFlush>
        <Loaded query={query} doing="load the runs">
          {({ data }) => {
            if (data.length > 0) return <RunTable runs={data} clientId={clientId} />;
            if (state || kind) {
              return (
                <EmptyState title="No run matches" action={<Button onClick={clear}>Show all runs</Button>}>
                  Choose another state or kind.
                </EmptyState>
              );
            }
            return (
              <EmptyState icon={ListVideo} title="Nothing has run yet" action={<LinkTo className="link" to={paths.begin(clientId)}>Begin a workbook</LinkTo>}>
                When a plan is approved or a column is run, it shows here while it works and stays afterwards.
              </EmptyState>
            );
          }}
        </Loaded>
      </Panel>
    </Page>
  );
}
