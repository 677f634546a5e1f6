// What a person may change in what was read of a file before any of it leaves, as pure functions.
import type { FileExtract } from "../../api/workflowTypes";
import { count } from "../../shared/format";

/** What was read of one file or sheet, and what the person decided about it. */
export interface Sheet {
  read: FileExtract;
  /** The name under which each column leaves, in the file's order. */
  names: string[];
  /** Positions of columns that do not leave at all. */
  withheld: number[];
  /** Positions of columns whose samples leave as blanks. */
  blanked: number[];
  isLeftOut: boolean;
  /** Parts of a document or image that do not leave. */
  hidden: Part[];
}

// What the server takes of one file; more is refused there too.
const MOST_COLUMNS = 500;
const LONGEST_NAME = 300;

export type Part = "headings" | "preview" | "exif";
export const PARTS: Part[] = ["headings", "preview", "exif"];

export function freshSheet(read: FileExtract): Sheet {
  return { read, names: [...read.columns], withheld: [], blanked: [], isLeftOut: false, hidden: [] };
}

/** The sheet as it would leave: this and nothing else. */
export function leaving(sheet: Sheet, filename: string): FileExtract {
  const { read, names, withheld, blanked, hidden } = sheet;
  const kept = names.map((_, at) => at).filter((at) => !withheld.includes(at));
  const extract: FileExtract = {
    ...read,
    filename,
    columns: kept.map((at) => names[at]?.trim() ?? ""),
    sample_rows: read.sample_rows.map((row) => kept.map((at) => (blanked.includes(at) ? "" : (row[at] ?? "")))),
  };
  if (withheld.length > 0) extract.withheld = withheld.length;
  for (const part of hidden) delete extract[part];
  return extract;
}

/** What is wrong with the names a person gave, as a sentence; null when nothing is. */
export function namesProblem(sheet: Sheet): string | null {
  if (sheet.isLeftOut) return null;
  const leavingColumns = sheet.names.length - sheet.withheld.length;
  if (leavingColumns > MOST_COLUMNS) return `${count(leavingColumns)} columns would leave; at most ${count(MOST_COLUMNS)} may. Withhold the others, or keep only the columns the task needs in the file.`;
  const long = sheet.names.findIndex((name, at) => name.trim().length > LONGEST_NAME && !sheet.withheld.includes(at));
  if (long >= 0) return `The name of column ${long + 1} is longer than ${LONGEST_NAME} characters. Shorten it, or withhold the column.`;
  const seen = new Map<string, number>();
  for (const [at, name] of sheet.names.entries()) {
    if (sheet.withheld.includes(at)) continue;
    const given = name.trim();
    if (given === "" && sheet.read.columns[at] !== name) return `Column ${at + 1} has no name. Give it one, or withhold it.`;
    const before = seen.get(given.toLowerCase());
    const isNew = given !== sheet.read.columns[at] || (before !== undefined && sheet.names[before] !== sheet.read.columns[before]);
    if (before !== undefined && isNew) return `Two columns are called “${given}”. Rename one of them.`;
    seen.set(given.toLowerCase(), at);
  }
  if (sheet.read.kind !== "document" && sheet.read.kind !== "image" && sheet.names.length > 0 && sheet.withheld.length === sheet.names.length) {
    return "Every column is withheld. Let at least one leave, or reject the file.";
  }
  return null;
}

/** For the runner: the real header of each column that leaves under another name. A file without headers has none to map. */
export function renamesOf(sheets: Sheet[]): Record<string, string> {
  const renames: Record<string, string> = {};
  for (const sheet of sheets) {
    if (sheet.isLeftOut || sheet.read.header === "none") continue;
    for (const [at, name] of sheet.names.entries()) {
      const real = sheet.read.columns[at];
      if (real !== undefined && name.trim() !== real && !sheet.withheld.includes(at)) renames[name.trim()] = real;
    }
  }
  return renames;
}

/** The end of a file's name, from the last dot on. */
export function ending(filename: string): string {
  const dot = filename.lastIndexOf(".");
  return dot > 0 ? filename.slice(dot) : "";
}

const DELIMITERS: Record<string, string> = { ",": "comma", ";": "semicolon", "\t": "tab", "|": "bar" };

export function delimiterName(delimiter: string): string {
  return DELIMITERS[delimiter] ?? `“${delimiter}”`;
}
