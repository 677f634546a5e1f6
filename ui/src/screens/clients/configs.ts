// What each configuration of a client holds, field by field, and what is wrong with one; the server checks again.
import type { ConfigKind, Json, JsonObject } from "../../api/types";

export interface Column {
  name: string;
  label: string;
  kind: "text" | "number" | "choice";
  options?: { value: string; label: string }[];
  width?: string;
}

export interface FieldSpec {
  path: string;
  label: string;
  hint?: string;
  kind: "text" | "area" | "lines" | "rows" | "numbers" | "choice";
  columns?: Column[];
  /** For `numbers`: the names and the values that count when none is given. */
  numbers?: { name: string; label: string; usual: number }[];
  options?: { value: string; label: string }[];
  heading?: string;
}

export interface KindSpec {
  label: string;
  /** What the pipeline does with it. */
  purpose: string;
  fields: FieldSpec[];
}

const TIERS = [
  { value: "hot", label: "Hot" },
  { value: "warm", label: "Warm" },
  { value: "passive", label: "Passive" },
];

export const KINDS: Record<ConfigKind, KindSpec> = {
  icp_config: {
    label: "Ideal customer",
    purpose: "Which companies to look for, what shows that they buy, and whom to talk to there.",
    fields: [
      {
        path: "signals", label: "Signals", kind: "rows", hint: "What shows that a company is about to buy. Weight 0 to 25.",
        columns: [
          { name: "name", label: "Signal", kind: "text" },
          { name: "tier", label: "Tier", kind: "choice", options: TIERS, width: "120px" },
          { name: "weight", label: "Weight", kind: "number", width: "84px" },
        ],
      },
      { path: "disqualifiers", label: "Disqualifiers", kind: "lines", hint: "What rules a company out, checkable from outside." },
      { path: "target_titles", label: "Titles to talk to", kind: "lines" },
      { path: "excluded_titles", label: "Titles to leave out", kind: "lines" },
      { path: "geography.tier_1", label: "First-choice places", kind: "lines", heading: "Where" },
      { path: "geography.tier_2", label: "Second-choice places", kind: "lines" },
      {
        path: "scoring_weights", label: "Weights of the lead score", kind: "numbers", heading: "How a lead is scored", hint: "They are scaled to 100 together.",
        numbers: [
          { name: "signal", label: "Signal", usual: 30 },
          { name: "timing", label: "Timing", usual: 20 },
          { name: "geography", label: "Geography", usual: 15 },
          { name: "project_type", label: "Project type", usual: 15 },
          { name: "budget", label: "Budget", usual: 10 },
          { name: "relationship", label: "Relationship", usual: 10 },
        ],
      },
    ],
  },
  industry_research: {
    label: "Industry",
    purpose: "How these companies buy, who takes part, and where news of them is found.",
    fields: [
      {
        path: "industries", label: "Industries", kind: "rows", hint: "The most important first.",
        columns: [
          { name: "name", label: "Industry", kind: "text" },
          { name: "priority", label: "Priority", kind: "number", width: "92px" },
        ],
      },
      { path: "buying_signals", label: "Buying signals", kind: "lines", hint: "Words that news of a purchase uses." },
      { path: "personas", label: "Who takes part", kind: "lines" },
      { path: "timing_constraints", label: "When it is decided", kind: "lines" },
      { path: "sources_to_check", label: "Sources to check", kind: "lines" },
    ],
  },
  research_context: {
    label: "Context",
    purpose: "Who the client is and why it wins, so that every dossier speaks for this client.",
    fields: [
      { path: "client.name", label: "Name", kind: "text", heading: "The client" },
      { path: "client.domain", label: "Domain", kind: "text" },
      { path: "client.tagline", label: "In one sentence", kind: "text" },
      { path: "differentiators", label: "Why it wins", kind: "lines" },
      { path: "notable_projects", label: "Projects to name", kind: "lines" },
      { path: "team", label: "Team", kind: "lines" },
      { path: "competitors", label: "Competitors", kind: "lines" },
      { path: "goals", label: "Goals", kind: "lines" },
      { path: "questions", label: "Questions every dossier answers", kind: "lines" },
      { path: "brand_voice.tone", label: "Tone", kind: "text", heading: "How it speaks" },
      { path: "brand_voice.phrases", label: "Phrases it uses", kind: "lines" },
      { path: "brand_voice.avoid", label: "Words to avoid", kind: "lines" },
    ],
  },
  seed: {
    label: "Where to begin",
    purpose: "Whether a run looks for a company by itself or begins with one you name.",
    fields: [
      {
        path: "mode", label: "Begin with", kind: "choice",
        options: [
          { value: "discovery", label: "Discovery: look for a company" },
          { value: "seed", label: "A company or hint" },
        ],
      },
      { path: "seed", label: "Company or hint", kind: "area", hint: "Needed when a run begins with a company." },
    ],
  },
  batch_strategy: {
    label: "Batches",
    purpose: "How many dossiers a batch makes and in which order.",
    fields: [
      {
        path: "batch_plan", label: "Numbers", kind: "numbers",
        numbers: [
          { name: "total_leads", label: "Dossiers in all", usual: 10 },
          { name: "batch_size", label: "In one batch", usual: 5 },
        ],
      },
      { path: "batch_plan.priority_order", label: "In this order", kind: "lines", hint: "Kinds of project or place, the first first." },
      { path: "directions", label: "Directions", kind: "area", hint: "What the next batch should look for, in your words." },
    ],
  },
};

