// The shapes the server speaks, by the words of the product. Money is whole micro-dollars, times are ISO 8601 UTC.

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
}

// Session and account

export interface Session {
  user: { id: string; email: string; name: string; role: string };
  account: { id: string; name: string; is_training: boolean; settings: JsonObject };
  permissions: string[];
  version: string;
}

export interface SignedInSession {
  id: string;
  user_agent: string | null;
  address: string | null;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
  is_current: boolean;
}

export interface ApiKey {
  id: string;
  name: string;
  scopes: string[];
  prefix?: string | null;
  created_at: string;
  expires_at: string | null;
  last_used_at?: string | null;
  key?: string;
}

export interface User {
  id: string;
  email: string;
  name: string;
  role: string;
  is_disabled: boolean;
  created_at?: string;
}

// Clients

export type BudgetScope = "account" | "client" | "workbook" | "table" | "column" | "run";

export interface BudgetUse {
  id: string;
  limit_micro_usd: number;
  reserved_micro_usd: number;
  spent_micro_usd: number;
}

export interface Budget extends BudgetUse {
  scope: BudgetScope;
  scope_id: string | null;
  name?: string;
}

export interface Client {
  id: string;
  name: string;
  domain: string | null;
  llm: string | null;
  model: string | null;
  workbook_count?: number;
  spent_micro_usd: number;
  budget: BudgetUse | null;
  created_at: string;
}

export interface NewClient {
  name: string;
  domain?: string;
  llm?: string;
  model?: string;
  budget_micro_usd?: number;
}

// Workbooks and tables

export type TableStatus = "pending" | "running" | "complete" | "failed";

export interface TableBrief {
  id: string;
  name: string;
  kind: "ce" | "table";
  row_count: number;
  field_count: number;
  status: TableStatus;
  progress: { done: number; total: number } | null;
}

export interface Workbook {
  id: string;
  client_id: string;
  name: string;
  is_training: boolean;
  created_at: string;
  updated_at: string;
  spent_micro_usd: number;
  tables: TableBrief[];
}

export interface NewWorkbook extends Workbook {
  default_table_id: string;
  default_view_id: string;
}

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

export interface Estimate {
  rows: number;
  fields: {
    field_id: string;
    name: string;
    rows: number;
    price_micro_usd_per_row: number;
    expected_micro_usd: number;
    worst_micro_usd: number;
    provider: string | null;
    warnings: string[];
  }[];
  expected_micro_usd: number;
  worst_micro_usd: number;
  budgets: { scope: BudgetScope; left_micro_usd: number; fits: boolean }[];
  needs_confirmation: boolean;
  blockers: { field_id: string; message: string }[];
}

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

export interface KeyField {
  name: string;
  label: string;
  is_secret?: boolean;
}

export interface Capability {
  key: string;
  label: string;
  price_credits: number;
  price_micro_usd: number;
  call_class: "A" | "B" | "C";
  is_miss_charged: boolean;
  inputs: { name: string; label: string }[];
  needs: string[][];
  outputs: (string | { name: string; label: string })[];
}

export interface ProviderEntry {
  key: string;
  label: string;
  summary: string;
  docs_url: string;
  is_local: boolean;
  capabilities: Capability[];
  key_fields: KeyField[];
  has_key: boolean;
}

export interface LlmModel {
  id: string;
  label: string;
  input_micro_usd_per_mtok: number | null;
  output_micro_usd_per_mtok: number | null;
  best_for: string;
}

export interface LlmEntry {
  key: string;
  label: string;
  key_fields: KeyField[];
  takes_base_url: boolean;
  is_simulated: boolean;
  models: LlmModel[];
  has_key: boolean;
}

export interface Catalog {
  providers: ProviderEntry[];
  columns: { key: string; label: string; summary: string; is_computed: boolean; settings_schema: JsonObject }[];
  llms: LlmEntry[];
  filters: { industries: string[]; sizes: string[]; countries: string[]; us_states: string[] };
}

// Plans

export type LeadSource = "find_companies" | "csv" | "other";

export interface CompanyFilters {
  industries: string[];
  locations: string[];
  sizes: string[];
  revenue_min_usd: number | null;
  revenue_max_usd: number | null;
  founded_from: number | null;
  founded_to: number | null;
  keywords: string[];
  limit: number;
}

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

