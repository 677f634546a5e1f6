// Starting and stopping runs: free ones at a click, others after their price was seen.
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { api } from "../../api/client";
import { useOnce } from "../../api/once";
import type { Estimate, RunBrief, Table } from "../../api/types";
import { money } from "../../shared/format";
import { toast, toastError } from "../../shared/Toast";
import { draftRun, isFree, toRequest, type RunDraft } from "./run/request";

export interface Running {
  draft: RunDraft | null;
  setDraft: (draft: RunDraft | null) => void;
  /** Runs at once when it is free and needs no confirmation, else shows the price first. */
  ask: (change: Partial<RunDraft>) => Promise<void>;
  run: (draft: RunDraft) => Promise<void>;
  stop: (fieldIds?: string[]) => Promise<void>;
  onFinished: (run: RunBrief) => void;
}

export function useRunning(table: Table, heard: (run: RunBrief) => void): Running {
  const client = useQueryClient();
  const [draft, setDraft] = useState<RunDraft | null>(null);
  const once = useOnce();
  const expected = useRef(new Map<string, number>());
  const { id } = table;

  const run = useCallback(
    async (asked: RunDraft) => {
      const request = toRequest(asked);
      const started = await once(JSON.stringify(request), (idempotencyKey) => api.patch<RunBrief>(`/v3/tables/${id}/run`, request, { idempotencyKey }));
      const { budget_micro_usd: _limit, ...estimated } = request;
      const estimate = client.getQueryData<Estimate>(["estimate", id, estimated]);
      if (estimate) expected.current.set(started.id, estimate.expected_micro_usd);
      heard(started);
      setDraft(null);
    },
    [client, id, heard, once],
  );

  const ask = useCallback(
    async (change: Partial<RunDraft>) => {
      const next = draftRun(change);
      const { budget_micro_usd: _limit, ...request } = toRequest(next);
      try {
        const estimate = await client.fetchQuery({
          queryKey: ["estimate", id, request],
          queryFn: () => api.post<Estimate>(`/v3/tables/${id}/estimate`, request),
          staleTime: 5_000,
        });
        if (estimate.rows === 0 && estimate.blockers.length === 0) {
          toast({ tone: "plain", title: "Nothing to run", body: "No row needs it. Choose “All rows again” to compute them anew.", action: { label: "Choices", act: () => setDraft(next) } });
        } else if (isFree(estimate)) {
          await run(next);
        } else setDraft(next);
      } catch (error) {
        toastError("start the run", error);
      }
    },
    [client, id, run],
  );

  const stop = useCallback(
    async (fieldIds?: string[]) => {
      try {
        const { stopped_run_ids } = await api.post<{ stopped_run_ids: string[] }>(`/v3/tables/${id}/stop`, fieldIds ? { field_ids: fieldIds } : {});
        toast({ tone: "plain", title: stopped_run_ids.length > 0 ? "Stopping" : "Nothing was running", body: stopped_run_ids.length > 0 ? "What already left is awaited and kept; nothing new starts." : undefined });
      } catch (error) {
        toastError("stop", error);
      }
    },
    [id],
  );

  const onFinished = useCallback((finished: RunBrief) => {
    const estimate = expected.current.get(finished.id);
    expected.current.delete(finished.id);
    const spent = finished.cost_micro_usd;
    const cost = spent === 0 && !estimate ? "" : `Cost ${money(spent)}${estimate === undefined ? "" : `, estimated at ${money(estimate)}`}.`;
    if (finished.state === "failed") toast({ tone: "failed", title: `${finished.title} failed`, body: `${finished.error?.message ?? "The run's page says why."} ${cost}`.trim() });
    else toast({ tone: finished.state === "succeeded" ? "done" : "plain", title: `${finished.title} ${finished.state === "stopped" ? "was stopped" : "is complete"}`, body: cost || undefined });
  }, []);

  return { draft, setDraft, ask, run, stop, onFinished };
}
