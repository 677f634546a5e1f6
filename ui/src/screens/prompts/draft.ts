// What a person has written and not saved: kept in this browser per prompt, so that neither a reload nor a detour loses it.
import { useCallback, useSyncExternalStore } from "react";
import type { Content, PromptInput, Version } from "../../api/promptTypes";
import { hasIncludes, variablesOf } from "../../shared/templateText";

export interface Draft extends Content {
  /** The version it was made from. */
  base: number;
  branch: string;
}

const PREFIX = "spadework.prompt-draft.";
const known = new Map<string, Draft | null>();
const listeners = new Set<() => void>();

function read(promptId: string): Draft | null {
  const cached = known.get(promptId);
  if (cached !== undefined) return cached;
  let found: Draft | null = null;
  try {
    found = JSON.parse(localStorage.getItem(PREFIX + promptId) ?? "null") as Draft | null;
  } catch {
    // Somebody else's writing under our name: nothing of ours is lost with it.
  }
  known.set(promptId, found);
  return found;
}

/** The unsaved draft of a prompt and how to replace it; null puts it away. */
export function useDraft(promptId: string): [Draft | null, (draft: Draft | null) => void] {
  const draft = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => read(promptId),
  );
  const set = useCallback(
    (next: Draft | null) => {
      known.set(promptId, next);
      if (next) localStorage.setItem(PREFIX + promptId, JSON.stringify(next));
      else localStorage.removeItem(PREFIX + promptId);
      for (const each of listeners) each();
    },
    [promptId],
  );
  return [draft, set];
}

export function contentOf({ text, config, inputs }: Content): Content {
  return { text, config, inputs };
}

/** Whether two contents are the same to the server, which ends every text with one line end. */
export function isSame(one: Content, other: Content): boolean {
  const plain = (each: Content) => JSON.stringify([each.text.replace(/\r\n/g, "\n").trimEnd(), each.config, each.inputs]);
  return plain(one) === plain(other);
}

/** Variables the text names that are not among its inputs; none when it lists no inputs, for then it takes what it names. */
export function unknownVariables({ text, inputs }: Content): string[] {
  if (inputs.length === 0) return [];
  const names = new Set(inputs.map((each) => each.name));
  return variablesOf(text).filter((name) => !names.has(name));
}

/** Inputs that stand nowhere in the text; unknowable while other prompts are included. */
export function unusedInputs({ text, inputs }: Content): string[] {
  if (hasIncludes(text)) return [];
  const used = new Set(variablesOf(text));
  return inputs.map((each) => each.name).filter((name) => !used.has(name));
}

/** What has to be given to run this: its own list, or every variable it names. */
export function wantedInputs({ text, inputs }: Content): PromptInput[] {
  return inputs.length > 0 ? inputs : variablesOf(text).map((name) => ({ name, description: "", is_required: true }));
}

/** Required variables that an input lacks. */
export function missingVariables(content: Content, variables: Record<string, unknown>): string[] {
  const used = new Set(variablesOf(content.text));
  const isUsed = (name: string) => hasIncludes(content.text) || used.has(name);
  return wantedInputs(content).filter((each) => each.is_required && isUsed(each.name) && !(each.name in variables)).map((each) => each.name);
}

export function branchHead<V extends { branch: string; number: number }>(versions: V[], branch: string): V | undefined {
  return versions.filter((each) => each.branch === branch).sort((a, b) => b.number - a.number)[0];
}

export function draftFrom(version: Version): Draft {
  return { base: version.number, branch: version.branch, ...contentOf(version) };
}
