// Which column of a file goes where: pure.
import type { ColumnMapping, Field, ImportPreview } from "../../../api/types";

/** A field's id, "new" for a new column of the file's name, or "skip". */
export type Target = string;

export const NEW = "new";
export const SKIP = "skip";

/** The same words without case, spaces and marks: "E-mail" is "email". */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/** Columns of the same name meet; the rest become new columns. Computed columns are never written to. */
export function guessTargets(preview: ImportPreview, fields: readonly Field[]): Record<string, Target> {
  const open = new Map(fields.filter((field) => !field.is_computed).map((field) => [plain(field.name), field.id]));
  return Object.fromEntries(
    preview.columns.map((column) => {
      const found = open.get(plain(column.name));
      open.delete(plain(column.name));
      return [column.name, found ?? NEW];
    }),
  );
}

export function toMapping(preview: ImportPreview, targets: Record<string, Target>, fields: readonly Field[] = []): ColumnMapping[] {
  const taken = new Set(fields.map((field) => field.name.toLowerCase()));
  return preview.columns.map(({ name, guess_kind }) => {
    const target = targets[name] ?? SKIP;
    if (target === SKIP) return { column: name, new_field: null };
    if (target !== NEW) return { column: name, field_id: target };
    let fresh = name;
    for (let number = 2; taken.has(fresh.toLowerCase()); number++) fresh = `${name} ${number}`;
    taken.add(fresh.toLowerCase());
    return { column: name, new_field: { name: fresh, kind: guess_kind } };
  });
}

/** The sentence that keeps the import from starting, null when it may start. */
export function problemOf(targets: Record<string, Target>, mode: "append" | "upsert", keyField: string): string | null {
  const used = Object.values(targets).filter((target) => target !== SKIP);
  if (used.length === 0) return "Choose a place for at least one column of the file.";
  const named = used.filter((target) => target !== NEW);
  if (new Set(named).size < named.length) return "Two columns of the file go to the same column of the table. Choose another for one of them.";
  if (mode === "upsert" && !named.includes(keyField)) return "Choose a key that a column of the file is written to, so that rows can be told apart.";
  return null;
}
