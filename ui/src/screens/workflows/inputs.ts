// What a person gives to a run: which files fit a field, which columns are missing, what the command would be. Pure.
import type { FileExtract, WorkflowField, WorkflowVersion } from "../../api/workflowTypes";
import type { KeptFile } from "../../shared/keptNames";
import { counted } from "../../shared/format";
import { size } from "./words";

export type Files = Record<string, File[]>;
export type Values = Record<string, string>;
/** Per field: the header in the file for each column that the script reads under another name; "" where the file has none. */
export type Mapping = Record<string, Record<string, string>>;

export function isFileField(field: WorkflowField): boolean {
  return field.type === "file_upload" || field.type === "multi_file_upload";
}

export function isRequired(field: WorkflowField): boolean {
  return isFileField(field) ? field.required !== false && (field.min_files ?? 1) > 0 : field.required === true;
}

/** The most files a field takes. */
export function mostOf(field: WorkflowField): number {
  return field.type === "file_upload" ? 1 : (field.max_files ?? Infinity);
}

/** Whether the field takes a file, by its ending or kind; a field without a list takes any. */
export function accepts(field: WorkflowField, file: { name: string; type: string }): boolean {
  const wanted = (field.accept ?? []).map((each) => each.trim().toLowerCase()).filter((each) => each !== "");
  if (wanted.length === 0) return true;
  const name = file.name.toLowerCase();
  const kind = file.type.toLowerCase();
  return wanted.some((each) => {
    if (each.startsWith(".")) return name.endsWith(each);
    if (each.endsWith("/*")) return kind.startsWith(each.slice(0, -1));
    return each.includes("/") ? kind === each : name.endsWith(`.${each}`);
  });
}

/** The sentence that keeps a field from being used, null when it may be. */
export function problemOfField(field: WorkflowField, files: readonly File[], value: string): string | null {
  if (!isFileField(field)) return isRequired(field) && value.trim() === "" ? `Fill in “${field.label}”.` : null;
  const least = isRequired(field) ? Math.max(1, field.min_files ?? 1) : 0;
  if (files.length < least) return least === 1 ? `Choose a file for “${field.label}”.` : `Choose at least ${counted(least, "file")} for “${field.label}”.`;
  if (files.length > 0 && files.length < (field.min_files ?? 0)) return `“${field.label}” takes at least ${counted(field.min_files ?? 0, "file")}.`;
  const most = mostOf(field);
  if (files.length > most) return `“${field.label}” takes at most ${counted(most, "file")}; remove ${files.length - most}.`;
  const odd = files.find((file) => !accepts(field, file));
  if (odd) return `“${odd.name}” is not one of ${(field.accept ?? []).join(", ")}.`;
  const names = new Set<string>();
  for (const file of files) {
    if (names.has(file.name)) return `Two files are called “${file.name}”. Remove or rename one of them.`;
    names.add(file.name);
  }
  return null;
}

const FOLDED = /[^\p{L}\p{N}]/gu;

/** The same words without case, spaces and marks: "E-mail" is "email". */
function plain(name: string): string {
  return name.toLowerCase().replace(FOLDED, "");
}

/** Of the columns, those that stand in the script as a text of their own. */
export function namedIn(script: string, columns: readonly string[]): string[] {
  return [...new Set(columns)].filter((column) => [JSON.stringify(column), `"${column}"`, `'${column}'`].some((quoted) => script.includes(quoted)));
}

/** The columns a field's file must have: of the examples it was made from, those the script names. */
export function expectedOf(version: WorkflowVersion, field: WorkflowField, headers: readonly string[]): string[] {
  const script = version.execution?.script ?? "";
  const tables = version.file_extracts.filter((extract) => extract.kind === undefined || extract.kind === "table");
  const known = field.extracts?.map((position) => version.file_extracts[position]).filter((extract) => extract !== undefined);
  const extract = known && known.length === 1 ? known[0] : closest(known ?? tables, headers);
  return extract ? namedIn(script, extract.columns) : [];
}

/** The example that shares most columns with a file; a lone one always, none when nothing is shared. */
function closest(extracts: readonly FileExtract[], headers: readonly string[]): FileExtract | undefined {
  if (extracts.length === 1) return extracts[0];
  const have = new Set(headers);
  const shared = (extract: FileExtract) => extract.columns.filter((column) => have.has(column)).length;
  return [...extracts].sort((one, other) => shared(other) - shared(one)).find((extract) => shared(extract) > 0);
}

/** Columns the script reads that the file does not have under that name. */
export function missingOf(expected: readonly string[], headers: readonly string[]): string[] {
  const have = new Set(headers);
  return expected.filter((column) => !have.has(column));
}

/** Which header is meant by each missing column: as the person renamed it when the workflow was made, else the same words. */
export function guesses(missing: readonly string[], headers: readonly string[], kept: readonly KeptFile[]): Record<string, string> {
  const renamed = Object.assign({}, ...kept.map((each) => each.renames)) as Record<string, string>;
  const found: Record<string, string> = {};
  for (const column of missing) {
    const real = renamed[column];
    const header = real !== undefined && headers.includes(real) ? real : headers.find((each) => plain(each) === plain(column) && plain(each) !== "");
    if (header !== undefined) found[column] = header;
  }
  return found;
}

/** What the runner needs of the mapping: only columns that have a header. */
export function renamesOf(mapping: Mapping): Record<string, Record<string, string>> {
  return Object.fromEntries(
    Object.entries(mapping)
      .map(([field, columns]) => [field, Object.fromEntries(Object.entries(columns).filter(([, header]) => header !== ""))] as const)
      .filter(([, columns]) => Object.keys(columns).length > 0),
  );
}

// Above this the browser takes long and may run out of memory; the local runner reads from the disk.
export const LARGE_BYTES = 100_000_000;

export function totalBytes(files: Files): number {
  return Object.values(files).flat().reduce((sum, file) => sum + file.size, 0);
}

export function largeWords(files: Files): string | null {
  const total = totalBytes(files);
  return total > LARGE_BYTES ? size(total) : null;
}

/** A word as a shell takes it literally. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The same run on the person's own machine, ready to paste; it refuses any script but this one. */
export function commandOf(workflowId: string, version: Pick<WorkflowVersion, "fields" | "script_sha256">, files: Files, values: Values, mapping: Mapping): string {
  const fields = version.fields ?? [];
  const words = ["spadework", "run-workflow", workflowId];
  for (const field of fields) {
    if (!isFileField(field)) continue;
    const names = (files[field.id] ?? []).map((file) => file.name);
    for (const name of names.length > 0 ? names : ["FILE"]) words.push(quoted(`${field.id}=${name}`));
  }
  for (const field of fields) {
    const value = values[field.id] ?? "";
    if (!isFileField(field) && value !== "") words.push("--set", quoted(`${field.id}=${value}`));
  }
  for (const [field, columns] of Object.entries(renamesOf(mapping))) {
    for (const [alias, header] of Object.entries(columns)) words.push("--rename", quoted(`${field}:${alias}=${header}`));
  }
  if (version.script_sha256) words.push("--hash", version.script_sha256);
  // The runner's own limits are those of a small file.
  const megabytes = Math.ceil(totalBytes(files) / 1_000_000);
  if (largeWords(files)) words.push("--seconds", "3600", "--memory", "4096", "--output-size", String(2 * megabytes));
  return [...words, "--output", "results"].join(" ");
}