export interface MatchPreview {
  count: number;
  sample: { name: string; domain: string | null; city: string | null; industry: string | null }[];
}

export type PlanState = "draft" | "approved" | "applying" | "applied" | "failed" | "rejected";
export type StepType = "create_workbook" | "create_table" | "add_source" | "add_column" | "run_enrichment";

export interface PlanStep {
  order: number;
  type: StepType;
  description: string;
  dependsOn: number[];
  estimatedCredits: number;
  config: JsonObject;
}

export interface PlanDocument {
  tableName: string;
  estimatedCredits: number;
  estimatedRows: number;
  description?: string;
  steps: PlanStep[];
  warnings: string[];
  recommendations: string[];
}

export interface PlanStepEstimate {
  order: number;
  rows: number;
  expected_micro_usd: number;
  worst_micro_usd: number;
  unit_micro_usd: number;
  note: string | null;
}

export interface Plan {
  id: string;
  client_id: string;
  name: string;
  state: PlanState;
  hash: string;
  document: PlanDocument;
  estimate: { rows: number; expected_micro_usd: number; worst_micro_usd: number; steps: PlanStepEstimate[] };
  blockers: { order: number | null; message: string }[];
  warnings: string[];
  workbook_id: string | null;
  run_id: string | null;
  created_at?: string;
}

// Runs

export type RunState = "queued" | "running" | "waiting" | "stopping" | "stopped" | "succeeded" | "failed";

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

export interface RunBrief {
  id: string;
  kind: string;
  title: string;
  state: RunState;
  progress: RunProgress;
  subject: { workbook_id?: string | null; table_id?: string | null; field_ids?: string[]; plan_id?: string | null };
  is_simulated: boolean;
  cost_micro_usd: number;
  error: { message: string } | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  client_id: string | null;
  created_by_name: string | null;
}

export interface StepRun {
  id: string;
  no: number;
  key: string;
  label: string;
  state: RunState;
  input_variables: Json;
  lineage: Json;
  interpolated_prompt: string | null;
  raw_output: string | null;
  parsed_output: Json;
  model: string | null;
  input_tokens: number | null;
  output_tokens: number | null;
  cost_micro_usd: number;
  attempts: Json;
  error: { message: string } | null;
  started_at: string | null;
  finished_at: string | null;
  duration_ms: number | null;
}

export interface ProviderSpend {
  provider: string;
  capability: string;
  calls: number;
  settled_micro_usd: number;
  reserved_micro_usd: number;
  is_simulated: boolean;
}

export interface Run extends RunBrief {
  steps: StepRun[];
  spend: ProviderSpend[];
  input: Json;
  result: Json;
}

// Spend

export interface UnknownCall {
  call_id: string;
  provider: string;
  capability: string;
  reserved_micro_usd: number;
  intent_at: string;
  table_id: string | null;
  row_id: string | null;
  field_id: string | null;
}

export interface Spend {
  settled_micro_usd: number;
  reserved_micro_usd: number;
  by_provider: ProviderSpend[];
  by_day: { day: string; settled_micro_usd: number }[];
  by_client: { client_id: string; name: string; settled_micro_usd: number }[];
  unknown: UnknownCall[];
}

export type ReconcileAction = "mark_done" | "mark_failed" | "retry_and_pay_again";

// Settings

export type CredentialKind = "provider" | "llm";

export interface Credential {
  kind: CredentialKind;
  name: string;
  last_four: string | null;
  fingerprint: string | null;
  base_url: string | null;
  features: JsonObject | null;
  usd_per_credit: number | null;
  updated_at: string;
}

export interface ProbeLine {
  name: string;
  is_ok: boolean;
  detail: string;
}

// Live

export type CellChange = [row_id: string, field_no: number, state: CellState, value: Json, marks: number, note: string | null];

export type TableEvent =
  | { type: "cells"; run_id: string | null; cells: CellChange[]; at: string }
  | { type: "running"; field_no: number; row_ids: string[] }
  | { type: "rows"; version: number; row_count: number }
  | { type: "fields" }
  | ({ type: "run" } & RunBrief);

export type RunEvent = { type: "run" } & RunBrief;
