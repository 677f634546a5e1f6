// Runs inside the sandboxed frame, an origin of its own without network: starts workers from what the
// page hands over, passes messages on, ends workers. It decides nothing about a message's content
// but its size, and says itself which worker a message came from.
import { MESSAGES, MESSAGE_CHARACTERS } from "./limits";
import { FROM_WORKER_KINDS, type Assets, type Boot, type FromFrame, type FromWorker, type ToFrame, type ToWorker } from "./protocol";

interface Kept extends Omit<Assets, "worker" | "wasm"> {
  module: WebAssembly.Module;
  script: string;
  snapshot: ArrayBuffer | undefined;
}

type Starting = Extract<ToFrame, { kind: "start" }>;

interface Running {
  worker: Worker;
  /** Whether it has been told anything: what it says about how Python starts counts only before. */
  isTold: boolean;
  messages: number;
  characters: number;
}

// No policy governs this one in every browser. Workers do not have it, and only this script runs here.
Reflect.deleteProperty(window, "RTCPeerConnection");

let kept: Kept | undefined;
const running = new Map<string, Running>();

window.addEventListener("message", function first(event: MessageEvent) {
  const port = event.ports[0];
  if (event.source !== window.parent || !port) return;
  window.removeEventListener("message", first);
  const say = (message: FromFrame) => port.postMessage(message);
  port.onmessage = ({ data }: MessageEvent<ToFrame>) => void hear(data, say);
});

async function hear(message: ToFrame, say: (message: FromFrame) => void): Promise<void> {
  if (message.kind === "assets") {
    try {
      await keep(message.assets);
      say({ kind: "ready" });
    } catch (problem) {
      say({ kind: "failed", message: String(problem) });
    }
  } else if (message.kind === "start") {
    start(message, say);
  } else if (message.kind === "tell") {
    const told = running.get(message.worker);
    if (!told) return say({ kind: "ended", worker: message.worker, message: "" });
    Object.assign(told, { isTold: true, messages: 0, characters: 0 });
    told.worker.postMessage({ kind: "task", task: message.task } satisfies ToWorker);
  } else if (message.kind === "stop") {
    end(message.worker, "", say);
  }
}

async function keep({ worker, wasm, ...rest }: Assets): Promise<void> {
  // Compiled once: a worker takes the module as it is, in milliseconds.
  const module = await WebAssembly.compile(wasm);
  kept = { ...rest, module, snapshot: undefined, script: URL.createObjectURL(new Blob([worker], { type: "text/javascript" })) };
}

function start({ worker: id, does }: Starting, say: (message: FromFrame) => void): void {
  if (!kept || running.has(id)) return end(id, "Python's files are not here yet.", say);
  const { script, ...assets } = kept;
  const worker = new Worker(script);
  const mine: Running = { worker, isTold: false, messages: 0, characters: 0 };
  running.set(id, mine);
  worker.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (running.get(id) !== mine) return;
    const size = sizeOf(data);
    mine.messages += 1;
    mine.characters += size;
    if (mine.messages > MESSAGES || mine.characters > MESSAGE_CHARACTERS) end(id, "flood", say);
    else if (size >= 0) say({ kind: "from", worker: id, message: mine.isTold ? data : withoutSnapshot(data as FromWorker) });
  };
  worker.onerror = (event) => {
    event.preventDefault();
    end(id, event.message || "The worker failed.", say);
  };
  worker.onmessageerror = () => end(id, "The worker sent what cannot be read.", say);
  worker.postMessage({ kind: "boot", ...assets, does } satisfies Boot);
}

/** The message for the page; the first worker's snapshot stays here, for those that start after it. */
function withoutSnapshot(message: FromWorker): FromWorker {
  if (message.kind !== "ready") return message;
  if (kept && message.snapshot) kept.snapshot ??= message.snapshot;
  return { kind: "ready" };
}

function end(id: string, message: string, say: (message: FromFrame) => void): void {
  running.get(id)?.worker.terminate();
  running.delete(id);
  say({ kind: "ended", worker: id, message });
}

/** The characters of a message that has our shape; -1 for any other, which is dropped. */
function sizeOf(data: unknown): number {
  if (typeof data !== "object" || data === null) return -1;
  const { kind, text, message } = data as Record<string, unknown>;
  if (!FROM_WORKER_KINDS.includes(kind as string)) return -1;
  return [text, message].reduce<number>((sum, each) => sum + (typeof each === "string" ? each.length : 0), 64);
}
