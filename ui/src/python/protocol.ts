// What the page, the frame and a worker say to each other. The page believes none of it: see answers.ts.

/** What Python needs, handed over by the page because the frame may load nothing. */
export interface Assets {
  worker: string;
  wasm: ArrayBuffer;
  stdlib: ArrayBuffer;
  sources: Record<string, string>;
  wheels: Record<string, ArrayBuffer>;
}

/** What a worker is for, as the Python module it starts with. */
export type Does = "spadework_reading" | "spadework_running";

export type ToFrame =
  | { kind: "assets"; assets: Assets }
  | { kind: "start"; worker: string; does: Does }
  | { kind: "tell"; worker: string; task: Task }
  | { kind: "stop"; worker: string };

export type FromFrame =
  | { kind: "ready" }
  | { kind: "failed"; message: string }
  | { kind: "from"; worker: string; message: unknown }
  | { kind: "ended"; worker: string; message: string };

/** A file as Python sees it: read in place, never copied as a whole. */
export interface Mounted {
  path: string;
  blob: Blob;
}

export interface Task {
  /** The function in the Python module. */
  name: "extract" | "synthesise" | "suggest_joins" | "run";
  request: unknown;
  files: Mounted[];
  /** Of Python's memory, and as many again of files it writes. */
  megabytes: number;
}

export interface Boot {
  kind: "boot";
  module: WebAssembly.Module;
  stdlib: ArrayBuffer;
  sources: Record<string, string>;
  wheels: Record<string, ArrayBuffer>;
  does: Does;
  /** The memory of a Python that had just started: another starts from it in a tenth of the time. */
  snapshot: ArrayBuffer | undefined;
}

export type ToWorker = Boot | { kind: "task"; task: Task };

export type FromWorker =
  | { kind: "ready"; snapshot?: ArrayBuffer | undefined }
  | { kind: "failed"; message: string }
  | { kind: "progress"; share: number }
  | { kind: "log"; text: string }
  | { kind: "answer"; text: string; blobs: { name: string; blob: Blob }[] }
  | { kind: "error"; code: string; message: string };

export const FROM_WORKER_KINDS = ["ready", "failed", "progress", "log", "answer", "error"];
