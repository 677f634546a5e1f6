// Keeps what the screens have read up to date from the live topics of the whole account.
import { useRef } from "react";
import { useLive } from "../api/live";
import { queryClient, runQuery } from "../api/queries";
import type { Page, Run, RunBrief, RunEvent } from "../api/types";

const REFETCH_AT_MOST_EVERY_MS = 1500;

/**
 * Puts a run's news into every list and detail that shows it; says whether a list must be fetched again. What is on
 * its way may have been read before the news.
 */
export function applyRun(run: RunBrief): boolean {
  let isNews = queryClient.isFetching({ queryKey: ["runs"] }) > 0;
  for (const [key, page] of queryClient.getQueriesData<Page<RunBrief>>({ queryKey: ["runs"] })) {
    if (!page) continue;
    const known = page.data.find((each) => each.id === run.id);
    if (!known || known.state !== run.state) isNews = true;
    if (known) queryClient.setQueryData(key, { ...page, data: page.data.map((each) => (each.id === run.id ? { ...each, ...run } : each)) });
  }
  const { queryKey } = runQuery(run.id);
  queryClient.setQueryData<Run>(queryKey, (known) => (known ? { ...known, ...run } : known));
  if (queryClient.isFetching({ queryKey, exact: true }) > 0) void queryClient.invalidateQueries({ queryKey, exact: true });
  return isNews;
}

/** Fetches again at once, and at most every so often while news keep coming. */
function useCalm(act: () => void): () => void {
  const state = useRef<{ timer?: ReturnType<typeof setTimeout>; isDue: boolean }>({ isDue: false });
  return () => {
    if (state.current.timer) {
      state.current.isDue = true;
      return;
    }
    act();
    const rest = () => {
      state.current.timer = undefined;
      if (!state.current.isDue) return;
      state.current.isDue = false;
      act();
      state.current.timer = setTimeout(rest, REFETCH_AT_MOST_EVERY_MS);
    };
    state.current.timer = setTimeout(rest, REFETCH_AT_MOST_EVERY_MS);
  };
}

const refetch = (...keys: string[]) => {
  for (const key of keys) void queryClient.invalidateQueries({ queryKey: [key] });
};

/** Once, in the frame. */
export function useAccountUpdates(): void {
  const runsChanged = useCalm(() => refetch("runs"));
  const workbooksChanged = useCalm(() => refetch("workbooks", "clients", "client"));
  const spendChanged = useCalm(() => refetch("spend", "budgets"));
  useLive<RunEvent>("runs", ({ events, resync }) => {
    // Only the latest word on each run matters.
    const latest = new Map(events.filter((event) => event.type === "run").map((event) => [event.id, event]));
    const hasNews = [...latest.values()].map(applyRun).some(Boolean);
    if (hasNews || resync) runsChanged();
  });
  useLive("workbooks", () => workbooksChanged());
  useLive("spend", () => spendChanged());
}
