// The page's side of the sandboxed frame: brings it up once, hands it Python's files, starts, tells and
// ends its workers. A message counts only when it came through the frame's own port.
import * as files from "virtual:python-assets";
import { PythonError } from "./answers";
import { START_SECONDS, STOP_SECONDS } from "./limits";
import type { Assets, Does, FromFrame, Task, ToFrame } from "./protocol";

export interface Listener {
  /** Whatever the worker sent; not to be trusted. */
  heard(message: unknown): void;
  /** The worker is gone: stopped, crashed, or taken away with its frame. */
  ended(message: string): void;
}

interface Host {
  frame: HTMLIFrameElement;
  port: MessagePort;
}

const listeners = new Map<string, Listener>();
let host: Promise<Host> | undefined;

/** Bring up the frame, which takes a second; safe to call again. */
export function open(): Promise<Host> {
  host ??= bringUp().catch((problem: unknown) => {
    host = undefined;
    throw problem instanceof PythonError ? problem : unavailable(String(problem));
  });
  return host;
}

/** A new worker; its id is this page's own and never told to the worker. */
export async function start(does: Does, listener: Listener): Promise<string> {
  const { port } = await open();
  const worker = newId();
  listeners.set(worker, listener);
  port.postMessage({ kind: "start", worker, does } satisfies ToFrame);
  return worker;
}

export function tell(worker: string, task: Task): void {
  void host?.then(({ port }) => port.postMessage({ kind: "tell", worker, task } satisfies ToFrame));
}

/** End a worker: within a second by its frame, or else by taking the frame away with everything in it. */
export function stop(worker: string): void {
  void host?.then(({ port }) => {
    if (!listeners.has(worker)) return;
    port.postMessage({ kind: "stop", worker } satisfies ToFrame);
    setTimeout(() => listeners.has(worker) && close(), STOP_SECONDS * 1000);
  });
}

function close(): void {
  void host?.then(({ frame, port }) => {
    port.close();
    frame.remove();
  });
  host = undefined;
  const left = [...listeners.values()];
  listeners.clear();
  for (const each of left) each.ended("");
}

async function bringUp(): Promise<Host> {
  const [assets, frame] = await Promise.all([load(), attach()]);
  const { port1: port, port2: theirs } = new MessageChannel();
  try {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(unavailable("The frame did not answer.")), START_SECONDS * 1000);
      port.onmessage = ({ data }: MessageEvent<FromFrame>) => {
        clearTimeout(late);
        if (data.kind === "ready") resolve();
        else reject(unavailable(data.kind === "failed" ? String(data.message) : ""));
      };
      // The frame has no origin that could be named here; that it is our page is settled by frame-src.
      frame.contentWindow!.postMessage(null, "*", [theirs]);
      port.postMessage({ kind: "assets", assets } satisfies ToFrame, [assets.wasm, assets.stdlib, ...Object.values(assets.wheels)]);
    });
  } catch (problem) {
    frame.remove();
    throw problem;
  }
  port.onmessage = ({ data }: MessageEvent<FromFrame>) => hear(data);
  return { frame, port };
}

function hear(message: FromFrame): void {
  if (message.kind === "from") listeners.get(message.worker)?.heard(message.message);
  else if (message.kind === "ended") {
    const listener = listeners.get(message.worker);
    listeners.delete(message.worker);
    listener?.ended(String(message.message));
  }
}

function attach(): Promise<HTMLIFrameElement> {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.title = "Python";
  frame.hidden = true;
  frame.src = files.FRAME;
  return new Promise((resolve, reject) => {
    frame.onload = () => resolve(frame);
    frame.onerror = () => reject(unavailable("The frame could not be loaded."));
    document.documentElement.append(frame); // not in the body, whose content is the application's
  });
}

async function load(): Promise<Assets> {
  const names = Object.keys(files.WHEELS);
  const [worker, sources, wasm, stdlib, ...wheels] = await Promise.all([
    fetched(files.WORKER).then((reply) => reply.text()),
    fetched(files.SOURCES).then((reply) => reply.json() as Promise<Record<string, string>>),
    fetched(files.WASM).then((reply) => reply.arrayBuffer()),
    fetched(files.STDLIB).then((reply) => reply.arrayBuffer()),
    ...names.map((name) => fetched(files.WHEELS[name]!).then((reply) => reply.arrayBuffer())),
  ]);
  return { worker, sources, wasm, stdlib, wheels: Object.fromEntries(names.map((name, at) => [name, wheels[at]!])) };
}

async function fetched(address: string): Promise<Response> {
  const reply = await fetch(address);
  if (!reply.ok) throw unavailable(`${address} answered ${reply.status}.`);
  return reply;
}

const newId = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (each) => each.toString(36)).join("");

function unavailable(detail: string): PythonError {
  console.warn(`Python in the browser: ${detail}`);
  return new PythonError("unavailable", "Python could not be started in this browser. Load the page again; an older browser may need an update.");
}
