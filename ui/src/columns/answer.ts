// A column as the editors know it, and ready-made ones.
import type { AnswerColumn, AnswerColumnKind, Catalog, Json, JsonObject, ProviderEntry } from "../api/types";

export interface AiOutput {
  name: string;
  type: string;
  description: string;
}

export const OUTPUT_TYPES = [
  { value: "text", label: "Text" },
  { value: "number", label: "Number" },
  { value: "boolean", label: "Yes or no" },
  { value: "json", label: "JSON" },
];

export const QUALIFICATION: AiOutput[] = [
  { name: "qualified", type: "boolean", description: "Whether the row meets the criteria" },
  { name: "score", type: "number", description: "0 (no fit) to 100 (perfect fit)" },
  { name: "reasoning", type: "text", description: "One or two sentences, naming the values used" },
];

export function outputsOf(column: AnswerColumn): AiOutput[] {
  return (column.outputs ?? []).map((each) =>
    typeof each === "string"
      ? (QUALIFICATION.find((known) => known.name === each) ?? { name: each, type: "text", description: "" })
      : { name: String(each.name ?? ""), type: String(each.type ?? "text"), description: String(each.description ?? "") },
  );
}

/** The further columns a column makes: name → output. An AI column's own value is its first output. */
export function outputColumnsOf(column: AnswerColumn): Record<string, string> {
  if (column.kind === "ai") {
    return Object.fromEntries(outputsOf(column).slice(1).filter((each) => each.name).map((each) => [`${column.name.trim()} ${each.name}`, each.name]));
  }
  const made = column.settings?.outputColumns;
  return made && typeof made === "object" && !Array.isArray(made) ? (made as Record<string, string>) : {};
}

export interface WaterfallStep {
  provider: string;
  capability: string;
  inputs: Record<string, string>;
}

export function stepsOf(column: AnswerColumn): WaterfallStep[] {
  const steps = column.settings?.steps;
  return Array.isArray(steps) ? (steps as unknown as WaterfallStep[]) : [];
}

export function validatorOf(column: AnswerColumn): string {
  const validator = column.settings?.validator;
  return validator && typeof validator === "object" && !Array.isArray(validator) ? String(validator.provider ?? "") : "";
}

export type RuleOp = "in_range" | "at_least" | "at_most" | "contains_word" | "equals" | "is_filled";

export interface RubricRule {
  label: string;
  field: string;
  op: RuleOp;
  values: (number | string | null)[];
  weight: number;
  disqualifies?: boolean;
}

export function rulesOf(column: AnswerColumn): RubricRule[] {
  const rules = column.settings?.rules;
  return Array.isArray(rules) ? (rules as unknown as RubricRule[]) : [];
}

/** "{{Name}}" → "Name". */
export function named(reference: string): string {
  return /^\{\{\s*([^{}]+?)\s*\}\}$/.exec(reference)?.[1] ?? "";
}

const FITS: Record<string, RegExp[]> = {
  domain: [/^domain$/i, /domain/i, /website/i],
  company_domain: [/^domain$/i, /domain/i],
  email: [/e-?mail/i],
  full_name: [/^ceo$/i, /full name|contact|^name$/i],
  first_name: [/first name/i],
  last_name: [/last name|surname/i],
  name: [/^company$/i, /company/i],
  company_name: [/^company$/i, /company/i],
  linkedin_url: [/linkedin/i],
};

/** The columns that fit a source's questions by their names; what fits nothing is left out. */
export function fittingInputs(inputs: { name: string }[], names: string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { name } of inputs) {
    const fits = FITS[name] ?? [new RegExp(`^${name.replaceAll("_", ".?")}$`, "i")];
    const column = fits.flatMap((fit) => names.filter((each) => fit.test(each)))[0];
    if (column) found[name] = `{{${column}}}`;
  }
  return found;
}

export function providersFor(capability: string, catalog: Catalog): ProviderEntry[] {
  return catalog.providers.filter((provider) => provider.capabilities.some((each) => each.key === capability));
}

