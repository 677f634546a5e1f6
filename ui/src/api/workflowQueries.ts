// What the Builder and the workflows read from the server, and how their copies follow the news.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "./client";
import { queryClient } from "./queries";
import type { FormOperation, LedgerEntry, Workflow, WorkflowCard, WorkflowRun, WorkflowVersion } from "./workflowTypes";

export interface WorkflowFilters {
  q?: string;
  label?: string;
  status?: string;
  shared?: string;
}

export const workflowsQuery = (filters: WorkflowFilters = {}) =>
  queryOptions({
    queryKey: ["workflows", filters],
    queryFn: ({ signal }) => api.get<{ workflows: WorkflowCard[] }>("/api/workflows", { query: { ...filters }, signal }),
    placeholderData: keepPreviousData,
  });

export const workflowQuery = (workflowId: string) =>
  queryOptions({ queryKey: ["workflow", workflowId], queryFn: ({ signal }) => api.get<Workflow>(`/api/workflows/${workflowId}`, { signal }) });

export const versionsQuery = (workflowId: string) =>
  queryOptions({
    queryKey: ["workflow", workflowId, "versions"],
    queryFn: ({ signal }) => api.get<{ versions: WorkflowVersion[] }>(`/api/workflows/${workflowId}/versions`, { signal }),
  });

export const workflowRunsQuery = (workflowId: string) =>
  infiniteQueryOptions({
    queryKey: ["workflow", workflowId, "runs"],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      api.get<{ runs: WorkflowRun[]; next_cursor: string | null }>(`/api/workflows/${workflowId}/runs`, { query: { cursor: pageParam }, signal }),
    getNextPageParam: (last) => last.next_cursor,
  });

export const workflowFormsQuery = queryOptions({
  queryKey: ["workflow-forms"],
  staleTime: 60_000,
  queryFn: ({ signal }) =>
    api.get<{ operations: FormOperation[]; llm: { available: boolean; reason: string | null } }>("/api/workflows/forms", { signal }),
});

export const ledgerQuery = (workflowId: string) =>
  queryOptions({
    queryKey: ["workflow", workflowId, "ledger"],
    queryFn: ({ signal }) => api.get<{ entries: LedgerEntry[] }>(`/api/workflows/${workflowId}/ledger`, { signal }),
  });

/** Fetches again whatever shows the workflow. */
export function workflowChanged(workflowId: string): void {
  void queryClient.invalidateQueries({ queryKey: ["workflows"] });
  void queryClient.invalidateQueries({ queryKey: ["workflow", workflowId] });
}

/** Lets go of a workflow that is no more, so that no screen asks for it again. */
export function workflowGone(workflowId: string): void {
  queryClient.removeQueries({ queryKey: ["workflow", workflowId] });
  void queryClient.invalidateQueries({ queryKey: ["workflows"] });
}
