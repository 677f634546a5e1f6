// The shapes of prompts, their versions and what was tried with them, by the words of the product.
import type { components } from "./schema";
import type { Json } from "./types";

type Schemas = components["schemas"];

export type PromptBrief = Schemas["PromptBrief"];
export type VersionBrief = Schemas["VersionBrief"];
export type Label = Schemas["LabelReply"];
export type PromptConfig = Required<Schemas["PromptConfig"]>;
export type PromptInput = Required<Schemas["PromptInput"]>;
export type Version = Omit<Schemas["VersionReply"], "config" | "inputs"> & { config: PromptConfig; inputs: PromptInput[] };
export type Prompt = Omit<Schemas["PromptReply"], "current"> & { current: Version };

/** What a version is made of, as the editor holds it. */
export interface Content {
  text: string;
  config: PromptConfig;
  inputs: PromptInput[];
}

export type Variables = Record<string, Json>;

/** Where a variable's value came from. */
export interface Origin {
  source: string;
  step?: string | null;
  path?: string | null;
  step_run_id?: string | null;
}

export type PromptRunBrief = Schemas["PromptRunBrief"];
export type PromptRun = Omit<Schemas["PromptRun"], "input_variables" | "lineage" | "parsed_output"> & {
  input_variables: Variables | null;
  lineage: Record<string, Origin> | null;
  parsed_output: Json;
};

export type DiffLine = Schemas["DiffLineReply"];
export type SettingChange = Omit<Schemas["SettingChange"], "left" | "right"> & { left: Json; right: Json };

export interface Difference {
  changed: number;
  lines: DiffLine[];
  settings: SettingChange[];
}

export interface Assertion {
  kind: string;
  settings: Record<string, Json>;
}

export interface AssertionSet {
  revision: number;
  assertions: Assertion[];
}

export interface SettingSchema {
  type?: string;
  title?: string;
  default?: Json;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  anyOf?: { type?: string }[];
}

export type AssertionKind = Omit<Schemas["KindReply"], "settings_schema"> & {
  settings_schema: { properties?: Record<string, SettingSchema>; required?: string[] };
};

export type Fixture = Omit<Schemas["FixtureReply"], "variables"> & { variables: Variables };

export interface SummaryLine {
  number: number | null;
  title: string;
  trials: number;
  passed: number;
  errors: number;
  failed_assertions: Record<string, number>;
  cost_micro_usd: number;
  input_tokens: number;
  output_tokens: number;
  median_ms: number;
  is_simulated: boolean;
}

export interface Summary {
  candidates: SummaryLine[];
  trials: number;
  passed: number;
  cost_micro_usd: number;
}

export type ExperimentBrief = Omit<Schemas["ExperimentBrief"], "summary"> & { summary: Summary | null };
export type Trial = Omit<Schemas["TrialReply"], "parsed_output"> & { parsed_output: Json };
export type Candidate = Schemas["CandidateReply"];
export type Case = Omit<Schemas["CaseReply"], "variables"> & { variables: Variables };
export type Experiment = Omit<Schemas["ExperimentReply"], "summary" | "trials" | "cases" | "assertions"> & {
  summary: Summary | null;
  trials: Trial[];
  cases: Case[];
  assertions: Assertion[];
};

export type Started = Schemas["Started"];
export type Gate = Schemas["GateReply"];
export type Move = Schemas["MoveReply"];

/** What the refusal of a save holds when somebody else saved first. */
export interface SaveConflict {
  newer_version: number;
  base_version: number;
  branch: string;
  merged_text: string;
  merged_config: PromptConfig;
  merged_inputs: PromptInput[];
  conflicts: number;
  setting_conflicts: string[];
}
