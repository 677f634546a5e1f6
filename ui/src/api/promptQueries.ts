// What the prompt screens read from the server, and how their copies follow the news.
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "./client";
import type {
  AssertionKind, AssertionSet, Content, Difference, Experiment, ExperimentBrief, Fixture, Gate, Label, Move, Prompt, PromptBrief, PromptRun, PromptRunBrief, Version,
} from "./promptTypes";
import { queryClient } from "./queries";
import type { Page } from "./types";

/** A prompt's key may hold dots and dashes only, but an address must never depend on that. */
const at = (key: string) => `/v2/prompts/${encodeURIComponent(key)}`;

export const promptsQuery = (archived: boolean) =>
  queryOptions({
    queryKey: ["prompts", archived],
    queryFn: () => api.get<Page<PromptBrief>>("/v2/prompts", { query: { fragments: true, archived } }),
    placeholderData: keepPreviousData,
  });

export const promptQuery = (key: string) => queryOptions({ queryKey: ["prompt", key], queryFn: () => api.get<Prompt>(at(key)) });

export const versionQuery = (key: string, number: number) =>
  queryOptions({ queryKey: ["prompt", key, "version", number], staleTime: Infinity, queryFn: () => api.get<Version>(`${at(key)}/versions/${number}`) });

/** The version with the prompts it includes filled in. */
export const resolvedQuery = (key: string, number: number) =>
  queryOptions({ queryKey: ["prompt", key, "resolved", number], queryFn: () => api.get<Version>(`${at(key)}/resolved`, { query: { version: number } }) });

/** The version a label points to, as a column asks with it: what it includes is that of the same label. */
export const inUseQuery = (key: string, label: string) =>
  queryOptions({ queryKey: ["prompt", key, "in-use", label], queryFn: () => api.get<Version>(`${at(key)}/resolved`, { query: { label } }) });

export const diffQuery = (key: string, left: number, right: number) =>
  queryOptions({
    queryKey: ["prompt", key, "diff", left, right],
    staleTime: Infinity,
    queryFn: () => api.get<Difference>(`${at(key)}/diff`, { query: { left, right } }),
    placeholderData: keepPreviousData,
  });

export const draftDiffQuery = (key: string, left: number, draft: Content) =>
  queryOptions({
    queryKey: ["prompt", key, "draft-diff", left, draft],
    queryFn: () => api.post<Difference>(`${at(key)}/diff`, { left, draft }),
    placeholderData: keepPreviousData,
  });

export const promptRunsQuery = (key: string) =>
  queryOptions({ queryKey: ["prompt-runs", key], queryFn: () => api.get<Page<PromptRunBrief>>(`${at(key)}/runs`, { query: { limit: 40 } }) });

export const promptRunQuery = (key: string, stepRunId: string) =>
  queryOptions({ queryKey: ["prompt-runs", key, stepRunId], queryFn: () => api.get<PromptRun>(`${at(key)}/runs/${stepRunId}`) });

export const lastRunQuery = (key: string) =>
  queryOptions({
    queryKey: ["prompt-runs", key, "last"],
    queryFn: () => api.get<{ last_run: PromptRun | null }>(`${at(key)}/last-run`),
  });

export const assertionKindsQuery = queryOptions({
  queryKey: ["assertion-kinds"],
  staleTime: Infinity,
  queryFn: () => api.get<{ data: AssertionKind[] }>("/v2/assertion-kinds"),
});

export const assertionsQuery = (key: string) =>
  queryOptions({ queryKey: ["prompt", key, "assertions"], queryFn: () => api.get<AssertionSet>(`${at(key)}/assertions`) });

export const fixturesQuery = (key: string) =>
  queryOptions({ queryKey: ["prompt", key, "fixtures"], queryFn: () => api.get<Page<Fixture>>(`${at(key)}/fixtures`) });

export const experimentsQuery = (key: string) =>
  queryOptions({ queryKey: ["experiments", key], queryFn: () => api.get<Page<ExperimentBrief>>(`${at(key)}/experiments`) });

export const experimentQuery = (experimentId: string) =>
  queryOptions({ queryKey: ["experiment", experimentId], queryFn: () => api.get<Experiment>(`/v2/experiments/${experimentId}`) });

export const labelsQuery = (key: string) =>
  queryOptions({ queryKey: ["prompt", key, "labels"], queryFn: () => api.get<{ latest: number; data: Label[] }>(`${at(key)}/labels`) });

export const gateQuery = (key: string, number: number) =>
  queryOptions({ queryKey: ["prompt", key, "gate", number], staleTime: 0, queryFn: () => api.get<Gate>(`${at(key)}/versions/${number}/gate`) });

export const movesQuery = (key: string) =>
  queryOptions({ queryKey: ["prompt", key, "moves"], queryFn: () => api.get<Page<Move>>(`${at(key)}/moves`) });

/** Fetches again whatever shows the prompt; versions that were read stay, for they never change. */
export function promptChanged(key: string): void {
  void queryClient.invalidateQueries({ queryKey: ["prompts"] });
  void queryClient.invalidateQueries({ queryKey: ["prompt", key], predicate: ({ queryKey }) => queryKey[2] !== "version" && queryKey[2] !== "diff" });
}

/** Fetches again what the prompt was asked, and its last run. */
export function runsChanged(key: string): void {
  void queryClient.invalidateQueries({ queryKey: ["prompt-runs", key] });
}

/** Fetches again what shows trials of the prompt: an experiment began, went on or finished. */
export function trialsChanged(key: string, experimentId?: string): void {
  void queryClient.invalidateQueries({ queryKey: ["experiments", key] });
  runsChanged(key);
  void queryClient.invalidateQueries({ queryKey: ["prompt", key, "gate"] });
  if (experimentId) void queryClient.invalidateQueries({ queryKey: ["experiment", experimentId] });
}

export { at as promptAddress };
