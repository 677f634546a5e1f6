// Many dossiers at once: composed and costed at the top, under way and done below, and those that begin by the clock.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { CalendarClock, Layers, Trash2 } from "lucide-react";
import { api } from "../../api/client";
import { batchesQuery, batchSchedulesQuery, clientQuery, queryClient } from "../../api/queries";
import type { BatchBrief, BatchSchedule } from "../../api/types";
import { useCrumbs } from "../../frame/crumbs";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { counted } from "../../shared/format";
import { SimulatedMark } from "../../shared/Marks";
import { Money } from "../../shared/Money";
import { Page, Panel } from "../../shared/Panel";
import { EmptyState, Loaded } from "../../shared/Placeholder";
import { ProgressBar } from "../../shared/ProgressBar";
import { StateBadge } from "../../shared/StateBadge";
import { Table, type TableColumn } from "../../shared/Table";
import { Ago, Timestamp } from "../../shared/Time";
import { toastError } from "../../shared/Toast";
import { useAnyRunNews } from "../dossiers/useRunNews";
import { Composer } from "./Composer";
import { runState } from "./runState";
import { cronWords } from "./seeds";
import styles from "./Batches.module.css";

export function Batches() {
  const { clientId } = useParams({ from: "/inside/c/$clientId/batches" });
  const client = useQuery(clientQuery(clientId));
  const batches = useQuery(batchesQuery(clientId));
  const schedules = useQuery(batchSchedulesQuery);
  useAnyRunNews("batches");
  const go = useGo();
  const mayStart = useMay("runs.start");
  useCrumbs([{ label: client.data?.name ?? "…", to: paths.workbooks(clientId) }, { label: "Dossiers", to: paths.dossiers(clientId) }, { label: "Batches" }]);
  const own = schedules.data?.data.filter((each) => each.client_id === clientId) ?? [];
  return (
    <Page title="Batches" subtitle="Many dossiers from one list: costed before they begin, a few at a time, stopped where they are shown.">
      {mayStart && <Composer clientId={clientId} onBegun={(batch) => go(paths.batch(clientId, batch))} />}
      {own.length > 0 && (
        <Panel title="By the clock" hint="Each start is costed and checked against the budgets again." isFlush>
          <Table label="Scheduled batches" rows={own} columns={scheduleColumns(mayStart)} rowKey={(each) => each.id} />
        </Panel>
      )}
      <Panel title="Under way and done" isFlush>
        <Loaded query={batches} doing="load the batches">
          {({ data }) =>
            data.length > 0 ? (
              <Table label="Batches" rows={data} columns={COLUMNS} rowKey={(batch) => batch.id} onOpen={(batch) => go(paths.batch(clientId, batch.id))} />
            ) : (
              <EmptyState size="panel" icon={Layers} title="No batch yet">
                Paste a list of companies above; what they will cost shows before anything begins.
              </EmptyState>
            )
          }
        </Loaded>
      </Panel>
    </Page>
  );
}

const COLUMNS: TableColumn<BatchBrief>[] = [
  {
    key: "name",
    heading: "Batch",
    cell: (batch) => (
      <span className={styles.name}>
        {batch.name} {batch.is_simulated && <SimulatedMark />}
        {batch.error_message && <small>{batch.error_message}</small>}
      </span>
    ),
  },
  { key: "state", heading: "State", width: 130, cell: (batch) => <StateBadge state={runState(batch.status)} look="plain" /> },
  {
    key: "progress",
    heading: "Dossiers",
    width: 220,
    cell: (batch) => (
      <span className={styles.progress}>
        <ProgressBar size="thin" done={batch.done} total={batch.total} label={batch.name} />
        <small>{`${batch.done} of ${batch.total}`}</small>
      </span>
    ),
  },
  { key: "cost", heading: "Spent", isNumeric: true, width: 100, cell: (batch) => <Money microUsd={batch.cost_micro_usd} /> },
  { key: "begun", heading: "Begun", width: 120, isSecondary: true, cell: (batch) => <Ago at={batch.created_at} className="muted" /> },
];

function scheduleColumns(mayStart: boolean): TableColumn<BatchSchedule>[] {
  return [
    {
      key: "name",
      heading: "Batch",
      cell: (each) => (
        <>
          {each.name} {each.is_training && <SimulatedMark />}
        </>
      ),
    },
    { key: "seeds", heading: "Holds", width: 130, cell: (each) => counted(each.seeds.length, "dossier") },
    { key: "when", heading: "When", width: 240, cell: (each) => cronWords(each.cron) },
    {
      key: "next",
      heading: "Next",
      width: 200,
      cell: (each) => (
        <span className={styles.next}>
          <CalendarClock size={13} aria-hidden /> <Timestamp at={each.next_at} />
        </span>
      ),
    },
    { key: "remove", heading: "", width: 56, cell: (each) => mayStart && <Remove schedule={each} /> },
  ];
}

function Remove({ schedule }: { schedule: BatchSchedule }) {
  const remove = useMutation({
    mutationFn: () => api.delete(`/v2/batches/schedules/${schedule.id}`),
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: ["batches"] }),
    onError: (error) => toastError("remove the schedule", error),
  });
  return <Button look="quiet" size="small" icon={Trash2} aria-label={`Start ${schedule.name} no more`} isBusy={remove.isPending} onClick={() => remove.mutate()} />;
}
