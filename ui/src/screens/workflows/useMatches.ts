// Which columns of the chosen files stand for those that the script reads under another name.
import type { Workflow, WorkflowField, WorkflowVersion } from "../../api/workflowTypes";
import { keptNames } from "../../shared/keptNames";
import { expectedOf, guesses, isFileField, missingOf, type Mapping } from "./inputs";
import { useHeaders } from "./useHeaders";
import type { Runner } from "./useRunner";

export interface Match {
  field: WorkflowField;
  missing: string[];
  headers: string[];
  /** What was chosen or, before that, guessed. */
  chosen: Record<string, string>;
}

export interface Matches {
  all: Match[];
  isReading: boolean;
  /** A column for which nothing was chosen yet. */
  open: string | null;
  mapping: Mapping;
}

export function useMatches(workflow: Workflow, version: WorkflowVersion, runner: Runner): Matches {
  const headersOf = useHeaders(runner.files);

  function matchOf(field: WorkflowField): Match | null {
    const files = runner.files[field.id] ?? [];
    const headers = [...new Set(files.flatMap((file) => headersOf(file).columns))];
    if (headers.length === 0) return null;
    const expected = expectedOf(version, field, headers);
    // Each of several files must have what the script reads; one that could not be read says so itself.
    const missing = [...new Set(files.map((file) => headersOf(file).columns).filter((columns) => columns.length > 0).flatMap((columns) => missingOf(expected, columns)))];
    if (missing.length === 0) return null;
    const chosen = { ...guesses(missing, headers, keptNames(workflow.id)), ...runner.mapping[field.id] };
    return { field, missing, headers, chosen };
  }

  const all = (version.fields ?? []).filter(isFileField).flatMap((field) => matchOf(field) ?? []);
  return {
    all,
    isReading: Object.values(runner.files).flat().some((file) => headersOf(file).isReading),
    open: all.flatMap(({ missing, chosen }) => missing.filter((column) => chosen[column] === undefined))[0] ?? null,
    mapping: Object.fromEntries(all.map(({ field, missing, chosen }) => [field.id, Object.fromEntries(missing.map((column) => [column, chosen[column] ?? ""]))])),
  };
}