export const KIND_ORDER: ConfigKind[] = ["icp_config", "industry_research", "research_context", "seed", "batch_strategy"];

export function at(config: JsonObject, path: string): Json | undefined {
  let found: Json | undefined = config;
  for (const name of path.split(".")) {
    if (!isObject(found)) return undefined;
    found = found[name];
  }
  return found;
}

/** The configuration with a value in it; null takes the field out, and whatever is beside it stays. */
export function withValue(config: JsonObject, path: string, value: Json): JsonObject {
  const [name, ...rest] = path.split(".");
  const next = { ...config };
  const inner = next[name!];
  if (rest.length > 0) next[name!] = withValue(isObject(inner) ? inner : {}, rest.join("."), value);
  else if (value === null) delete next[name!];
  else next[name!] = value;
  return next;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether the form can show what stands at the field without losing any of it. */
export function fits(value: Json | undefined, field: FieldSpec): boolean {
  if (value === undefined || value === null) return true;
  if (field.kind === "lines") return Array.isArray(value) && value.every((each) => typeof each === "string");
  if (field.kind === "rows") return Array.isArray(value) && value.every((each) => isObject(each));
  if (field.kind === "numbers") return isObject(value);
  return typeof value === "string";
}

/** What is wrong, by field; empty when it can be saved. */
export function problemsOf(kind: ConfigKind, config: JsonObject): Record<string, string> {
  const problems: Record<string, string> = {};
  for (const field of KINDS[kind].fields) {
    const value = at(config, field.path);
    if (value === undefined || value === null) continue;
    if (field.kind === "lines" && !Array.isArray(value)) problems[field.path] = `${field.label} must be a list.`;
    if (field.kind === "rows") problems[field.path] = rowProblem(field, value);
    if (field.kind === "numbers") problems[field.path] = numberProblem(field, value);
  }
  if (kind === "seed" && at(config, "mode") === "seed" && !String(at(config, "seed") ?? "").trim()) {
    problems.seed = "Say which company or hint to begin with, or choose discovery.";
  }
  return Object.fromEntries(Object.entries(problems).filter(([, problem]) => problem));
}

function rowProblem(field: FieldSpec, value: Json): string {
  if (!Array.isArray(value)) return `${field.label} must be a list.`;
  for (const [index, row] of value.entries()) {
    if (!isObject(row)) continue;
    if (!String(row.name ?? "").trim()) return `Line ${index + 1} has no name.`;
    const { tier, weight } = row;
    if (field.path === "signals" && tier !== undefined && !TIERS.some((each) => each.value === tier)) return `Line ${index + 1}: the tier is hot, warm or passive.`;
    if (field.path === "signals" && weight !== undefined && weight !== null && !(Number(weight) >= 0 && Number(weight) <= 25)) return `Line ${index + 1}: the weight is 0 to 25.`;
  }
  return "";
}

function numberProblem(field: FieldSpec, value: Json): string {
  if (!isObject(value)) return `${field.label} must be numbers by name.`;
  const odd = field.numbers?.find(({ name }) => value[name] !== undefined && value[name] !== null && !(Number(value[name]) >= 0));
  return odd ? `${odd.label} must be a number of 0 or more.` : "";
}
