// Python in a worker of the sandboxed frame: starts it from what it is handed, takes away what a script
// could misuse, mounts files to be read in place, and answers tasks. The frame's policy is the wall;
// what is removed here only makes it thicker.
import { loadPyodide, type Lockfile, type PyodideInterface } from "pyodide";
import createPyodideModule from "pyodide/pyodide.asm.mjs";
import { info } from "pyodide/pyodide-lock.json";
import { capFiles, capPipes, changedFile, mountFiles, readInPlace, takeFile, unmountFiles } from "./mount";
import type { Boot, Does, FromWorker, Task, ToWorker } from "./protocol";

const say = self.postMessage.bind(self) as (message: FromWorker, transfer?: Transferable[]) => void;
const PROGRESS_MS = 50;
const HOME = "/home/python";
const FOLDER = "/lib/spadework";
// What nearly every script and file needs; imported once, it is in the snapshot.
const COMMON = "import csv, json, sqlite3, re, io, zipfile, datetime, decimal, collections, dataclasses, itertools, pathlib, traceback, tempfile, unicodedata, importlib.util, hashlib";

let python: PyodideInterface | undefined;
let job: Does;
let mostMemory = Infinity;
let limitFiles: (bytes: number) => void;

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "boot") {
    boot(data).then(
      (snapshot) => say({ kind: "ready", snapshot }, snapshot ? [snapshot] : []),
      (problem: unknown) => say({ kind: "failed", message: String(problem) }),
    );
  } else if (data.kind === "task" && python) {
    carryOut(python, data.task);
  }
};

/** Starts Python; the memory of one that had just started comes back, unless it was started from such. */
async function boot({ module, stdlib, sources, wheels, does, snapshot }: Boot): Promise<ArrayBuffer | undefined> {
  capMemory();
  const restore = serveFromMemory(module, stdlib);
  const started = await start(snapshot);
  restore();
  install(started, sources, wheels);
  // Taken before any file or script has been near it.
  const made = snapshot ? undefined : memoryOf(started);
  prepare(started, does);
  readInPlace(started);
  limitFiles = capFiles(started);
  capPipes(started);
  removeDoors();
  python = started;
  job = does;
  return made;
}

function start(snapshot: ArrayBuffer | undefined): Promise<PyodideInterface> {
  return loadPyodide({
    createPyodideModule,
    indexURL: "https://python.invalid/",
    lockFileContents: { info, packages: {} } as Lockfile, // it has no packages to offer: ours are handed over
    packageBaseUrl: "https://python.invalid/",
    jsglobals: fewGlobals(),
    env: { HOME, PYTHONHASHSEED: "0", PYTHONDONTWRITEBYTECODE: "1" },
    stdin: () => null,
    stdout: () => undefined,
    stderr: () => undefined,
    ...(snapshot ? { _loadSnapshot: snapshot } : { _makeSnapshot: true }),
  });
}

function memoryOf(started: PyodideInterface): ArrayBuffer | undefined {
  try {
    started.runPython(COMMON);
    return (started as unknown as { makeMemorySnapshot(): Uint8Array<ArrayBuffer> }).makeMemorySnapshot().buffer;
  } catch (problem) {
    console.warn("Python in the browser: the next start will not be faster.", problem);
    return undefined;
  }
}

/** Python sees a MemoryError instead of the browser's tab being killed. */
function capMemory(): void {
  const grow = WebAssembly.Memory.prototype.grow;
  WebAssembly.Memory.prototype.grow = function (this: WebAssembly.Memory, pages: number): number {
    if (this.buffer.byteLength + pages * 65536 > mostMemory) throw new RangeError("The script's memory is used up.");
    return grow.call(this, pages);
  };
}

/** Answers Pyodide's two requests with what the page handed over; undone once it has started. */
function serveFromMemory(module: WebAssembly.Module, stdlib: ArrayBuffer): () => void {
  const { fetch } = self;
  const { instantiateStreaming } = WebAssembly;
  self.fetch = (address) => Promise.resolve(new Response(String(address).endsWith(".zip") ? stdlib : ""));
  WebAssembly.instantiateStreaming = async (_source, imports) => ({
    module,
    instance: await WebAssembly.instantiate(module, imports),
  });
  return () => {
    self.fetch = fetch;
    WebAssembly.instantiateStreaming = instantiateStreaming;
  };
}

