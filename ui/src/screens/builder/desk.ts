// The files a person has put on the table: they stay in this tab, and only what `leaving` makes of them may go.
import { useSyncExternalStore } from "react";
import type { FileExtract } from "../../api/workflowTypes";
import { extract } from "../../python/door";
import { keepNames } from "../../shared/keptNames";
import { messageOf } from "../../api/client";
import { ending, freshSheet, leaving, namesProblem, renamesOf, type Sheet } from "./extracts";

export interface Reading {
  seed: number;
  header: "auto" | "first_row" | "none";
  /** Empty: found out from the file. */
  encoding: string;
  delimiter: string;
}

export interface Slot {
  id: string;
  file: File;
  /** The name under which the file leaves. */
  alias: string;
  status: "extracting" | "ready" | "failed";
  /** 0 to 1 while extracting. */
  share: number;
  error: string | null;
  reading: Reading;
  sheets: Sheet[];
  isApproved: boolean;
}

const FIRST_READING: Reading = { seed: 1, header: "auto", encoding: "", delimiter: "" };

/** One table of files; readable by every part of the screen, changed only here. */
export class Desk {
  slots: readonly Slot[] = [];
  /** Files picked for runs of the script; like the slots they stay until this tab is closed or loaded anew. */
  picked: readonly File[] = [];
  /** What waits to be said to the workflow as soon as its screen is there. */
  waiting: Waiting | null = null;
  private readonly listeners = new Set<() => void>();
  private readonly reads = new Map<string, { cancel(): void }>();
  private last = 0;

  watch = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Takes files in and reads them; gives the names of those that were here already. */
  add(files: Iterable<File>): string[] {
    const known: string[] = [];
    for (const file of files) {
      if (this.slots.some((slot) => slot.file.name === file.name || slot.alias === file.name)) {
        known.push(file.name);
        continue;
      }
      const slot: Slot = { id: `file-${++this.last}`, file, alias: file.name, status: "extracting", share: 0, error: null, reading: FIRST_READING, sheets: [], isApproved: false };
      this.put([...this.slots, slot]);
      this.read(slot.id, FIRST_READING);
    }
    return known;
  }

  /** Takes files for runs; one picked again stands for the one of that name. */
  pick(files: readonly File[]): void {
    this.picked = [...this.picked.filter((each) => !files.some((file) => file.name === each.name)), ...files];
    this.tell();
  }

  remove(id: string): void {
    this.reads.get(id)?.cancel();
    this.reads.delete(id);
    this.put(this.slots.filter((slot) => slot.id !== id));
  }

  /** Reads the file again in another way; what was changed by hand stays where the columns are the same. */
  reread(id: string, reading: Partial<Reading>): void {
    const slot = this.slots.find((each) => each.id === id);
    if (slot) this.read(id, { ...slot.reading, ...reading });
  }

  rename(id: string, alias: string): void {
    this.change(id, { alias, isApproved: false });
  }

  editSheet(id: string, at: number, part: Partial<Sheet>): void {
    const slot = this.slots.find((each) => each.id === id);
    if (!slot) return;
    this.change(id, { isApproved: false, sheets: slot.sheets.map((sheet, index) => (index === at ? { ...sheet, ...part } : sheet)) });
  }

  approve(id: string): void {
    const slot = this.slots.find((each) => each.id === id);
    if (slot && problemOf(slot, this.slots) === null) this.change(id, { isApproved: true });
  }

  /** Approves what is ready; a file that is still being read, or could not be, is never approved. */
  approveAll(): void {
    for (const slot of this.slots) this.approve(slot.id);
  }

