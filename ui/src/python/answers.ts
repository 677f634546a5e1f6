// What comes out of the frame, checked: an untrusted script may have sent any of it, so every value
// is read by its type and its size, and nothing is kept that has no place in the answer.
import type { FileExtract } from "../api/workflowTypes";
import { LOG_CHARACTERS, NAME_CHARACTERS, OUTPUTS, TEXT_CHARACTERS } from "./limits";

export type ErrorCode =
  | "cancelled"
  | "unavailable"
  | "changed"
  | "time"
  | "memory"
  | "unsupported"
  | "unreadable"
  | "protected"
  | "too_large"
  | "invalid"
  | "other_script"
  | "failed";

/** Something that kept Python from answering; the message is a sentence for the person. */
export class PythonError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
    this.name = "PythonError";
  }
}

export interface Join {
  left: string;
  right: string;
  left_sheet: string | null;
  right_sheet: string | null;
  left_column: string;
  right_column: string;
  /** From 0 to 1: the share of the smaller side's values that the other side has. */
  overlap: number;
  matched: number;
}

export interface Failure {
  exception: string;
  line: number | null;
  message: string;
}

export type Preview = { columns: string[]; rows: string[][] } | { text: string };

export interface Output {
  name: string;
  blob: Blob;
  preview?: Preview;
}

export interface Outcome {
  success: boolean;
  seconds: number;
  log: string;
  outputs: Output[];
  rows_in: number | null;
  rows_out: number | null;
  /** Masked; what may be sent to the server. */
  failure: Failure | null;
  /** For the person's eyes only; never sent. */
  failure_local: string | null;
  runner: "browser";
}

type Values = Record<string, unknown>;

const EXTRACTS = 200;
const MOST_ROWS = 1e9;
const MASKED_CHARACTERS = 500;
const FAILURE_CHARACTERS = 64_000;
const PREVIEW_ROWS = 100;
const PREVIEW_COLUMNS = 100;

/** The answer as values, or the error that it is. */
export function parsed(text: string): Values {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw nonsense();
  }
  if (!isValues(value)) throw nonsense();
  if (value.error !== undefined) throw errorOf(value.error);
  return value;
}

export function extractsOf(answer: Values): FileExtract[] {
  return listOf(answer.extracts, EXTRACTS).map((each) => {
    if (!isValues(each)) throw nonsense();
    const extract: FileExtract = {
      filename: textOf(each.filename),
      columns: textsOf(each.columns),
      sample_rows: listOf(each.sample_rows, 10).map((row) => textsOf(row)),
      row_count: countOf(each.row_count) ?? 0,
    };
    const rest: Values = {};
    for (const [key, check] of Object.entries(OPTIONAL)) if (each[key] !== undefined) rest[key] = check(each[key]);
    return { ...extract, ...rest };
  });
}

const OPTIONAL: Record<string, (value: unknown) => unknown> = {
  kind: (value) => oneOf(value, ["table", "document", "image"]),
  sheet: (value) => (value === null ? null : textOf(value)),
  header: (value) => oneOf(value, ["first_row", "none", "looks_like_data"]),
  encoding: textOf,
  delimiter: textOf,
  withheld: countOf,
  page_count: countOf,
  headings: textsOf,
  preview: textsOf,
  tables: countOf,
  format: textOf,
  width: countOf,
  height: countOf,
  exif: (value) => {
    if (!isValues(value)) throw nonsense();
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [textOf(name), textOf(each)]));
  },
  notes: textsOf,
};

export function joinsOf(answer: Values): Join[] {
  return listOf(answer.joins, 100).map((each) => {
    if (!isValues(each)) throw nonsense();
    const sheet = (value: unknown) => (typeof value === "string" ? textOf(value) : null);
    return {
      left: textOf(each.left),
      right: textOf(each.right),
      left_sheet: sheet(each.left_sheet),
      right_sheet: sheet(each.right_sheet),
      left_column: textOf(each.left_column),
      right_column: textOf(each.right_column),
      overlap: Math.min(1, Math.max(0, numberOf(each.overlap))),
      matched: countOf(each.matched) ?? 0,
    };
  });
}