export function capabilityOf(provider: ProviderEntry | undefined, key: string) {
  return provider?.capabilities.find((each) => each.key === key);
}

/** Vendors by price. A pattern guess is not among them: a guessed address of a real person is somebody's to ask for. */
export function emailSteps(names: string[], catalog: Catalog): WaterfallStep[] {
  return providersFor("find_email", catalog)
    .filter((provider) => !provider.is_local)
    .sort((one, other) => price(one) - price(other))
    .map((provider) => ({
      provider: provider.key,
      capability: "find_email",
      inputs: fittingInputs(capabilityOf(provider, "find_email")?.inputs ?? [], names),
    }));
}

function price(provider: ProviderEntry): number {
  return capabilityOf(provider, "find_email")?.price_micro_usd ?? 0;
}

function usualRules(names: string[]): RubricRule[] {
  const has = (name: string) => names.includes(name);
  const rules: RubricRule[] = [];
  if (has("Employees")) {
    rules.push({ label: "Size", field: "{{Employees}}", op: "at_least", values: [1000], weight: 30 });
    rules.push({ label: "Size", field: "{{Employees}}", op: "in_range", values: [200, 999], weight: 20 });
  }
  if (has("Industries")) rules.push({ label: "Industry", field: "{{Industries}}", op: "contains_word", values: ["software", "semiconductor", "internet"], weight: 30 });
  if (has("Revenue (USD)")) rules.push({ label: "Revenue", field: "{{Revenue (USD)}}", op: "at_least", values: [100_000_000], weight: 20 });
  if (has("Founded")) rules.push({ label: "Age", field: "{{Founded}}", op: "at_least", values: [1990], weight: 10 });
  if (has("CEO")) rules.push({ label: "CEO known", field: "{{CEO}}", op: "is_filled", values: [], weight: 10 });
  if (rules.length === 0) rules.push({ label: "Filled", field: names[0] ? `{{${names[0]}}}` : "", op: "is_filled", values: [], weight: 10 });
  return rules;
}

/** A new column of a kind, filled in as far as the columns before it allow. */
export function startColumn(kind: AnswerColumnKind, names: string[], catalog: Catalog | undefined): AnswerColumn {
  const free = (name: string) => (names.includes(name) ? `${name} ${names.filter((each) => each.startsWith(name)).length + 1}` : name);
  switch (kind) {
    case "ai":
      return { name: free("Qualification"), kind, prompt: "", outputs: QUALIFICATION.map((each) => ({ ...each }) as JsonObject), condition: { type: "always" } };
    case "waterfall": {
      const subject = names.includes("CEO") ? "CEO work e-mail" : "Work e-mail";
      const person = names.includes("CEO") ? "CEO" : undefined;
      const checker = catalog && providersFor("verify_email", catalog).find((each) => !each.is_local && each.key === "zerobounce");
      return {
        name: free(subject),
        kind,
        condition: person ? { type: "column_not_empty", column: person } : { type: "always" },
        settings: { steps: (catalog ? emailSteps(names, catalog) : []) as unknown as Json, ...(checker && { validator: { provider: checker.key, capability: "verify_email" } }) },
      };
    }
    case "rubric":
      return {
        name: free("ICP score"),
        kind,
        condition: { type: "always" },
        settings: { rules: usualRules(names) as unknown as Json, outputColumns: { [free("ICP tier")]: "tier", [free("ICP reasons")]: "reasons" } },
      };
    case "formula":
      return { name: "", kind, condition: { type: "always" }, settings: { expression: "", result: "text" } };
    case "enrichment":
      return { name: "", kind, condition: { type: "always" }, settings: { provider: "", capability: "", inputs: {} } };
  }
}

const NOT_PER_ROW = new Set(["find_companies", "find_people", "account_balance"]);

/** Whether it says something about one row, rather than finding rows or telling of the account. */
export function isPerRow(capability: { key: string }): boolean {
  return !NOT_PER_ROW.has(capability.key);
}
