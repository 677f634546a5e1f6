// What the screens call: read a file, make synthetic ones, suggest joins, run a script. All of it happens
// on this machine; nothing here talks to the server but to load Python's own files.
import type { FileExtract } from "../api/workflowTypes";
import { blobsOf, extractsOf, joinsOf, outcomeOf, parsed, PythonError, type Join, type Outcome } from "./answers";
import { Interpreter, type Answer, type Heard } from "./interpreter";
import { LOG_CHARACTERS, READ_MEGABYTES, READ_SECONDS, RUN_MEGABYTES, RUN_SECONDS } from "./limits";
import type { Mounted, Task } from "./protocol";

export { PythonError, isMasked } from "./answers";
export type { ErrorCode, Failure, Join, Outcome, Output, Preview } from "./answers";

export type Phase = "off" | "loading" | "ready" | "failed";

export interface ExtractOptions {
  seed: number;
  header?: "auto" | "first_row" | "none";
  encoding?: string;
  delimiter?: string;
}

export interface RunRequest {
  script: string;
  /** Of the approved script; another one is not run. */
  sha256: string;
  /** By field id. */
  files: Record<string, File[]>;
  values: Record<string, string>;
  /** By field id: {the column's name in the script: its name in the file}. */
  renames?: Record<string, Record<string, string>>;
  outputFilename?: string | null;
  limits?: { seconds?: number; megabytes?: number };
}

export interface Work<Result> {
  result: Promise<Result>;
  /** Rejects `result` with the code `cancelled`, within a second. */
  cancel(): void;
}

const PROGRESS = /^\s*progress:\s*(\d{1,3}(?:\.\d+)?)\s*%/i;

let reader: Interpreter | undefined;
let queue: Promise<unknown> = Promise.resolve();
let spare: Interpreter | undefined; // a runner that has run nothing yet
let current: Phase = "off";
const listeners = new Set<(phase: Phase) => void>();

/** Start Python, which takes seconds, before anyone asks for it; safe to call again. */
export function warm(): void {
  // One after the other: at once they would both be ready later.
  void reading().ready.then(
    () => void runner(),
    () => undefined,
  );
}

export function phase(): Phase {
  return current;
}

