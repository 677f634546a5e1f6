// A prompt's version tried on past runs: each one beside its original, live while they run.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { clientQuery, replayQuery } from "../../api/queries";
import type { Comparison } from "../../api/types";
import { useCrumbs } from "../../frame/crumbs";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { count, money } from "../../shared/format";
import { SimulatedMark } from "../../shared/Marks";
import { Money } from "../../shared/Money";
import { Figure, Figures, Page, Panel } from "../../shared/Panel";
import { PageSkeleton } from "../../shared/PageSkeleton";
import { Loaded } from "../../shared/Placeholder";
import { StateBadge } from "../../shared/StateBadge";
import { Table, type TableColumn } from "../../shared/Table";
import { PipelineActions } from "./PipelineActions";
import { signed } from "./RunComparison";
import { differenceOf, isOver, runState } from "./steps";
import { usePipelinesLive } from "./usePipelineLive";
import styles from "./Comparison.module.css";

export function ReplayComparison() {
  const { clientId, replayId } = useParams({ from: "/inside/c/$clientId/replays/$replayId" });
  const query = useQuery(replayQuery(replayId));
  const client = useQuery(clientQuery(clientId));
  usePipelinesLive("replay");
  useCrumbs([{ label: client.data?.name ?? "…", to: paths.workbooks(clientId) }, { label: "Pipeline", to: paths.pipeline(clientId) }, { label: "Replay" }]);
  return (
    <Loaded query={query} doing="open this replay" skeleton={<PageSkeleton />}>
      {({ data }) => (
        <Page title="Replay" subtitle={`${triedIn(data)} on what past runs were given, beside what they gave then.`}>
          <Summary found={data} />
          <Panel title="Runs" hint="Open one to see every output beside the old one." isFlush>
            <Runs found={data} clientId={clientId} />
          </Panel>
        </Page>
      )}
    </Loaded>
  );
}

/** "writer.intro v3", as each of the runs was told. */
function triedIn(found: Comparison[]): string {
  const tried = Object.entries(found[0]?.new.prompt_versions ?? {}).map(([key, number]) => `${key} v${number}`);
  return tried.join(", ") || "A prompt";
}

function Summary({ found }: { found: Comparison[] }) {
  const over = found.filter((each) => isOver(each.new));
  const difference = found.reduce((sum, each) => sum + each.cost_difference_micro_usd, 0);
  const added = over.reduce((sum, each) => sum + each.claims.added.length, 0);
  const removed = over.reduce((sum, each) => sum + each.claims.removed.length, 0);
  const kept = over.reduce((sum, each) => sum + each.claims.kept, 0);
  return (
    <Figures>
      <Figure name="Runs" value={`${over.length} of ${found.length}`} note="ended" />
      <Figure name="Cost difference" value={signed(difference, money)} note="of the steps taken again" />
      <Figure name="Claims" value={`+${added} −${removed}`} note={`${count(kept)} the same`} />
    </Figures>
  );
}

function Runs({ found, clientId }: { found: Comparison[]; clientId: string }) {
  const go = useGo();
  const columns: TableColumn<Comparison>[] = [
    {
      key: "title",
      heading: "Past run",
      cell: (each) => (
        <span className={styles.title}>
          <b>{each.old.title}</b>
          {each.new.is_simulated && <SimulatedMark />}
        </span>
      ),
    },
    { key: "state", heading: "State", width: 120, cell: (each) => <StateBadge state={runState(each.new)} note={each.new.error_message} /> },
    {
      key: "steps",
      heading: "Outputs that differ",
      isNumeric: true,
      width: 150,
      cell: (each) => `${each.steps.filter((step) => differenceOf(step) === "different").length} of ${each.steps.length}`,
    },
    { key: "old", heading: "Cost then", isNumeric: true, width: 100, isSecondary: true, cell: (each) => <Money microUsd={each.steps.reduce((sum, step) => sum + step.old_cost_micro_usd, 0)} /> },
    { key: "new", heading: "Cost now", isNumeric: true, width: 100, cell: (each) => <Money microUsd={each.steps.reduce((sum, step) => sum + step.new_cost_micro_usd, 0)} /> },
    { key: "claims", heading: "Claims", isNumeric: true, width: 110, cell: (each) => (isOver(each.new) ? `+${each.claims.added.length} −${each.claims.removed.length}` : <span className="faint">–</span>) },
    { key: "acts", heading: <span className="visually-hidden">Actions</span>, isNumeric: true, width: 170, cell: (each) => <PipelineActions run={each.new} size="small" /> },
  ];
  return <Table label="Runs of this replay" rows={found} columns={columns} rowKey={(each) => each.new.id} onOpen={(each) => go(paths.pipelineComparison(clientId, each.new.id))} />;
}
