// Everything the screens read from the server, as query options: one key and one address each.
import { keepPreviousData, queryOptions, QueryClient } from "@tanstack/react-query";
import { api, ApiError } from "./client";
import { fetchOvertakenAgain } from "./overtaken";
import type { Batch, BatchEstimate, BatchSchedule, Catalog, CompanyFilters, Comparison, NewBatch, Page, Pipeline, PipelineStepRun, Plan, Run, RunBrief, Session, Table } from "./types";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && (!(error instanceof ApiError) || error.status >= 502 || error.status === 0),
    },
  },
});
fetchOvertakenAgain(queryClient);

/** Shows what the server answered to a change; an answer on its way to an earlier question does not replace it. */
export function putAnswer<Data>(queryKey: readonly string[], data: Data): void {
  void queryClient.cancelQueries({ queryKey, exact: true });
  queryClient.setQueryData(queryKey, data);
}

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

export interface PipelineFilters {
  client_id?: string;
  status?: string;
  limit?: number;
}

export const pipelinesQuery = (filters: PipelineFilters) =>
  queryOptions({
    queryKey: ["pipelines", filters],
    queryFn: ({ signal }) => api.get("/v2/pipeline/runs", { query: { limit: 50, ...filters }, signal }),
    placeholderData: keepPreviousData,
  });

export const pipelineQuery = (runId: string) =>
  queryOptions({ queryKey: ["pipeline", runId], queryFn: () => api.get<Pipeline>(`/v2/pipeline/runs/${runId}`) });

/** The steps a dossier is made in; they change only with the installation. */
export const plannedStepsQuery = queryOptions({
  queryKey: ["pipeline-steps"],
  staleTime: 300_000,
  queryFn: () => api.get("/v2/pipeline/steps"),
});

export const pipelineNeedsQuery = queryOptions({ queryKey: ["pipeline-needs"], queryFn: () => api.get("/v2/pipeline/needs") });

/** What a real run for this client cannot begin without, what the client must say first included. */
export const clientNeedsQuery = (clientId: string) =>
  queryOptions({
    queryKey: ["pipeline-needs", clientId],
    queryFn: () => api.get("/v2/pipeline/needs", { query: { client_id: clientId } }),
    placeholderData: keepPreviousData,
  });

export const pipelineStepQuery = (runId: string, key: string) =>
  queryOptions({
    queryKey: ["pipeline", runId, "step", key],
    queryFn: async ({ signal }): Promise<PipelineStepRun | null> => {
      const { data } = await api.get<Page<PipelineStepRun>>(`/v2/pipeline/runs/${runId}/steps`, { query: { step: key }, signal });
      return data[0] ?? null;
    },
  });

/** The versions of a prompt, newest first, without their text. */
export const promptVersionsQuery = (key: string) =>
  queryOptions({
    queryKey: ["prompt-versions", key],
    queryFn: async () => (await api.get(`/v2/prompts/${encodeURIComponent(key)}/versions`)).data,
  });

export const comparisonQuery = (runId: string) =>
  queryOptions({ queryKey: ["comparison", runId], queryFn: () => api.get<Comparison>(`/v2/pipeline/runs/${runId}/comparison`) });

export const replayQuery = (replayId: string) =>
  queryOptions({ queryKey: ["replay", replayId], queryFn: () => api.get<Page<Comparison>>(`/v2/pipeline/replays/${replayId}`) });

export interface DossierFilters {
  client_id?: string;
  status?: string;
  search?: string;
  cursor?: string;
}

export const dossiersQuery = (filters: DossierFilters) =>
  queryOptions({
    queryKey: ["dossiers", filters],
    queryFn: ({ signal }) => api.get("/v2/dossiers", { query: { limit: 200, ...filters }, signal }),
    placeholderData: keepPreviousData,
  });

export const dossierQuery = (dossierId: string) =>
  queryOptions({ queryKey: ["dossier", dossierId], queryFn: () => api.get(`/v2/dossiers/${dossierId}`) });

