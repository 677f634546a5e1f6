// The real names behind what left under others, per workflow: kept in this browser and never sent.

export interface KeptFile {
  /** The name the file left under. */
  alias: string;
  name: string;
  size: number;
  /** Milliseconds since 1970, as the browser says it of the file that was approved. */
  modifiedAt: number;
  /** The real header of each column that left under another name. */
  renames: Record<string, string>;
}

/** The same content by another name; nothing is copied. */
export function named(file: File, alias: string): File {
  return alias === file.name ? file : new File([file], alias, { type: file.type, lastModified: file.lastModified });
}

/** Files as the script knew them at its test: under their aliases, where they are known and no two would be called the same. */
export function underAliases(files: File[], kept: readonly KeptFile[]): File[] {
  const found = files.map((file) => named(file, kept.find((each) => each.name === file.name)?.alias ?? file.name));
  return new Set(found.map((file) => file.name)).size === files.length ? found : files;
}

const KEY = "spadework.names.";

export function keepNames(workflowId: string, files: KeptFile[]): void {
  try {
    localStorage.setItem(KEY + workflowId, JSON.stringify(files));
  } catch {
    // A full or forbidden store: the names hold for this tab, and a later one asks for the columns again.
  }
}

/** What this browser remembers of the files a workflow was made from; nothing in another browser. */
export function keptNames(workflowId: string): KeptFile[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY + workflowId) ?? "[]");
    return Array.isArray(kept) ? (kept as KeptFile[]) : [];
  } catch {
    return [];
  }
}
