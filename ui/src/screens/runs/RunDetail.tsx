// One run: how far it is, what it cost, and what every step saw and did.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useRef } from "react";
import { Table2, TriangleAlert } from "lucide-react";
import { useLive } from "../../api/live";
import { clientQuery, queryClient, runQuery, tableQuery } from "../../api/queries";
import type { FieldProgress, Run, RunEvent } from "../../api/types";
import { useCrumbs } from "../../frame/crumbs";
import { LinkTo, useGo } from "../../frame/LinkTo";
import { applyRun } from "../../frame/liveUpdates";
import { paths } from "../../frame/paths";
import { Button } from "../../shared/Button";
import { CodeBlock } from "../../shared/CodeBlock";
import { CopyId } from "../../shared/Copy";
import { count } from "../../shared/format";
import { SimulatedMark } from "../../shared/Marks";
import { Notice, Page, Panel } from "../../shared/Panel";
import { PageSkeleton } from "../../shared/PageSkeleton";
import { EmptyState, Loaded } from "../../shared/Placeholder";
import { ProgressBar, ProgressLine } from "../../shared/ProgressBar";
import { SideBySide } from "../../shared/SideBySide";
import { SPEND_COLUMNS } from "../../shared/Source";
import { StateBadge } from "../../shared/StateBadge";
import { Table, type TableColumn } from "../../shared/Table";
import { Ago, Elapsed } from "../../shared/Time";
import { RunActions } from "./RunActions";
import { RunSteps } from "./RunSteps";
import { isOver, kindWord } from "./RunTable";
import styles from "./Runs.module.css";

export function RunDetail() {
  const { clientId, runId } = useParams({ from: "/inside/c/$clientId/runs/$runId" });
  const query = useQuery(runQuery(runId));
  const client = useQuery(clientQuery(clientId));
  const lastFetch = useRef(0);
  useLive<RunEvent>(`run:${runId}`, ({ events, resync }) => {
    const latest = events.filter((event) => event.type === "run").at(-1);
    const before = query.data?.state;
    if (latest) applyRun(latest);
    // Steps are not in the news; fetch them when the state changes and now and then while it works.
    if (resync || (latest && (latest.state !== before || Date.now() - lastFetch.current > 2000))) {
      lastFetch.current = Date.now();
      void queryClient.invalidateQueries({ queryKey: ["run", runId] });
    }
  });
  useCrumbs([
    { label: client.data?.name ?? "…", to: paths.workbooks(clientId) },
    { label: "Runs", to: paths.runs(clientId) },
    { label: query.data?.title ?? "…" },
  ]);
  return (
    <Loaded query={query} doing="open this run" skeleton={<PageSkeleton />}>
      {(run) => (
        <Page title={run.title} subtitle={<Subtitle run={run} />} actions={<Actions run={run} clientId={clientId} />}>
          {run.error && (
            <Notice tone="failed" icon={<TriangleAlert size={16} aria-hidden />}>
              {run.error.message}
            </Notice>
          )}
          {run.progress.total > 0 && <Progress run={run} />}
          {Object.keys(run.progress.fields).length > 0 && <ColumnProgress run={run} />}
          <Panel title="Steps" hint={run.steps.length ? "What each step saw at the left, what it did at the right." : undefined} isFlush>
            {run.steps.length > 0 ? (
              <RunSteps steps={run.steps} />
            ) : (
              <EmptyState size="panel" title="No steps recorded">
                {isOver(run) ? "This run had nothing to record step by step." : "Steps show here as they begin."}
              </EmptyState>
            )}
          </Panel>
          {run.spend.length > 0 && (
            <Panel title="Spend" isFlush>
              <Table label="Spend of this run" rows={run.spend} columns={SPEND_COLUMNS} rowKey={(line) => `${line.provider}/${line.capability}/${line.is_simulated}`} />
            </Panel>
          )}
          <Panel title="As recorded" hint="What the run was asked, and what it answers for.">
            <SideBySide leftTitle="" rightTitle="" left={<CodeBlock label="Input" value={run.input} />} right={<CodeBlock label="Result" value={run.result} empty={isOver(run) ? "No result" : "Not finished yet"} />} />
          </Panel>
        </Page>
      )}
    </Loaded>
  );
}

function Subtitle({ run }: { run: Run }) {
  return (
    <>
      <StateBadge state={run.state} />
      <span>{kindWord(run.kind)}</span>
      <span>
        started <Ago at={run.created_at} />
        {run.created_by_name && ` by ${run.created_by_name}`}
      </span>
      <span>
        took <Elapsed from={run.started_at} to={run.finished_at} />
      </span>
      {run.is_simulated && <SimulatedMark />}
      <CopyId id={run.id} />
    </>
  );
}

function Actions({ run, clientId }: { run: Run; clientId: string }) {
  const go = useGo();
  const { table_id: tableId, plan_id: planId } = run.subject;
  return (
    <>
      {planId && (
        <LinkTo className="link" to={paths.plan(clientId, planId)}>
          The plan
        </LinkTo>
      )}
      {tableId && (
        <Button icon={Table2} onClick={() => go(paths.table(clientId, tableId))}>
          Open the table
        </Button>
      )}
      <RunActions run={run} />
    </>
  );
}

function Progress({ run }: { run: Run }) {
  const states = Object.entries(run.progress.by_state).filter(([, amount]) => amount);
  return (
    <Panel>
      <div className={styles.head}>
        <ProgressBar done={run.progress.done} total={run.progress.total} byState={run.progress.by_state} label={run.title} />
        <div className={styles.line}>
          <ProgressLine progress={run.progress} isOver={isOver(run)} />
          <span className={styles.states}>
            {states.map(([state, amount]) => (
              <StateBadge key={state} state={state} count={amount} />
            ))}
          </span>
        </div>
      </div>
    </Panel>
  );
}

interface ColumnLine extends FieldProgress {
  id: string;
  name: string;
}

function ColumnProgress({ run }: { run: Run }) {
  const tableId = run.subject.table_id;
  const table = useQuery({ ...tableQuery(tableId ?? ""), enabled: Boolean(tableId) });
  const names = new Map(table.data?.fields.map((field) => [field.id, field.name]));
  const lines = Object.entries(run.progress.fields).map(([id, progress]) => ({ id, ...progress, name: progress.name ?? names.get(id) ?? "A column" }));
  const columns: TableColumn<ColumnLine>[] = [
    { key: "name", heading: "Column", cell: (line) => <b style={{ fontWeight: 500 }}>{line.name}</b> },
    {
      key: "bar",
      heading: "Progress",
      width: "32%",
      cell: (line) => line.total > 0 && (
        <div className={styles.bar}>
          <ProgressBar size="thin" done={line.done} total={line.total} byState={line.by_state} label={line.name} />
        </div>
      ),
    },
    { key: "count", heading: "Cells", isNumeric: true, width: 130, cell: (line) => (line.total === 0 ? <span className="muted">none needed it</span> : `${count(line.done)} of ${count(line.total)}`) },
    {
      key: "states",
      heading: "States",
      width: "34%",
      isSecondary: true,
      cell: (line) => (
        <span className={styles.states}>
          {Object.entries(line.by_state).map(([state, amount]) => (amount ? <StateBadge key={state} state={state} count={amount} look="plain" /> : null))}
        </span>
      ),
    },
  ];
  return (
    <Panel title="Columns" isFlush>
      <Table label="Progress per column" rows={lines} columns={columns} rowKey={(line) => line.id} />
    </Panel>
  );
}
