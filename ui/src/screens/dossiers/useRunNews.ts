// Fetches again what a run changes, calmly, while it works.
import { useEffect, useRef } from "react";
import { useLive } from "../../api/live";
import { queryClient } from "../../api/queries";

const AT_MOST_EVERY_MS = 700;

/** Hears a run ("run:<id>"), or all runs when none is named, and fetches the given lists again. */
export function useRunNews(runId: string | null, ...keys: string[]): void {
  useNews(runId === null ? null : `run:${runId}`, keys);
}

export function useAnyRunNews(...keys: string[]): void {
  useNews("runs", keys);
}

function useNews(topic: string | null, keys: string[]): void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useLive(topic, () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      for (const key of keys) void queryClient.invalidateQueries({ queryKey: [key] });
    }, AT_MOST_EVERY_MS);
  });
}
