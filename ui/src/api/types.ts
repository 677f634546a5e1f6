// The shapes the server speaks, by the words of the product: names for the generated ones, and closer ones where its
// contract says only "JSON". Money is whole micro-dollars, times are ISO 8601 UTC.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export interface Page<T> {
  data: T[];
  next_cursor?: string | null;
}

// Session and account

export type Session = Schemas["SessionReply"];

export type SignedInSession = Schemas["OpenSession"];

export type ApiKey = Schemas["KeyReply"];

/** With the secret, which is shown this once. */
export type MadeApiKey = Schemas["MadeKey"];

export type User = Schemas["UserReply"];

// Clients

export type BudgetScope = Budget["scope"];

export type BudgetUse = Schemas["ClientBudget"];

export type Budget = Schemas["BudgetReply"];

export type Client = Schemas["ClientReply"];

export type NewClient = Schemas["NewClient"];

// Workbooks and tables

export type TableStatus = TableBrief["status"];

export type TableBrief = Schemas["TableBrief"];

export type Workbook = Schemas["WorkbookReply"];

export type NewWorkbook = Schemas["MadeWorkbook"];

export type Storage = "text" | "number" | "timestamp" | "json";

export interface Field {
  id: string;
  ref: string;
  no: number;
  name: string;
  kind: string;
  settings: JsonObject;
  storage: Storage;
  position: number;
  condition: string | null;
  auto_run: boolean;
  output_of: string | null;
  output_name: string | null;
  is_computed: boolean;
  width: number | null;
  is_hidden: boolean;
  depends_on: string[];
  output_fields?: Field[];
}

export type FilterOp =
  | "is" | "is_not" | "contains" | "is_empty" | "is_not_empty" | "gt" | "gte" | "lt" | "lte" | "state_is";

export interface FilterRule {
  field: string;
  op: FilterOp;
  value?: Json;
}

export type Filters = FilterRule[] | { or: FilterRule[][] };

export interface SortRule {
  field: string;
  direction: "asc" | "desc";
}

export interface View {
  id: string;
  name: string;
  filters: Filters;
  sorts: SortRule[];
  columns: Json;
}

export interface Table {
  id: string;
  workbook_id: string;
  workbook_name: string;
  client_id: string;
  name: string;
  kind: "ce" | "table";
  row_count: number;
  version: number;
  is_training: boolean;
  auto_run: boolean;
  fields: Field[];
  views: View[];
  active_runs: RunBrief[];
}

export type CellState =
  | "empty" | "queued" | "running" | "waiting" | "retrying" | "rate_limited" | "done" | "no_data"
  | "condition_not_met" | "missing_input" | "invalid" | "failed" | "over_budget" | "cancelled" | "stale" | "unknown";

/** Bits of a cell's `marks`. */
export const MARK_SIMULATED = 1;
export const MARK_GUESS = 2;
export const MARK_EDITED = 4;

export interface CellStatus {
  state: CellState;
  marks: number;
  note?: string | null;
}

export interface RecordRow {
  row_id: string;
  /** By field number as text. */
  values: Record<string, Json>;
  cells: Record<string, CellStatus>;
}

export interface RecordPage {
  offset: number;
  total: number;
  /** False when `total` is a lower bound, because counting stopped. */
  is_total_exact?: boolean;
  version: number;
  rows: RecordRow[];
}

export type RunMode = "cell" | "selected" | "first_n" | "empty" | "failed" | "all" | "force";

export interface RunRequest {
  field_ids: string[];
  mode: RunMode;
  row_ids?: string[];
  first_n?: number;
  with_dependants?: boolean;
  budget_micro_usd?: number;
}

export type Estimate = Schemas["RunEstimate"];