/** A run's outcome; `seconds` is the page's own measurement, as a script could say anything. */
export function outcomeOf(answer: Values, blobs: unknown, seconds: number, script: string): Outcome {
  const previews = new Map(listOf(answer.files ?? [], OUTPUTS).map((each) => (isValues(each) ? [each.name, each.preview] : [undefined, undefined])));
  const outputs = blobsOf(blobs).map(({ name, blob }) => ({ name, blob, preview: previewOf(previews.get(name)) }));
  return {
    success: answer.success === true && answer.failure === null,
    seconds,
    log: cut(answer.log, LOG_CHARACTERS + 200),
    outputs,
    rows_in: answer.rows_in === null ? null : countOf(answer.rows_in),
    rows_out: answer.rows_out === null ? null : countOf(answer.rows_out),
    failure: answer.failure === null && answer.success === true ? null : failureOf(answer.failure, script),
    failure_local: typeof answer.failure_local === "string" ? answer.failure_local.slice(0, FAILURE_CHARACTERS) : null,
    runner: "browser",
  };
}

/** Files as the worker handed them over, of no type that a browser would open as a page. */
export function blobsOf(value: unknown): { name: string; blob: Blob }[] {
  return listOf(value, OUTPUTS).map((each) => {
    if (!isValues(each) || !(each.blob instanceof Blob)) throw nonsense();
    return { name: fileName(each.name), blob: new Blob([each.blob], { type: "application/octet-stream" }) };
  });
}

/** The masked failure, and nothing that could carry a cell: a name, a line of the script, a text without letters but a and A. */
function failureOf(value: unknown, script: string): Failure {
  const { exception, line, message } = isValues(value) ? value : {};
  const lines = script.split("\n").length;
  const isLine = typeof line === "number" && Number.isInteger(line) && line >= 1 && line <= lines;
  return {
    exception: typeof exception === "string" && /^[A-Za-z_]\w{0,60}$/.test(exception) ? exception : "Exception",
    line: isLine ? line : null,
    message: typeof message === "string" && isMasked(message) ? message.slice(0, MASKED_CHARACTERS) : "",
  };
}

/** Whether nothing is left in the text but `a`, `A`, punctuation (which `#` is), symbols and spaces. */
export function isMasked(text: string): boolean {
  return /^[Aa\p{P}\p{S}\p{Z}]*$/u.test(text);
}

function previewOf(value: unknown): Preview | undefined {
  if (!isValues(value)) return undefined;
  try {
    if (typeof value.text === "string") return { text: value.text.slice(0, TEXT_CHARACTERS) };
    const row = (cells: unknown) => textsOf(cells).slice(0, PREVIEW_COLUMNS);
    return { columns: row(value.columns), rows: listOf(value.rows, PREVIEW_ROWS).map(row) };
  } catch {
    return undefined; // a preview is a courtesy
  }
}

function fileName(value: unknown): string {
  const name = cut(value, NAME_CHARACTERS).replaceAll(/[\p{Cc}\p{Cf}/\\]/gu, "_");
  return name === "" || /^\.+$/.test(name) ? "output" : name;
}

function errorOf(value: unknown): PythonError {
  const { code, message } = isValues(value) ? value : {};
  if (code === "other_script") {
    return new PythonError("other_script", "This script is not the one that was approved, so it was not run. Load the page again and approve what you see.");
  }
  const known: ErrorCode[] = ["unsupported", "unreadable", "protected", "too_large", "invalid", "memory"];
  const kind = known.find((each) => each === code) ?? "failed";
  return new PythonError(kind, cut(message, 2_000) || "This file could not be read. Check that it opens elsewhere, and add it again.");
}

const isValues = (value: unknown): value is Values => typeof value === "object" && value !== null && !Array.isArray(value);

function listOf(value: unknown, most: number): unknown[] {
  if (!Array.isArray(value) || value.length > most) throw nonsense();
  return value;
}

function textsOf(value: unknown): string[] {
  return listOf(value, 20_000).map(textOf);
}

function textOf(value: unknown): string {
  if (typeof value !== "string") throw nonsense();
  return value.slice(0, TEXT_CHARACTERS);
}

const cut = (value: unknown, most: number) => (typeof value === "string" ? value.slice(0, most) : "");

function numberOf(value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw nonsense();
  return value;
}

function countOf(value: unknown): number | null {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MOST_ROWS ? value : null;
}

function oneOf(value: unknown, known: readonly string[]): string {
  if (!known.includes(value as string)) throw nonsense();
  return value as string;
}

const nonsense = () => new PythonError("failed", "Python's answer could not be understood. Try again; if it happens each time, load the page again.");
