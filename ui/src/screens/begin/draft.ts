// What the wizard has been told so far: kept in the tab's storage, so that a reload loses nothing.
import { useCallback, useState } from "react";
import type { AnswerColumn, Answers, Catalog, ColumnMapping, CompanyFilters, Condition, ImportPreview, LeadSource } from "../../api/types";
import { outputColumnsOf, outputsOf, rulesOf, stepsOf } from "../../columns/answer";

export type DraftColumn = AnswerColumn & { id: string };

/** Where a column of the file goes; an empty name leaves it out. */
export interface FileColumn {
  column: string;
  name: string;
  kind: string;
}

export interface Draft {
  workbookName: string;
  leadSource: LeadSource;
  filters: CompanyFilters;
  upload: (ImportPreview & { fileName: string }) | null;
  fileColumns: FileColumn[];
  columns: DraftColumn[];
  /** Null follows the account. */
  isTraining: boolean | null;
}

export const NO_FILTERS: CompanyFilters = {
  industries: [], locations: [], sizes: [], revenue_min_usd: null, revenue_max_usd: null, founded_from: null, founded_to: null, keywords: [], limit: 100,
};

export const NEW_DRAFT: Draft = {
  workbookName: "", leadSource: "find_companies", filters: NO_FILTERS, upload: null, fileColumns: [], columns: [], isTraining: null,
};

/** What *Find companies* fills by itself; prompts and conditions may name these. */
export const DIRECTORY_COLUMNS = [
  "Company", "Website", "Domain", "Industries", "City", "State", "Country", "Employees", "Revenue (USD)", "Founded", "CEO",
];

export function sourceColumns(draft: Draft): string[] {
  if (draft.leadSource === "find_companies") return DIRECTORY_COLUMNS;
  return draft.fileColumns.filter((column) => column.name.trim() !== "").map((column) => column.name.trim());
}

/** Names a column at `index` may refer to: the source's and those of the columns before it. */
export function namesBefore(draft: Draft, index: number): string[] {
  const made = draft.columns.slice(0, index).flatMap((column) => [column.name, ...Object.keys(outputColumnsOf(column))]);
  return [...sourceColumns(draft), ...made].filter(Boolean);
}

const REFERENCE = /\{\{\s*([^{}]+?)\s*\}\}/g;

function referencesIn(value: unknown): string[] {
  if (typeof value === "string") return [...value.matchAll(REFERENCE)].map((match) => match[1] ?? "");
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (value && typeof value === "object") return Object.values(value).flatMap(referencesIn);
  return [];
}

/** What has to be mended before a plan can be made of a column; the server checks again. */
export function problemOf(draft: Draft, index: number): string | null {
  const column = draft.columns[index];
  if (!column) return null;
  const names = namesBefore(draft, index).map((name) => name.toLowerCase());
  if (!column.name.trim()) return "Give the column a name.";
  if (names.includes(column.name.trim().toLowerCase())) return `There is a column “${column.name}” before this one. Choose another name.`;
  if (column.kind === "ai" && !column.prompt?.trim()) return "Write what the model should do for each row.";
  if (column.kind === "formula" && !String(column.settings?.expression ?? "").trim()) return "Write the formula.";
  if (column.kind === "enrichment" && !column.settings?.provider) return "Choose what to look up and where.";
  if (typeof column.condition === "object" && column.condition.type !== "always" && !column.condition.column) return "Choose the condition’s column.";
  const conditionColumn = typeof column.condition === "object" && "column" in column.condition ? [column.condition.column] : [];
  if (column.kind === "ai" && outputsOf(column).some((output) => !output.name.trim())) return "Name each answer field.";
  if (column.kind === "waterfall" && stepsOf(column).length === 0) return "Add at least one source.";
  if (column.kind === "rubric") {
    const odd = rulesOf(column).find((rule) => !rule.label.trim() || !rule.field || (rule.op !== "is_filled" && !rule.values.some((value) => value !== null && value !== "")));
    if (odd) return `The rule ${odd.label ? `“${odd.label}” ` : ""}needs a name, a column and a value.`;
  }
  const unknown = [...referencesIn([column.prompt, column.settings, column.condition]), ...conditionColumn].find((name) => !names.includes(name.toLowerCase()));
  if (unknown) return `It reads {{${unknown}}}, which is no column before it.`;
  return null;
}

/** Names of AI columns that cannot run, because no language model is connected. */
export function columnsWithoutLlm(draft: Draft, catalog: Catalog | undefined): string[] {
  if (!catalog || catalog.llms.some((llm) => llm.has_key)) return [];
  return draft.columns.filter((column) => column.kind === "ai").map((column) => column.name || "An AI column");
}

/** What keeps a step of the wizard from being left forwards; null when nothing does. */
export function blockerOf(draft: Draft, step: number): string | null {
  if (step >= 1 && !draft.workbookName.trim()) return "Name the workbook.";
  if (step >= 2 && draft.leadSource === "csv") {
    if (!draft.upload) return "Choose a CSV file.";
    if (sourceColumns(draft).length === 0) return "Take at least one column of the file.";
    const names = sourceColumns(draft).map((name) => name.toLowerCase());
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice) return `Two columns of the file are called “${twice}”. Rename one.`;
  }
  if (step >= 3) {
    for (const [index, column] of draft.columns.entries()) {
      const problem = problemOf(draft, index);
      if (problem) return `${column.name || "A column without a name"}: ${problem}`;
    }
  }
  return null;
}

export function toAnswers(draft: Draft): Answers {
  const source: Answers["source"] = {};
  if (draft.leadSource === "find_companies") source.filters = draft.filters;
  if (draft.leadSource === "csv") {
    source.upload_id = draft.upload?.upload_id;
    source.mapping = draft.fileColumns.map(
      ({ column, name, kind }): ColumnMapping => ({ column, new_field: name.trim() ? { name: name.trim(), kind } : null }),
    );
  }
  return {
    workbook_name: draft.workbookName.trim(),
    lead_source: draft.leadSource,
    source,
    columns: draft.columns.map(toAnswer),
    ...(draft.isTraining === null ? {} : { is_training: draft.isTraining }),
  };
}

function toAnswer({ id: _id, ...column }: DraftColumn): AnswerColumn {
  const outputColumns = outputColumnsOf(column);
  const settings = { ...column.settings, ...(Object.keys(outputColumns).length > 0 && { outputColumns }) };
  return { ...column, name: column.name.trim(), condition: withoutEmpty(column.condition), settings };
}

function withoutEmpty(condition: Condition | undefined): Condition | undefined {
  return condition === "" ? undefined : condition;
}

let lastId = 0;
export function newColumn(column: AnswerColumn): DraftColumn {
  return { ...column, id: `${Date.now().toString(36)}${++lastId}` };
}

const keyOf = (clientId: string) => `spadework.begin.${clientId}`;

export function forgetDraft(clientId: string): void {
  sessionStorage.removeItem(keyOf(clientId));
}

export function useDraft(clientId: string): [Draft, (change: Partial<Draft>) => void] {
  const [draft, setDraft] = useState<Draft>(() => {
    try {
      return { ...NEW_DRAFT, ...(JSON.parse(sessionStorage.getItem(keyOf(clientId)) ?? "{}") as Partial<Draft>) };
    } catch {
      return NEW_DRAFT;
    }
  });
  const change = useCallback(
    (part: Partial<Draft>) =>
      setDraft((before) => {
        const next = { ...before, ...part };
        sessionStorage.setItem(keyOf(clientId), JSON.stringify(next));
        return next;
      }),
    [clientId],
  );
  return [draft, change];
}