export interface CellAttempt {
  provider: string;
  capability: string;
  call_id: string | null;
  call_class: "A" | "B" | "C";
  state: string;
  outcome: string | null;
  message: string | null;
  cost_micro_usd: number;
  is_simulated: boolean;
  request: Json;
  response: Json;
  started_at: string;
  elapsed_ms: number | null;
  model?: string | null;
  prompt?: string | null;
  system?: string | null;
  raw_output?: string | null;
  input_tokens?: number | null;
  output_tokens?: number | null;
  /** The registry's prompt that was asked with, where the column names one. */
  prompt_key?: string | null;
  prompt_label?: string | null;
  prompt_version?: number | null;
  /** What a dossier column's question came to, and the pipeline run that made it. */
  dossier_id?: string | null;
  run_id?: string | null;
}

export interface CellDetail {
  value: Json;
  state: CellState;
  marks: number;
  note: string | null;
  field: Field;
  row_id: string;
  source: { kind: "imported" | "typed" | "directory" | "provider" | "llm" | "formula"; label: string; at: string } | null;
  attempts: CellAttempt[];
  cost_micro_usd: number;
  run: RunBrief | null;
  history: { id: string; value: Json; state: CellState; at: string; run_id: string | null; marks: number }[];
}

export interface ImportPreview {
  upload_id: string;
  encoding: string;
  delimiter: string;
  columns: { name: string; samples: string[]; guess_kind: string }[];
  rows_seen: number;
}

export interface ColumnMapping {
  column: string;
  field_id?: string;
  new_field?: { name: string; kind: string } | null;
}

// Catalogue

export type KeyField = Schemas["KeyFieldReply"];

export type Capability = Schemas["CapabilityReply"];

export type ProviderEntry = Schemas["ProviderReply"];

export type LlmModel = Schemas["ModelReply"];

export type LlmEntry = Schemas["LlmReply"];

export type Catalog = Omit<Schemas["CatalogReply"], "columns"> & {
  columns: (Omit<Schemas["ColumnReply"], "settings_schema"> & { settings_schema: JsonObject })[];
};

// Plans

export type LeadSource = "find_companies" | "csv" | "other";

/** As the wizard keeps them: nothing left out. */
export type CompanyFilters = Required<Schemas["CompanyFilters"]>;

export type Condition =
  | { type: "always" }
  | { type: "column_not_empty"; column: string }
  | { type: "column_empty"; column: string }
  | string;

export type AnswerColumnKind = "ai" | "enrichment" | "waterfall" | "formula" | "rubric";

export interface AnswerColumn {
  name: string;
  kind: AnswerColumnKind;
  prompt?: string;
  condition?: Condition;
  outputs?: (string | JsonObject)[];
  model?: string;
  settings?: JsonObject;
}

export interface Answers {
  workbook_name: string;
  lead_source: LeadSource;
  source: { filters?: CompanyFilters; upload_id?: string; mapping?: ColumnMapping[] };
  columns: AnswerColumn[];
  is_training?: boolean;
}

export type MatchPreview = Schemas["CountReply"];

export type PlanState = Plan["state"];

export type PlanStep = Required<Omit<Schemas["PlanStep"], "config">> & { config: JsonObject };

export type PlanDocument = Required<Omit<Schemas["PlanDocument"], "steps">> & { steps: PlanStep[] };

export type PlanStepEstimate = Schemas["StepEstimateReply"];

export type Plan = Omit<Schemas["PlanReply"], "document"> & { document: PlanDocument };

// Runs

export type RunState = Schemas["RunBrief"]["state"];

export interface FieldProgress {
  total: number;
  done: number;
  by_state: Partial<Record<CellState, number>>;
}

export interface RunProgress extends FieldProgress {
  fields: Record<string, FieldProgress & { name?: string }>;
  rate_per_second: number | null;
  cost_micro_usd: number;
}

export interface RunSubject {
  workbook_id?: string | null;
  table_id?: string | null;
  field_ids?: string[];
  plan_id?: string | null;
}

export type RunBrief = Omit<Schemas["RunBrief"], "progress" | "subject"> & { progress: RunProgress; subject: RunSubject };

export type StepRun = Omit<Schemas["StepReply"], "input_variables" | "lineage" | "parsed_output"> & { input_variables: Json; lineage: Json; parsed_output: Json };

export type ProviderSpend = Schemas["ProviderSpend"];

