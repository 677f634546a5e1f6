// Dossiers being made for a client: start one, watch them all, stop and go on with them.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Plus, Repeat2, Workflow } from "lucide-react";
import { api } from "../../api/client";
import { clientQuery, plannedStepsQuery } from "../../api/queries";
import type { PipelineStatus } from "../../api/types";
import { usePages } from "../../api/usePages";
import { useCrumbs } from "../../frame/crumbs";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { SelectField } from "../../shared/Field";
import { Page, Panel } from "../../shared/Panel";
import { EmptyState, ErrorState, SkeletonRows } from "../../shared/Placeholder";
import { lookOf } from "../../shared/states";
import { PipelineTable } from "./PipelineTable";
import { ReplayDrawer } from "./ReplayDrawer";
import { StartForm } from "./StartForm";
import { runState } from "./steps";
import { usePipelinesLive } from "./usePipelineLive";
import styles from "./Pipeline.module.css";

const STATUSES: PipelineStatus[] = ["running", "pending", "completed", "failed", "cancelled"];

export function Pipeline() {
  const { clientId } = useParams({ from: "/inside/c/$clientId/pipeline" });
  const [open, setOpen] = useUrlState("open");
  const mayStart = useMay("runs.start");
  const client = useQuery(clientQuery(clientId));
  const planned = useQuery(plannedStepsQuery);
  useCrumbs([{ label: client.data?.name ?? "…", to: paths.workbooks(clientId) }, { label: "Pipeline" }]);
  return (
    <Page
      title="Pipeline"
      subtitle={`From a hint to a dossier${planned.data ? ` in ${planned.data.data.length} steps` : ""}, each with what it was given and what it gave.`}
      actions={
        mayStart && (
          <Button icon={Repeat2} onClick={() => setOpen("replay")}>
            Replay a prompt
          </Button>
        )
      }
    >
      {mayStart && <StartForm clientId={clientId} />}
      <RunsPanel clientId={clientId} />
      {open === "replay" && <ReplayDrawer clientId={clientId} onClose={() => setOpen("")} />}
    </Page>
  );
}

function RunsPanel({ clientId }: { clientId: string }) {
  const [status, setStatus] = useUrlState("state");
  const planned = useQuery(plannedStepsQuery);
  const query = useInfiniteQuery({
    queryKey: ["pipelines", { client_id: clientId, status }, "pages"],
    queryFn: ({ pageParam, signal }) => api.get("/v2/pipeline/runs", { query: { client_id: clientId, status, limit: 50, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });
  const { isAdding, showMore } = usePages(query);
  usePipelinesLive("pipelines");
  const runs = query.data?.pages.flatMap((page) => page.data);
  return (
    <Panel
      title="Runs"
      actions={
        <SelectField name="State" value={status} onChange={setStatus} placeholder="Any state" options={STATUSES.map((each) => ({ value: each, label: lookOf(runState({ status: each, is_stopping: false })).word }))} />
      }
      isFlush
    >
      {runs === undefined ? (
        query.isError ? <ErrorState error={query.error} doing="load the runs" size="panel" onRetry={() => void query.refetch()} /> : <SkeletonRows />
      ) : runs.length === 0 ? (
        <NoRuns isFiltered={status !== ""} onClear={() => setStatus("")} />
      ) : (
        <>
          <PipelineTable runs={runs} planned={planned.data?.data ?? []} clientId={clientId} />
          {query.hasNextPage && (
            <div className={styles.more}>
              <Button size="small" icon={Plus} isBusy={isAdding} onClick={showMore}>
                Show more
              </Button>
            </div>
          )}
        </>
      )}
    </Panel>
  );
}

function NoRuns({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  if (isFiltered) {
    return (
      <EmptyState size="panel" title="No run matches" action={<Button onClick={onClear}>Show all runs</Button>}>
        Choose another state.
      </EmptyState>
    );
  }
  return (
    <EmptyState size="panel" icon={Workflow} title="No dossier has been begun for this client">
      Start one above. In training mode it plays a recorded example and costs nothing.
    </EmptyState>
  );
}
