// One batch: every seed with how far its dossier is; stopped and gone on with here.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { CircleStop, RotateCw, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import { useOnce } from "../../api/once";
import { batchQuery, clientQuery, dossiersQuery, queryClient } from "../../api/queries";
import type { Batch } from "../../api/types";
import { useCrumbs } from "../../frame/crumbs";
import { LinkTo, useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { ConfirmDialog } from "../../shared/Dialog";
import { words } from "../../shared/format";
import { SimulatedMark } from "../../shared/Marks";
import { Money } from "../../shared/Money";
import { Notice, Page, Panel } from "../../shared/Panel";
import { PageSkeleton } from "../../shared/PageSkeleton";
import { Loaded } from "../../shared/Placeholder";
import { ProgressBar } from "../../shared/ProgressBar";
import { StateBadge } from "../../shared/StateBadge";
import { Table, type TableColumn } from "../../shared/Table";
import { Ago } from "../../shared/Time";
import { toastError } from "../../shared/Toast";
import { useAnyRunNews, useRunNews } from "../dossiers/useRunNews";
import { runState } from "./runState";
import styles from "./Batches.module.css";

type Dossier = Batch["dossiers"][number];

export function BatchDetail() {
  const { clientId, batchId } = useParams({ from: "/inside/c/$clientId/batches/$batchId" });
  const query = useQuery(batchQuery(batchId));
  const client = useQuery(clientQuery(clientId));
  useRunNews(batchId, "batch");
  useAnyRunNews("batch", "dossiers");
  useCrumbs([
    { label: client.data?.name ?? "…", to: paths.workbooks(clientId) },
    { label: "Batches", to: paths.batches(clientId) },
    { label: query.data?.name ?? "…" },
  ]);
  return (
    <Loaded query={query} doing="open this batch" skeleton={<PageSkeleton />}>
      {(batch) => <Detail batch={batch} clientId={clientId} />}
    </Loaded>
  );
}

function Detail({ batch, clientId }: { batch: Batch; clientId: string }) {
  const made = useQuery(dossiersQuery({ client_id: clientId }));
  const byRun = new Map(made.data?.data.map((each) => [each.run_id, each.id]));
  const go = useGo();
  return (
    <Page
      title={batch.name}
      subtitle={
        <>
          <StateBadge state={runState(batch.status)} />
          <span>
            begun <Ago at={batch.created_at} />
          </span>
          <span>{batch.at_once} at once</span>
          {batch.release_after_hours > 0 && <span>held back {batch.release_after_hours} h</span>}
          <span>
            <Money microUsd={batch.cost_micro_usd} /> so far
          </span>
          {batch.is_simulated && <SimulatedMark />}
        </>
      }
      actions={<Actions batch={batch} />}
    >
      {batch.error_message && (
        <Notice tone="failed" icon={<TriangleAlert size={16} aria-hidden />}>
          {batch.error_message}
        </Notice>
      )}
      <div className={styles.progress}>
        <ProgressBar done={batch.done} total={batch.total} label={batch.name} />
        <small>{`${batch.done} of ${batch.total} dossiers`}</small>
      </div>
      <Panel isFlush>
        <Table
          label="Dossiers of this batch"
          rows={batch.dossiers}
          columns={columns(clientId, byRun)}
          rowKey={(dossier) => String(dossier.place)}
          onOpen={(dossier) => {
            const id = byRun.get(dossier.run_id ?? "");
            if (id) go(paths.dossier(clientId, id));
            else if (dossier.run_id) go(paths.pipelineRun(clientId, dossier.run_id));
          }}
        />
      </Panel>
    </Page>
  );
}

function columns(clientId: string, byRun: Map<string, string>): TableColumn<Dossier>[] {
  return [
    { key: "place", heading: "No.", isNumeric: true, width: 56, cell: (each) => each.place + 1 },
    {
      key: "name",
      heading: "Seed",
      cell: (each) => (
        <span className={styles.name}>
          {each.name}
          {each.error_message && <small>{each.error_message}</small>}
        </span>
      ),
    },
    { key: "state", heading: "State", width: 130, cell: (each) => <StateBadge state={runState(each.status)} look="plain" /> },
    {
      key: "progress",
      heading: "Steps",
      width: 220,
      cell: (each) =>
        each.total_steps > 0 ? (
          <span className={styles.progress}>
            <ProgressBar size="thin" done={each.steps_completed} total={each.total_steps} label={each.name} />
            <small>{each.current_step ? words(each.current_step.replace(/^\d+\w?-/, "")) : `${each.steps_completed} of ${each.total_steps}`}</small>
          </span>
        ) : (
          <span className="faint">Not begun</span>
        ),
    },
    { key: "cost", heading: "Spent", isNumeric: true, width: 90, cell: (each) => <Money microUsd={each.cost_micro_usd} /> },
    {
      key: "links",
      heading: "",
      width: 130,
      cell: (each) => {
        const id = byRun.get(each.run_id ?? "");
        if (id) return <LinkTo className="link" to={paths.dossier(clientId, id)}>The dossier</LinkTo>;
        return each.run_id && <LinkTo className="link" to={paths.pipelineRun(clientId, each.run_id)}>The run</LinkTo>;
      },
    },
  ];
}

function Actions({ batch }: { batch: Batch }) {
  const [isStopping, setIsStopping] = useState(false);
  const mayStop = useMay("runs.stop");
  const mayResume = useMay("runs.resume");
  const once = useOnce();
  const again = () => void queryClient.invalidateQueries({ queryKey: ["batch"] });
  const retry = useMutation({
    mutationFn: () => once(`retry ${batch.id}`, (idempotencyKey) => api.post(`/v2/batches/${batch.id}/retry`, {}, { idempotencyKey })),
    onSuccess: again,
    onError: (error) => toastError("go on with the batch", error),
  });
  const isOpen = batch.status === "pending" || batch.status === "running";
  const isUndone = batch.dossiers.some((each) => each.status !== "completed");
  return (
    <>
      {isOpen && mayStop && (
        <Button icon={CircleStop} onClick={() => setIsStopping(true)}>
          Stop
        </Button>
      )}
      {!isOpen && isUndone && mayResume && (
        <Button look="primary" icon={RotateCw} isBusy={retry.isPending} onClick={() => retry.mutate()}>
          Go on with what is not done
        </Button>
      )}
      <ConfirmDialog
        isOpen={isStopping}
        onClose={() => setIsStopping(false)}
        title="Stop this batch?"
        confirm="Stop"
        look="danger"
        onConfirm={async () => {
          await api.post(`/v2/batches/${batch.id}/cancel`);
          again();
        }}
      >
        <p>Nothing new begins or leaves. What is under way is recorded, and what is done stays. You can go on later.</p>
      </ConfirmDialog>
    </>
  );
}
