// Everything the screens read from the server, as query options: one key and one address each.
import { keepPreviousData, queryOptions, QueryClient } from "@tanstack/react-query";
import { api, ApiError } from "./client";
import type { Catalog, CompanyFilters, Page, Plan, Run, RunBrief, Session, Table } from "./types";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && (!(error instanceof ApiError) || error.status >= 502 || error.status === 0),
    },
  },
});

/** Null when nobody is signed in; an error only when the server cannot say. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  staleTime: 60_000,
  queryFn: async (): Promise<Session | null> => {
    try {
      return await api.get("/v3/session");
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
});

export const clientsQuery = queryOptions({
  queryKey: ["clients"],
  queryFn: () => api.get("/v3/clients", { query: { limit: 200 } }),
});

export const clientQuery = (clientId: string) =>
  queryOptions({ queryKey: ["client", clientId], queryFn: () => api.get(`/v3/clients/${clientId}`) });

export const workbooksQuery = (clientId: string, search = "") =>
  queryOptions({
    queryKey: ["workbooks", clientId, search],
    queryFn: ({ signal }) => api.get("/v3/workbooks", { query: { client_id: clientId, search, limit: 200 }, signal }),
    placeholderData: keepPreviousData,
  });

export const workbookQuery = (workbookId: string) =>
  queryOptions({ queryKey: ["workbook", workbookId], queryFn: () => api.get(`/v3/workbooks/${workbookId}`) });

export const tableQuery = (tableId: string) =>
  queryOptions({ queryKey: ["table", tableId], queryFn: () => api.get<Table>(`/v3/tables/${tableId}`) });

export const catalogQuery = queryOptions({
  queryKey: ["catalog"],
  staleTime: 60_000,
  queryFn: () => api.get<Catalog>("/v3/catalog"),
});

export const matchPreviewQuery = (filters: CompanyFilters) =>
  queryOptions({
    queryKey: ["preview-count", filters],
    staleTime: 300_000,
    queryFn: ({ signal }) => api.post("/v3/plans/preview-count", { filters }, { signal }),
    placeholderData: keepPreviousData,
  });

export const plansQuery = (clientId: string) =>
  queryOptions({ queryKey: ["plans", clientId], queryFn: () => api.get<Page<Plan>>("/v3/plans", { query: { client_id: clientId, limit: 50 } }) });

export const planQuery = (planId: string) =>
  queryOptions({ queryKey: ["plan", planId], queryFn: () => api.get<Plan>(`/v3/plans/${planId}`) });

export interface RunFilters {
  client_id?: string;
  table_id?: string;
  state?: string;
  kind?: string;
  limit?: number;
}

export const runsQuery = (filters: RunFilters) =>
  queryOptions({
    queryKey: ["runs", filters],
    queryFn: ({ signal }) => api.get<Page<RunBrief>>("/v3/runs", { query: { limit: 100, ...filters }, signal }),
    placeholderData: keepPreviousData,
  });

export const runQuery = (runId: string) =>
  queryOptions({ queryKey: ["run", runId], queryFn: () => api.get<Run>(`/v3/runs/${runId}`) });

export const spendQuery = (clientId: string | undefined, from: string, to: string) =>
  queryOptions({
    queryKey: ["spend", clientId ?? "account", from, to],
    queryFn: ({ signal }) => api.get("/v3/spend", { query: { client_id: clientId, from, to }, signal }),
    placeholderData: keepPreviousData,
  });

export const budgetsQuery = queryOptions({ queryKey: ["budgets"], queryFn: () => api.get("/v3/budgets") });

export const credentialsQuery = queryOptions({
  queryKey: ["credentials"],
  queryFn: () => api.get("/v3/credentials"),
});

export const usersQuery = queryOptions({ queryKey: ["users"], queryFn: () => api.get("/v3/users") });
export const apiKeysQuery = queryOptions({ queryKey: ["api-keys"], queryFn: () => api.get("/v3/api-keys") });
export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: () => api.get("/v3/sessions"),
});