export interface ContactFilters {
  client_id?: string;
  run_id?: string;
  is_primary?: boolean;
  is_verified?: boolean;
  has_email?: boolean;
  search?: string;
}

export const contactsQuery = (filters: ContactFilters) =>
  queryOptions({
    queryKey: ["contacts", filters],
    queryFn: ({ signal }) => api.get("/v2/contacts", { query: { limit: 200, ...filters }, signal }),
    placeholderData: keepPreviousData,
  });

export const contactQuery = (contactId: string) =>
  queryOptions({ queryKey: ["contact", contactId], queryFn: () => api.get(`/v2/contacts/${contactId}`) });

export interface ClaimFilters {
  client_id?: string;
  run_id?: string;
  claim_type?: string;
  source_tier?: string;
  confidence?: string;
  section?: string;
  step?: string;
  is_supported?: boolean;
  search?: string;
}

export const claimsQuery = (filters: ClaimFilters, cursor: string | null = null) =>
  queryOptions({
    queryKey: ["claims", filters, cursor],
    queryFn: ({ signal }) => api.get("/v2/claims", { query: { limit: 200, ...filters, cursor }, signal }),
    placeholderData: keepPreviousData,
  });

export const claimsMergeQuery = (runId: string) =>
  queryOptions({ queryKey: ["claims", "merge", runId], queryFn: ({ signal }) => api.get("/v2/claims/merged", { query: { run_id: runId }, signal }) });

export const claimsSummaryQuery = (runId: string) =>
  queryOptions({ queryKey: ["claims", "summary", runId], queryFn: ({ signal }) => api.get("/v2/claims/summary", { query: { run_id: runId }, signal }) });

/** A passage of a stored page with the words around it; pages never change. */
export const quoteQuery = (sourceId: string, start: number, end: number) =>
  queryOptions({
    queryKey: ["quote", sourceId, start, end],
    staleTime: Infinity,
    queryFn: ({ signal }) => api.get(`/v2/sources/${sourceId}/quote`, { query: { start, end }, signal }),
  });

export const researchClientQuery = (clientId: string) =>
  queryOptions({ queryKey: ["research-client", clientId], queryFn: () => api.get(`/v2/clients/${clientId}`) });

/** Every client as research knows it, for lists. */
export const researchClientsQuery = queryOptions({
  queryKey: ["research-clients"],
  queryFn: () => api.get("/v2/clients", { query: { limit: 200 } }),
});

export const configVersionsQuery = (clientId: string, kind: string) =>
  queryOptions({
    queryKey: ["research-client", clientId, "versions", kind],
    queryFn: () => api.get(`/v2/clients/${clientId}/configs/${kind}/versions`),
  });

export const onboardingsQuery = (clientId: string) =>
  queryOptions({ queryKey: ["research-client", clientId, "onboardings"], queryFn: () => api.get(`/v2/clients/${clientId}/onboardings`) });

export const batchesQuery = (clientId: string) =>
  queryOptions({ queryKey: ["batches", clientId], queryFn: () => api.get("/v2/batches", { query: { client_id: clientId } }) });

export const batchQuery = (batchId: string) =>
  queryOptions({ queryKey: ["batch", batchId], queryFn: () => api.get<Batch>(`/v2/batches/${batchId}`) });

export const batchSchedulesQuery = queryOptions({
  queryKey: ["batches", "schedules"],
  queryFn: () => api.get<{ data: BatchSchedule[] }>("/v2/batches/schedules"),
});

/** What a batch would cost; asked again whenever what it holds changes. */
export const batchEstimateQuery = (batch: NewBatch) =>
  queryOptions({
    queryKey: ["batch-estimate", batch],
    queryFn: ({ signal }) => api.post<BatchEstimate>("/v2/batches/estimate", batch, { signal }),
    placeholderData: keepPreviousData,
    retry: false,
  });