  private read(id: string, reading: Reading): void {
    this.reads.get(id)?.cancel();
    const slot = this.slots.find((each) => each.id === id);
    if (!slot) return;
    this.change(id, { status: "extracting", share: 0, error: null, reading, isApproved: false });
    const options = { seed: reading.seed, header: reading.header, encoding: reading.encoding || undefined, delimiter: reading.delimiter || undefined };
    const work = extract(slot.file, options, { progress: (share) => this.reads.get(id) === work && this.change(id, { share }) });
    this.reads.set(id, work);
    // A later reading of the same file makes an earlier one's answer worthless.
    work.result.then(
      (found) => this.reads.get(id) === work && this.change(id, { status: "ready", share: 1, sheets: joined(slot.sheets, found) }),
      (error: unknown) => this.reads.get(id) === work && this.change(id, { status: "failed", sheets: [], error: messageOf(error) }),
    );
  }

  private change(id: string, part: Partial<Slot>): void {
    this.put(this.slots.map((slot) => (slot.id === id ? { ...slot, ...part } : slot)));
  }

  private put(slots: readonly Slot[]): void {
    this.slots = slots;
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

export type Waiting = { say: string } | { operation: string; settings: Record<string, unknown> };

/** A second reading with the same columns keeps what the person decided about them. */
function joined(before: Sheet[], found: FileExtract[]): Sheet[] {
  return found.map((read) => {
    const known = before.find((sheet) => (sheet.read.sheet ?? null) === (read.sheet ?? null) && same(sheet.read.columns, read.columns));
    return known ? { ...known, read } : freshSheet(read);
  });
}

function same(left: string[], right: string[]): boolean {
  return left.length === right.length && left.every((name, at) => name === right[at]);
}

/** Why a file cannot be approved yet, as a sentence; null when it can. */
export function problemOf(slot: Slot, all: readonly Slot[]): string | null {
  if (slot.status === "extracting") return "It is still being read.";
  if (slot.status === "failed") return slot.error ?? "It could not be read.";
  if (slot.alias.trim() === "") return "The file has no name. Give it one.";
  if (ending(slot.alias) !== ending(slot.file.name)) return `The name must end in “${ending(slot.file.name)}”, so that a script knows how to open it.`;
  if (all.some((other) => other.id !== slot.id && other.alias.trim() === slot.alias.trim())) return `Two files are called “${slot.alias.trim()}”. Rename one of them.`;
  if (slot.sheets.some((sheet) => !sheet.isLeftOut && sheet.read.header === "looks_like_data")) return "Say first whether the first row holds names or data.";
  if (slot.sheets.every((sheet) => sheet.isLeftOut)) return "Every sheet is left out. Let at least one leave, or reject the file.";
  return slot.sheets.map(namesProblem).find((problem) => problem !== null) ?? null;
}

/** All that leaves of a table of files, in the order they were put there. */
export function leavingFrom(slots: readonly Slot[]): FileExtract[] {
  return slots.flatMap((slot) => slot.sheets.filter((sheet) => !sheet.isLeftOut).map((sheet) => leaving(sheet, slot.alias.trim())));
}

export function areAllApproved(slots: readonly Slot[]): boolean {
  return slots.length > 0 && slots.every((slot) => slot.isApproved);
}

const NEW = "new";
const desks = new Map<string, Desk>();

/** The table of a workflow, or of the one about to be made. */
export function deskOf(workflowId: string | null): Desk {
  const key = workflowId ?? NEW;
  const known = desks.get(key);
  if (known) return known;
  const made = new Desk();
  desks.set(key, made);
  return made;
}

/** The files go with the workflow made from them; the next new one begins with an empty table. */
export function handOver(workflowId: string, waiting: Waiting): void {
  const desk = deskOf(null);
  desks.delete(NEW);
  desk.waiting = waiting;
  desks.set(workflowId, desk);
  keepNames(
    workflowId,
    desk.slots.map((slot) => ({
      alias: slot.alias.trim(), name: slot.file.name, size: slot.file.size, modifiedAt: slot.file.lastModified, renames: renamesOf(slot.sheets),
    })),
  );
}

export function useSlots(desk: Desk): readonly Slot[] {
  return useSyncExternalStore(desk.watch, () => desk.slots);
}

export function usePicked(desk: Desk): readonly File[] {
  return useSyncExternalStore(desk.watch, () => desk.picked);
}
