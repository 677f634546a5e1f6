// The person's own files for a run: those of this tab and those picked again, under the names their extracts left with.
import { named, type KeptFile } from "../../shared/keptNames";
import type { Slot } from "./desk";
import { renamesOf } from "./extracts";

export interface OwnFile {
  /** Under its alias, which is what the script knows. */
  file: File;
  realName: string;
  renames: Record<string, string>;
  /** It is not what it was when its extract was approved. */
  isChanged: boolean;
}

/** Files in the order of the extracts; a file picked again stands for the one of that name. */
export function ownFiles(slots: readonly Slot[], picked: readonly File[], kept: readonly KeptFile[]): OwnFile[] {
  const again = new Map(picked.map((file) => [file.name, file]));
  const found: OwnFile[] = [];
  for (const slot of slots) {
    const file = again.get(slot.file.name) ?? slot.file;
    again.delete(slot.file.name);
    found.push({ file: named(file, slot.alias.trim()), realName: file.name, renames: renamesOf(slot.sheets), isChanged: differs(file, slot.file.size, slot.file.lastModified) });
  }
  for (const file of again.values()) {
    const known = kept.find((each) => each.name === file.name);
    found.push({ file: named(file, known?.alias ?? file.name), realName: file.name, renames: known?.renames ?? {}, isChanged: known !== undefined && differs(file, known.size, known.modifiedAt) });
  }
  return found;
}

function differs(file: File, size: number, modifiedAt: number): boolean {
  return file.size !== size || file.lastModified !== modifiedAt;
}

/** The renames of all files of one field together. */
export function renamesFor(files: readonly OwnFile[]): Record<string, string> {
  return Object.assign({}, ...files.map((each) => each.renames)) as Record<string, string>;
}
