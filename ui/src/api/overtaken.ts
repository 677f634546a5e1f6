// First answers that news overtook: the library keeps what was on its way when the news came, though it may be older.
import type { Query, QueryClient } from "@tanstack/react-query";

/**
 * Fetches a query again when it was invalidated while its first answer was on its way. With data at hand the library
 * itself drops such an answer and asks anew; the first one is let through, so that a page is not kept waiting by news.
 */
export function fetchOvertakenAgain(client: QueryClient): void {
  const overtaken = new WeakSet<Query>();
  client.getQueryCache().subscribe((event) => {
    if (event.type !== "updated") return;
    const { action } = event;
    const query = event.query as Query;
    if (action.type === "invalidate" && query.state.data === undefined && query.state.fetchStatus !== "idle") overtaken.add(query);
    if (action.type === "success" && overtaken.delete(query)) void client.invalidateQueries({ queryKey: query.queryKey, exact: true });
  });
}
