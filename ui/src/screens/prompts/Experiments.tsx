// What was tried with the prompt: versions compared and evaluated on captured inputs; newest first.
import { useQuery } from "@tanstack/react-query";
import { FlaskConical, Plus } from "lucide-react";
import { experimentsQuery } from "../../api/promptQueries";
import type { ExperimentBrief, Prompt } from "../../api/promptTypes";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { duration, words } from "../../shared/format";
import { SimulatedMark } from "../../shared/Marks";
import { Money } from "../../shared/Money";
import { Panel } from "../../shared/Panel";
import { EmptyState, Loaded } from "../../shared/Placeholder";
import { Segments } from "../../shared/Tabs";
import { StateBadge } from "../../shared/StateBadge";
import { Table, type TableColumn } from "../../shared/Table";
import { Ago } from "../../shared/Time";
import { NewExperiment } from "./NewExperiment";
import styles from "./Experiments.module.css";

const SHOWN = [
  { value: "judged", label: "Comparisons and evaluations" },
  { value: "test", label: "Single tests" },
];

export function Experiments({ clientId, prompt }: { clientId: string; prompt: Prompt }) {
  const query = useQuery(experimentsQuery(prompt.key));
  const [kind, setKind] = useUrlState("kind", "judged");
  const [doing, setDoing] = useUrlState("do");
  const mayRun = useMay("runs.start");
  const go = useGo();
  const begin = mayRun && !prompt.is_fragment && (
    <Button look="primary" icon={Plus} onClick={() => setDoing("compare")}>
      Compare versions
    </Button>
  );
  return (
    <div className={styles.stack}>
      {doing === "compare" && <NewExperiment clientId={clientId} prompt={prompt} onClose={() => setDoing("")} />}
      <Panel
        title="Experiments"
        actions={
          <>
            <Segments name="Which" value={kind} options={SHOWN} onChange={setKind} />
            {doing !== "compare" && begin}
          </>
        }
        isFlush
      >
        <Loaded query={query} doing="load the experiments" size="panel">
          {({ data }) => {
            const shown = data.filter((each) => (each.kind === "test") === (kind === "test"));
            if (shown.length === 0) {
              return (
                <EmptyState size="panel" icon={FlaskConical} title={kind === "test" ? "Nothing was tried by itself yet" : "Nothing was compared yet"} action={kind === "test" ? undefined : begin}>
                  {kind === "test" ? "Each “Run with last input” shows here." : "Try two versions on the same inputs and see which holds its assertions, at what price and in what time."}
                </EmptyState>
              );
            }
            return <Table label="Experiments" rows={shown} columns={COLUMNS} rowKey={(each) => each.id} onOpen={(each) => go(paths.experiment(clientId, prompt.key, each.id))} />;
          }}
        </Loaded>
      </Panel>
    </div>
  );
}

const COLUMNS: TableColumn<ExperimentBrief>[] = [
  { key: "name", heading: "Name", cell: (each) => <b className={styles.name}>{each.name}</b> },
  { key: "kind", heading: "Kind", width: 110, isSecondary: true, cell: (each) => words(each.kind) },
  { key: "passed", heading: "Passed", cell: (each) => <Passed experiment={each} /> },
  { key: "time", heading: "Median", isNumeric: true, width: 110, cell: (each) => (each.summary ? each.summary.candidates.map((line) => duration(line.median_ms)).join(" · ") : "–") },
  { key: "cost", heading: "Cost", isNumeric: true, width: 90, cell: (each) => <Money microUsd={each.summary?.cost_micro_usd} /> },
  { key: "mark", heading: "", width: 92, cell: (each) => each.summary?.candidates.some((line) => line.is_simulated) && <SimulatedMark /> },
  { key: "at", heading: "Begun", width: 110, cell: (each) => <Ago at={each.created_at} /> },
];

function Passed({ experiment }: { experiment: ExperimentBrief }) {
  if (!experiment.summary) return <StateBadge state={experiment.finished_at ? "stopped" : "running"} look="plain" word={experiment.finished_at ? undefined : "Under way"} />;
  return (
    <span className={styles.lines}>
      {experiment.summary.candidates.map((line, index) => (
        <StateBadge key={index} look="plain" state={line.passed === line.trials ? "succeeded" : "failed"} word={`${line.number ? `v${line.number}` : "Draft"}: ${line.passed} of ${line.trials}`} />
      ))}
    </span>
  );
}