/** Told of every change from now on; call what it returns to stop. */
export function onPhase(listener: (phase: Phase) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** The masked extracts of a file: one, or one for each sheet of a workbook. Files wait for each other. */
export function extract(file: File, options: ExtractOptions, on: { progress?(share: number): void } = {}): Work<FileExtract[]> {
  const path = "/reading/0/file" + suffix(file.name);
  const request = { path, filename: file.name, mime: file.type, options };
  return queued({ name: "extract", request, files: [{ path, blob: file }], megabytes: READ_MEGABYTES }, on, ({ text }) => extractsOf(parsed(text)));
}

/** Files of the extracts' shape with invented content, the same ones for the same seed. */
export function synthesise(extracts: FileExtract[], options: { seed: number; rows: number }): Promise<File[]> {
  const task: Task = { name: "synthesise", request: { extracts, ...options }, files: [], megabytes: READ_MEGABYTES };
  return queued(task, {}, ({ text, blobs }) => {
    parsed(text);
    return blobsOf(blobs).map(({ name, blob }) => new File([blob], name));
  }).result;
}

/** Columns by which the files may be joined, the likeliest first. */
export function suggestJoins(files: File[]): Promise<Join[]> {
  const mounted = files.map((file, at) => ({ path: `/reading/${at}/${safe(file.name)}`, blob: file }));
  const task: Task = { name: "suggest_joins", request: { paths: mounted.map(({ path }) => path) }, files: mounted, megabytes: READ_MEGABYTES };
  return queued(task, {}, ({ text }) => joinsOf(parsed(text))).result;
}

/**
 * The outcome of a script, in an interpreter that nothing ran in before and nothing runs in after.
 *
 * Whatever the script does is an outcome, its time and memory limits included. `result` rejects only
 * when it was cancelled, a file changed, the script is not the approved one, or Python is unavailable.
 */
export function run(request: RunRequest, on: { log?(line: string): void; progress?(share: number): void } = {}): Work<Outcome> {
  const { seconds = RUN_SECONDS, megabytes = RUN_MEGABYTES } = request.limits ?? {};
  const mine = runner();
  spare = undefined;
  const heard = new Log(on);
  const result = (async () => {
    await readable(Object.values(request.files).flat());
    await mine.ready;
    const began = performance.now();
    try {
      const { text, blobs, seconds: took } = await mine.ask(taskOf(request, megabytes), seconds, heard);
      return outcomeOf(parsed(text), blobs, took, request.script);
    } catch (problem) {
      if (problem instanceof PythonError && ["time", "memory", "failed"].includes(problem.code)) return stopped(problem, heard.text, seconds, (performance.now() - began) / 1000);
      throw problem;
    } finally {
      mine.end("cancelled", "");
      void runner(); // the next run should not wait either
    }
  })();
  return { result, cancel: () => mine.end("cancelled", "Cancelled.") };
}

function taskOf({ script, sha256, files, values, renames = {}, outputFilename = null }: RunRequest, megabytes: number): Task {
  // Files whose columns are renamed are read from beside, and copied with their new headers.
  const folder = Object.keys(renames).length ? "/originals" : "/input_files";
  const mounted: Mounted[] = Object.entries(files).flatMap(([field, each]) =>
    each.map((file) => ({ path: `${folder}/${safe(field)}/${safe(file.name)}`, blob: file })),
  );
  return { name: "run", request: { script, sha256, values, renames, folder, output_filename: outputFilename }, files: mounted, megabytes };
}

function stopped(problem: PythonError, log: string, limit: number, seconds: number): Outcome {
  const exception = problem.code === "time" ? "TimedOut" : problem.code === "memory" ? "OutOfMemory" : "Killed"; // the runners' own names
  const why = problem.code === "time" ? `The script was stopped after ${limit} seconds, its limit.` : problem.message;
  const failure = { exception, line: null, message: "" };
  return { success: false, seconds, log, outputs: [], rows_in: null, rows_out: null, failure, failure_local: why, runner: "browser" };
}

/** Rejects when a file is no longer what was chosen: browsers notice it only when they read. */
async function readable(files: readonly File[]): Promise<void> {
  for (const file of files) {
    try {
      await file.slice(0, 1).arrayBuffer();
    } catch {
      throw new PythonError("changed", `“${file.name}” changed or was moved after it was added. Add it again.`);
    }
  }
}

/** One task after the other in the reading interpreter; cancelling a task that waits leaves the others alone. */
function queued<Result>(task: Task, on: Heard, read: (answer: Answer) => Result): Work<Result> {
  let isCancelled = false;
  let mine: Interpreter | undefined;
  const work = async () => {
    if (isCancelled) throw cancelled();
    await readable(task.files.map(({ blob }) => blob as File));
    if (isCancelled) throw cancelled();
    mine = reading();
    try {
      return read(await mine.ask(task, READ_SECONDS, on));
    } finally {
      mine = undefined;
    }
  };
  const done = queue.then(work);
  queue = done.catch(() => undefined);
  let giveUp: (problem: PythonError) => void;
  const given = new Promise<never>((_, reject) => (giveUp = reject));
  const cancel = () => {
    isCancelled = true;
    giveUp(cancelled()); // now, and not when its turn would have come
    mine?.end("cancelled", "Cancelled.");
  };
  return { result: Promise.race([done, given]), cancel };
}

const cancelled = () => new PythonError("cancelled", "Cancelled.");

function reading(): Interpreter {
  if (!reader || reader.isOver) {
    const mine = (reader = new Interpreter("spadework_reading"));
    become("loading");
    mine.ready.then(
      () => become("ready"),
      (problem: PythonError) => reader === mine && become(problem.code === "cancelled" ? "off" : "failed"),
    );
  }
  return reader;
}

function runner(): Interpreter {
  if (!spare || spare.isOver) spare = new Interpreter("spadework_running");
  return spare;
}

function become(next: Phase): void {
  if (current === next) return;
  current = next;
  for (const each of listeners) each(next);
}

/** Lines out of pieces; a line such as `progress: 40%` moves the bar. */
class Log implements Heard {
  text = "";
  private rest = "";
  constructor(private readonly on: { log?(line: string): void; progress?(share: number): void }) {}

  log = (piece: string) => {
    this.text = (this.text + piece).slice(0, LOG_CHARACTERS);
    const lines = (this.rest + piece).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      const share = PROGRESS.exec(line)?.[1];
      if (share !== undefined) this.on.progress?.(Math.min(100, Number(share)) / 100);
      this.on.log?.(line);
    }
  };
}

const safe = (name: string) => name.replaceAll(/[/\\\0]/g, "_") || "file";

const suffix = (name: string) => /\.\w{1,10}$/.exec(name)?.[0].toLowerCase() ?? "";