export type Run = RunBrief & { steps: StepRun[]; spend: ProviderSpend[]; input: Json; result: Json };

// Spend

export type UnknownCall = Schemas["UnknownCall"];

export type Spend = Schemas["SpendReply"];

export type ReconcileAction = Schemas["Decision"]["action"];

// Settings

export type CredentialKind = Credential["kind"];

export type Credential = Schemas["CredentialReply"];

export type ProbeLine = Schemas["TestLine"];

// Live

export type CellChange = [row_id: string, field_no: number, state: CellState, value: Json, marks: number, note: string | null];

/** More cells than one message carries: which columns, between which rows. */
export type CellStretch = { type: "cells"; run_id: string; cells: []; field_nos: number[]; from_row_id: number; to_row_id: number };

export type TableEvent =
  | { type: "cells"; run_id: string | null; cells: CellChange[] }
  | CellStretch
  | { type: "running"; field_no: number; row_ids: string[] }
  | { type: "rows"; version: number; row_count: number }
  | { type: "fields" }
  | ({ type: "run" } & RunBrief);

export type RunEvent = { type: "run" } & RunBrief;

// Pipelines: dossiers being made, step by step

export type PipelineStatus = PipelineBrief["status"];

export type PipelineBrief = Schemas["PipelineBrief"];

export type Pipeline = Schemas["PipelineReply"];

export type PlannedStep = Schemas["PlannedStep"];

export type PlannedSteps = Schemas["PlannedSteps"];

export type PipelineStep = Schemas["StepBriefReply"];

/** Where a variable of a step came from; `step` is the key of the step run to go to. */
export interface Origin {
  source: "client_config" | "step" | "context_pack" | "seed" | "computed" | "override";
  step: string | null;
  step_run_id: string | null;
  path: string;
  preview: string;
}

/** One question that left, to whom, and what it cost. */
export interface PipelineCall {
  call_id?: string | null;
  provider?: string;
  capability?: string;
  outcome?: string;
  state?: string;
  message?: string;
  model?: string;
  elapsed_ms?: number;
  cost_micro_usd?: number;
  is_simulated?: boolean;
  /** Of work that the source does for minutes: its own name for it, since when, and how often it was asked about. */
  task_id?: string;
  submitted_at?: string;
  polls?: number;
}

export type PipelineStepRun = Omit<Schemas["StepRunReply"], "input_variables" | "lineage" | "parsed_output" | "calls"> & {
  input_variables: JsonObject | null;
  lineage: Record<string, Origin> | null;
  parsed_output: Json;
  calls: PipelineCall[] | null;
};

export type Comparison = Schemas["ComparisonReply"];

export type StepDifference = Schemas["StepDifferenceReply"];

/** What is heard on a pipeline's own topic. */
export type PipelineEvent = RunEvent | { type: "step"; run_id: string; key: string } | { type: "dossier"; dossier_id: string; state: string };

// Research

export type Dossier = Schemas["DossierReply"];
export type FullDossier = Schemas["FullDossier"];
export type DossierSection = Schemas["SectionReply"];
export type DossierSentence = Schemas["SentenceReply"];
export type UsedSource = Schemas["UsedSourceReply"];
export type LeadScore = Schemas["ScoreReply"];
export type Contact = Schemas["ContactReply"];
export type Claim = Schemas["ClaimReply"];
export type MergedClaim = Schemas["MergedReply"];
export type ClaimsMerge = Schemas["MergeReply"];
export type SourceRef = Schemas["SourceRefReply"];
export type ResolvedObject = Schemas["ResolvedReply"];
export type Batch = Schemas["BatchReply"];
export type BatchBrief = Schemas["BatchBrief"];
export type BatchEstimate = Schemas["BatchEstimateReply"];
export type BatchSchedule = Schemas["ScheduleReply"];
export type NewBatch = Schemas["NewBatch"];
export type ResearchClient = Schemas["ResearchClientReply"];
export type ClientConfig = Schemas["ConfigReply"];
export type ConfigKind = ClientConfig["kind"];
export type ClientIntake = Schemas["OnboardingReply"];
