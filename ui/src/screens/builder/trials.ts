// Tests of a script in this browser: on invented files at once, on the person's own only when they say so.
// They live beside the screens, so that a change of tab neither stops nor repeats one.
import { useSyncExternalStore } from "react";
import { api, messageOf, newIdempotencyKey } from "../../api/client";
import { workflowChanged } from "../../api/workflowQueries";
import type { Workflow, WorkflowVersion } from "../../api/workflowTypes";
import { PythonError, run, synthesise, type Outcome, type RunRequest } from "../../python/door";
import { isFileField, isRequired } from "../workflows/inputs";
import { exampleValues, fit } from "./fitting";

export type Phase = "making" | "running" | "telling" | "over" | "elsewhere" | "stopped" | "refused";

export interface Trial {
  phase: Phase;
  /** 0 to 1, null while the script does not say. */
  share: number | null;
  /** The last lines it printed. */
  lines: string[];
  outcome: Outcome | null;
  /** Why there is no outcome. */
  error: string | null;
  /** Whether the result has been told to the server. */
  isTold: boolean;
}

const FRESH: Trial = { phase: "making", share: null, lines: [], outcome: null, error: null, isTold: false };
const KEPT_LINES = 200;
const SYNTHETIC_ROWS = 60;

const trials = new Map<string, Trial>();
const running = new Map<string, { cancel(): void }>();
const listeners = new Set<() => void>();

function put(key: string, part: Partial<Trial>): void {
  trials.set(key, { ...(trials.get(key) ?? FRESH), ...part });
  for (const listener of listeners) listener();
}

function watch(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

type Kind = "synthetic" | "real";

/** One trial per script and kind: a repaired script is another one. */
function keyOf(version: WorkflowVersion, kind: Kind): string {
  return `${version.id} ${version.script_sha256} ${kind}`;
}

export function useTrial(version: WorkflowVersion, kind: Kind): Trial | null {
  return useSyncExternalStore(watch, () => trials.get(keyOf(version, kind)) ?? null);
}

export function cancelTrial(version: WorkflowVersion, kind: Kind): void {
  running.get(keyOf(version, kind))?.cancel();
}

/** Tests a built script on files invented from the extracts, once, and in one tab only. */
export async function trySynthetic(workflow: Workflow, version: WorkflowVersion, again = false): Promise<void> {
  const key = keyOf(version, "synthetic");
  if (trials.has(key) && !again) return;
  trials.set(key, FRESH);
  put(key, FRESH);
  await alone(key, async (isMine) => {
    if (!isMine) return put(key, { phase: "elsewhere" });
    try {
      const files = await synthesise(version.file_extracts, { seed: version.version, rows: SYNTHETIC_ROWS });
      const chosen = fit(version.fields ?? [], files, version.file_extracts);
      const missing = (version.fields ?? []).find((field) => isFileField(field) && isRequired(field) && (chosen[field.id] ?? []).length === 0);
      if (missing) throw new Error(`No file for “${missing.label}” can be invented. Run the script on your own files below.`);
      const request = requestOf(version, Object.fromEntries(Object.entries(chosen).map(([field, at]) => [field, at.map((each) => files[each]!)])), exampleValues(version.fields ?? []), {});
      const outcome = await carryOut(key, request);
      put(key, { phase: "telling", outcome });
      await tell(workflow, version, "synthetic", outcome);
      put(key, { phase: "over", isTold: true });
    } catch (error) {
      put(key, endOf(error));
    }
  });
}

/** Runs a script on the person's own files; a success is told at once, a failure only when they say so. */
export async function tryReal(workflow: Workflow, version: WorkflowVersion, files: Record<string, File[]>, values: Record<string, string>, renames: Record<string, Record<string, string>>): Promise<void> {
  const key = keyOf(version, "real");
  if (running.has(key)) return;
  trials.set(key, FRESH);
  try {
    const outcome = await carryOut(key, requestOf(version, files, values, renames));
    put(key, { phase: "over", outcome });
    if (outcome.success || version.status === "approved") {
      await tell(workflow, version, "real", outcome);
      put(key, { isTold: true });
    }
  } catch (error) {
    put(key, trials.get(key)?.outcome ? { phase: "over", error: messageOf(error) } : endOf(error));
  }
}

/** Gives the masked failure of a run on real files to the builder. */
export async function tellFailure(workflow: Workflow, version: WorkflowVersion): Promise<void> {
  const key = keyOf(version, "real");
  const outcome = trials.get(key)?.outcome;
  if (!outcome) return;
  await tell(workflow, version, "real", outcome);
  put(key, { isTold: true });
}

export function forgetTrial(version: WorkflowVersion, kind: Kind): void {
  trials.delete(keyOf(version, kind));
  for (const listener of listeners) listener();
}

function requestOf(version: WorkflowVersion, files: Record<string, File[]>, values: Record<string, string>, renames: Record<string, Record<string, string>>): RunRequest {
  const { execution, script_sha256 } = version;
  if (!execution || !script_sha256) throw new Error("This version has no script yet. Wait until it is built.");
  return { script: execution.script, sha256: script_sha256, files, values, renames, outputFilename: execution.outputFilename };
}

async function carryOut(key: string, request: RunRequest): Promise<Outcome> {
  put(key, { phase: "running" });
  const work = run(request, {
    log: (line) => put(key, { lines: [...(trials.get(key)?.lines ?? []), line].slice(-KEPT_LINES) }),
    progress: (share) => put(key, { share }),
  });
  running.set(key, work);
  try {
    return await work.result;
  } finally {
    running.delete(key);
  }
}

/** The whole body that goes to the server after a test: counts, time and the masked failure. */
export function reportOf(version: WorkflowVersion, kind: Kind, outcome: Outcome) {
  return {
    script_sha256: version.script_sha256,
    kind,
    result: outcome.success ? "passed" : "failed",
    seconds: Math.round(outcome.seconds * 1000) / 1000,
    rows_in: outcome.rows_in,
    rows_out: outcome.rows_out,
    files_out: outcome.outputs.length,
    failure: outcome.failure,
  };
}

async function tell(workflow: Workflow, version: WorkflowVersion, kind: Kind, outcome: Outcome): Promise<void> {
  if (version.status === "approved" && kind === "real") return record(workflow, version, outcome);
  await api.post(`/api/workflows/${workflow.id}/versions/${version.id}/tests`, reportOf(version, kind, outcome), { idempotencyKey: newIdempotencyKey() });
  workflowChanged(workflow.id);
}

/** A run of an approved script goes into the history, whatever came of it. */
async function record(workflow: Workflow, version: WorkflowVersion, outcome: Outcome): Promise<void> {
  const { script_sha256, seconds, rows_in, rows_out, files_out, failure } = reportOf(version, "real", outcome);
  await api.post(`/api/workflows/${workflow.id}/runs`, { version_id: version.id, script_sha256, runner: "browser", success: outcome.success, seconds, rows_in, rows_out, files_out, failure });
  workflowChanged(workflow.id);
}

/** Two tabs on one workflow: the first one tests. Without locks (plain http from another machine) each does. */
async function alone(key: string, act: (isMine: boolean) => Promise<void>): Promise<void> {
  if (!navigator.locks) return act(true);
  await navigator.locks.request(`spadework test ${key}`, { ifAvailable: true }, (lock) => act(lock !== null));
}

function endOf(error: unknown): Pick<Trial, "phase" | "error"> {
  if (error instanceof PythonError && error.code === "cancelled") return { phase: "stopped", error: null };
  return { phase: "refused", error: messageOf(error) };
}
