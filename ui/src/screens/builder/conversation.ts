// What may be said now, and why not: pure decisions over the table of files and the workflow's state.
import type { FormOperation, Workflow } from "../../api/workflowTypes";
import { areAllApproved, type Slot } from "./desk";

/** What can be made without a language model, and whether there is one. */
export interface Forms {
  operations: FormOperation[];
  llm: { available: boolean; reason: string | null };
}

export interface Openness {
  isOpen: boolean;
  /** Stands in the empty box: what to write, or why nothing can be written. */
  placeholder: string;
}

interface Situation {
  workflow: Workflow | null;
  slots: readonly Slot[];
  forms: Forms | null;
  mayWrite: boolean;
  isSending: boolean;
}

const closed = (placeholder: string): Openness => ({ isOpen: false, placeholder });

export function openness({ workflow, slots, forms, mayWrite, isSending }: Situation): Openness {
  if (!mayWrite || workflow?.is_mine === false) return closed("Only the person who made this workflow can write here.");
  if (forms && !forms.llm.available) return closed("There is no language model to read this. The form works without one.");
  if (!workflow) {
    if (slots.length === 0) return closed("Add a file first.");
    if (slots.some((slot) => slot.status === "extracting")) return closed("Wait until every file is read.");
    if (slots.some((slot) => slot.status === "failed")) return closed("Remove the file that could not be read, or try it again.");
    if (!areAllApproved(slots)) return closed("Approve what leaves of each file first.");
  }
  if (isSending) return closed("Waiting for the answer…");
  switch (workflow?.current_version?.status) {
    case "building":
      return closed("The script is being built. Write again when it is there.");
    case "approved":
      return closed("This version is approved. Press Edit to change it.");
    case "rejected":
    case "failed":
    case "archived":
      return closed("This version is at its end. Press Edit to go on.");
    case "pending_user_approval":
      return { isOpen: true, placeholder: "Say what to change. That makes the next version." };
    case "clarifying":
      return { isOpen: true, placeholder: "Answer, or pick an answer above." };
    default:
      if ((workflow?.current_version?.version ?? 1) > 1) return { isOpen: true, placeholder: "Say what should be different in this version." };
      return { isOpen: true, placeholder: "Say what should happen with these files." };
  }
}

/** Tasks to begin with, by the files that are there; a click writes one, nothing is sent. */
export function ideas(slots: readonly Slot[]): string[] {
  const kinds = new Set(slots.flatMap((slot) => slot.sheets.map((sheet) => sheet.read.kind ?? "table")));
  const tables = slots.flatMap((slot) => slot.sheets.filter((sheet) => (sheet.read.kind ?? "table") === "table" && !sheet.isLeftOut));
  const found: string[] = [];
  if (kinds.has("document")) found.push("Turn the tables of the document into one CSV file");
  if (tables.length > 1) found.push("Merge these files by the column they share", "Put all rows under each other in one file");
  found.push("Remove duplicate rows", "Keep only the rows where …", "Add up one column for each value of another", "Split into one file per value of a column");
  return found.slice(0, 5);
}
