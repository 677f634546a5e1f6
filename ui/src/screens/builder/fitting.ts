// Which file goes into which field of a workflow, guessed from names and kinds; a person may choose otherwise.
import type { FileExtract, WorkflowField } from "../../api/workflowTypes";
import { accepts, isFileField } from "../workflows/inputs";

/** Names and kinds of files that are there, in the order of the extracts they were made from. */
export interface Candidate {
  name: string;
  type: string;
}

/** Positions of the candidates that each field of files takes. */
export function fit(fields: readonly WorkflowField[], candidates: readonly Candidate[], extracts: readonly FileExtract[]): Record<string, number[]> {
  const taken = new Set<number>();
  const chosen: Record<string, number[]> = {};
  const uploads = fields.filter(isFileField);
  for (const field of [...uploads].sort((one, other) => rank(one) - rank(other))) {
    const open = candidates.map((_, at) => at).filter((at) => accepts(field, candidates[at]!));
    const told = toldBy(field, candidates, extracts);
    const free = open.filter((at) => !taken.has(at));
    const from = told.length > 0 ? told : free.length > 0 ? free : open;
    const best = [...from].sort((one, other) => likeness(field, candidates[other]!) - likeness(field, candidates[one]!) || one - other);
    const found = field.type === "file_upload" ? best.slice(0, 1) : [...from].slice(0, field.max_files ?? undefined);
    for (const at of found) taken.add(at);
    chosen[field.id] = found;
  }
  return chosen;
}

/** A field for one file chooses before a field that takes what is left. */
function rank(field: WorkflowField): number {
  return field.type === "file_upload" ? 0 : 1;
}

/** A form says itself which extract its field stands for. */
function toldBy(field: WorkflowField, candidates: readonly Candidate[], extracts: readonly FileExtract[]): number[] {
  const names = new Set((field.extracts ?? []).map((at) => extracts[at]?.filename));
  return candidates.map((_, at) => at).filter((at) => names.has(candidates[at]!.name));
}

/** How many words a field's id and label share with a file's name. */
function likeness(field: WorkflowField, candidate: Candidate): number {
  const name = new Set(wordsOf(candidate.name));
  return wordsOf(`${field.id} ${field.label}`).filter((word) => name.has(word)).length;
}

function wordsOf(text: string): string[] {
  return [...new Set((text.toLowerCase().match(/\p{L}{3,}|\p{N}+/gu) ?? []).map((word) => word.replace(/s$/, "")))];
}

/** For a test on invented files: what the field itself suggests, else a value of the kind its name speaks of. */
export function exampleValues(fields: readonly WorkflowField[]): Record<string, string> {
  return Object.fromEntries(fields.filter((field) => !isFileField(field)).map((field) => [field.id, exampleOf(field)]));
}

const LEAD_IN = /^\s*(e\.?\s?g\.?|for example|for instance|such as)\s*[:,]?\s*/i;
const KINDS: [RegExp, string][] = [
  [/\b(date|day|from|since|until|before|after)\b/, "2026-01-15"],
  [/\b(month)\b/, "2026-01"],
  [/\b(year)\b/, "2026"],
  [/\b(amount|number|count|minimum|maximum|min|max|limit|days|percent|rate|threshold|top|rows|price|size|greater|less|least|most)\b/, "10"],
];

function exampleOf(field: WorkflowField): string {
  const suggested = field.placeholder?.replace(LEAD_IN, "").trim();
  if (suggested) return suggested;
  const words = `${field.id} ${field.label}`.toLowerCase().replaceAll("_", " ");
  return KINDS.find(([pattern]) => pattern.test(words))?.[1] ?? "example";
}