/** What `import js` finds: what Pyodide's own Python needs, and no way out. */
function fewGlobals(): object {
  const { setTimeout, clearTimeout, setInterval, clearInterval, Object: object, Uint8Array: bytes } = self as unknown as Record<string, unknown>;
  return { setTimeout, clearTimeout, setInterval, clearInterval, Object: object, Uint8Array: bytes };
}

function install(started: PyodideInterface, sources: Record<string, string>, wheels: Record<string, ArrayBuffer>): void {
  const { FS } = started;
  for (const [name, text] of Object.entries(sources)) {
    const path = `${FOLDER}/${name}`;
    FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    FS.writeFile(path, text);
  }
  FS.mkdirTree("/lib/wheels");
  for (const [name, bytes] of Object.entries(wheels)) {
    // Python imports straight from the archive, except what is compiled.
    if (isPure(name)) FS.writeFile(`/lib/wheels/${name}`, new Uint8Array(bytes));
    else started.unpackArchive(bytes, "wheel", { extractDir: sitePackages(started) });
  }
  const path = [FOLDER, ...Object.keys(wheels).filter(isPure).map((name) => `/lib/wheels/${name}`)];
  started.runPython(`import sys; sys.path += [each for each in ${JSON.stringify(path)} if each not in sys.path]`);
}

const isPure = (name: string) => name.endsWith("-none-any.whl");

/** The one task's module, with its ways to tell the page; scripts find no others. */
function prepare(started: PyodideInterface, does: Does): void {
  let saidAt = 0;
  started.registerJsModule("_spadework_page", {
    log: (text: string) => say({ kind: "log", text: String(text) }),
    progress: (share: number) => {
      const now = performance.now();
      if (now - saidAt > PROGRESS_MS || share === 1) say({ kind: "progress", share: Number(share) });
      if (now - saidAt > PROGRESS_MS) saidAt = now;
    },
  });
  started.runPython(`import importlib; importlib.invalidate_caches(); import ${does}`);
  started.setStdin({ error: true });
  for (const name of ["js", "pyodide_js"]) started.unregisterJsModule(name);
}

function sitePackages(started: PyodideInterface): string {
  return started.runPython("import site; site.getsitepackages()[0]") as string;
}

/** Nothing of this leads anywhere in a frame without origin and network; it need not be there at all. */
function removeDoors(): void {
  const doors = [
    "fetch", "XMLHttpRequest", "WebSocket", "WebSocketStream", "EventSource", "WebTransport", "importScripts", "Worker",
    "BroadcastChannel", "MessageChannel", "indexedDB", "caches", "cookieStore", "FontFace", "fonts", "Notification",
    "RTCDataChannel", "FileSystemHandle", "showDirectoryPicker", "postMessage",
  ];
  for (const name of doors) {
    for (let holder: object | null = self; holder; holder = Object.getPrototypeOf(holder) as object | null) Reflect.deleteProperty(holder, name);
  }
}

function carryOut(started: PyodideInterface, { name, request, files, megabytes }: Task): void {
  try {
    mostMemory = megabytes * 1024 * 1024;
    limitFiles(mostMemory);
    mountFiles(started, files);
    const work = started.pyimport(job);
    const text = String((work[name] as (asked: string) => unknown)(JSON.stringify(request)));
    const changed = changedFile();
    if (changed) say({ kind: "error", code: "changed", message: changed });
    else say({ kind: "answer", text, blobs: filesIn(started, text) });
  } catch (problem) {
    const changed = changedFile();
    const text = problem instanceof Error ? problem.message : String(problem);
    if (changed) say({ kind: "error", code: "changed", message: changed });
    else say({ kind: "error", code: /MemoryError/.test(text) ? "memory" : "failed", message: text.slice(-2000) });
  } finally {
    unmountFiles(started);
  }
}

/** What the answer says was written, taken out as blobs. */
function filesIn(started: PyodideInterface, text: string): { name: string; blob: Blob }[] {
  const { files = [] } = JSON.parse(text) as { files?: { name: string; path: string }[] };
  return files.map(({ name, path }) => ({ name, blob: takeFile(started, path) }));
}
