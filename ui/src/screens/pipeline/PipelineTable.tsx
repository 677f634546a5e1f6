// Pipelines in a list, live: state, where each one is, what it costs and how long it takes.
import type { PipelineBrief, PlannedStep } from "../../api/types";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { count } from "../../shared/format";
import { SimulatedMark } from "../../shared/Marks";
import { Money } from "../../shared/Money";
import { ProgressBar } from "../../shared/ProgressBar";
import { StateBadge } from "../../shared/StateBadge";
import { Table, type TableColumn } from "../../shared/Table";
import { Ago, Elapsed } from "../../shared/Time";
import { PipelineActions } from "./PipelineActions";
import { isOver, placeOf, runState } from "./steps";
import styles from "./Pipeline.module.css";

interface Props {
  runs: PipelineBrief[];
  planned: PlannedStep[];
  clientId: string;
}

export function PipelineTable({ runs, planned, clientId }: Props) {
  const go = useGo();
  const columns: TableColumn<PipelineBrief>[] = [
    {
      key: "title",
      heading: "Run",
      cell: (run) => (
        <span className={styles.title}>
          <b>{run.title}</b>
          {run.is_simulated && <SimulatedMark />}
        </span>
      ),
    },
    { key: "state", heading: "State", width: 110, cell: (run) => <StateBadge state={runState(run)} note={run.error_message} /> },
    { key: "stage", heading: "Stage", width: 220, cell: (run) => <Stage run={run} planned={planned} /> },
    { key: "cost", heading: "Cost", isNumeric: true, width: 90, cell: (run) => <Money microUsd={run.cost_micro_usd} /> },
    { key: "took", heading: "Took", isNumeric: true, width: 90, isSecondary: true, cell: (run) => <Elapsed from={run.started_at} to={run.completed_at} /> },
    {
      key: "started",
      heading: "Started",
      isNumeric: true,
      width: 120,
      cell: (run) => (
        <span className={styles.started}>
          <Ago at={run.created_at} />
          {run.created_by_name && <small className="clip">{run.created_by_name}</small>}
        </span>
      ),
    },
    { key: "acts", heading: <span className="visually-hidden">Actions</span>, isNumeric: true, width: 150, cell: (run) => <PipelineActions run={run} size="small" /> },
  ];
  return <Table label="Dossier runs" rows={runs} columns={columns} rowKey={(run) => run.id} onOpen={(run) => go(paths.pipelineRun(run.client_id ?? clientId, run.id))} />;
}

function Stage({ run, planned }: { run: PipelineBrief; planned: PlannedStep[] }) {
  const place = isOver(run) ? "" : placeOf(planned, run.current_step);
  return (
    <span className={styles.stage}>
      <ProgressBar size="thin" done={run.steps_completed} total={run.total_steps} label={run.title} />
      <small className="clip">
        {count(run.steps_completed)} of {count(run.total_steps)}
        {place && ` · ${place}`}
      </small>
    </span>
  );
}
