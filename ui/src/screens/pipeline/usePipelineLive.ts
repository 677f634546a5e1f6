// Keeps a pipeline and the step being looked at up to date, at most a few times a second however much happens.
import { useCallback, useEffect, useRef } from "react";
import { useLive } from "../../api/live";
import { queryClient } from "../../api/queries";
import type { PipelineEvent } from "../../api/types";

const AT_MOST_EVERY_MS = 250;

/** Calls at once, and again after a pause when it was asked for meanwhile. */
export function useThrottled(act: () => void, everyMs: number = AT_MOST_EVERY_MS): () => void {
  const latest = useRef(act);
  const state = useRef<{ timer: ReturnType<typeof setTimeout> | undefined; isDue: boolean }>({ timer: undefined, isDue: false });
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => () => clearTimeout(state.current.timer), []);
  return useCallback(() => {
    const now = state.current;
    if (now.timer !== undefined) {
      now.isDue = true;
      return;
    }
    const rest = () => {
      now.timer = undefined;
      if (!now.isDue) return;
      now.isDue = false;
      latest.current();
      now.timer = setTimeout(rest, everyMs);
    };
    latest.current();
    now.timer = setTimeout(rest, everyMs);
  }, [everyMs]);
}

/** Hears the run's own topic; a step that began or ended is fetched again if it is being looked at. */
export function usePipelineLive(runId: string): void {
  const keys = useRef(new Set<string>());
  const refetch = useThrottled(() => {
    void queryClient.invalidateQueries({ queryKey: ["pipeline", runId], exact: true });
    for (const key of keys.current) void queryClient.invalidateQueries({ queryKey: ["pipeline", runId, "step", key] });
    keys.current.clear();
  });
  useLive<PipelineEvent>(`run:${runId}`, ({ events, resync }) => {
    for (const event of events) if (event.type === "step") keys.current.add(event.key);
    // After a gap, or when the run itself changed (stopped, retried, ended), any step may have.
    if (resync || events.some((event) => event.type === "run")) void queryClient.invalidateQueries({ queryKey: ["pipeline", runId, "step"] });
    refetch();
  });
}

/** Hears of every run; what lists or compares pipelines is fetched again. */
export function usePipelinesLive(...keys: string[]): void {
  const refetch = useThrottled(() => {
    for (const key of keys) void queryClient.invalidateQueries({ queryKey: [key] });
  }, 500);
  useLive<PipelineEvent>("runs", ({ events, resync }) => {
    if (resync || events.some((event) => event.type === "run" && event.kind === "research_pipeline")) refetch();
  });
}
