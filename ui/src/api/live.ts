// Live updates: one WebSocket per tab, shared by every screen, that comes back by itself.
import { useEffect, useRef, useSyncExternalStore } from "react";

export interface LiveMessage<E = unknown> {
  events: E[];
  /** Something may have been missed: fetch again what the topic is about. */
  resync: boolean;
}

type Handler = (message: LiveMessage) => void;
export type LiveState = "idle" | "connecting" | "open" | "lost";

export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: string }) => void) | null;
  onclose: (() => void) | null;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
// The socket is closed this long after the last subscriber left, so that a change of screen keeps it.
const LINGER_MS = 5_000;
// By then the server has taken a subscription in.
const SETTLED_MS = 400;

export class LiveConnection {
  private readonly handlers = new Map<string, Set<Handler>>();
  private readonly listeners = new Set<() => void>();
  private socket: Socket | null = null;
  private retryMs = FIRST_RETRY_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private hasMissed = false;
  state: LiveState = "idle";

  constructor(private readonly connect: () => Socket) {}

  subscribe(topic: string, handler: Handler): () => void {
    const known = this.handlers.get(topic);
    if (known) known.add(handler);
    else {
      this.handlers.set(topic, new Set([handler]));
      if (this.state === "open") {
        this.send({ subscribe: [topic] });
        this.lookAgainSoon([topic]);
      }
    }
    if (!this.socket && this.state !== "lost") this.open();
    return () => this.unsubscribe(topic, handler);
  }

  /** Tries again now, for the moment the machine wakes or the network returns. */
  wake(): void {
    if (this.state !== "lost") return;
    clearTimeout(this.timer);
    this.open();
  }

  watch = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private unsubscribe(topic: string, handler: Handler): void {
    const known = this.handlers.get(topic);
    if (!known?.delete(handler) || known.size > 0) return;
    this.handlers.delete(topic);
    if (this.state === "open") this.send({ unsubscribe: [topic] });
    if (this.handlers.size === 0) {
      setTimeout(() => {
        if (this.handlers.size === 0) this.close();
      }, LINGER_MS);
    }
  }

  private open(): void {
    if (this.handlers.size === 0) return;
    if (!this.hasMissed) this.enter("connecting");
    const socket = this.connect();
    this.socket = socket;
    socket.onopen = () => {
      this.retryMs = FIRST_RETRY_MS;
      this.enter("open");
      this.send({ subscribe: [...this.handlers.keys()] });
      this.lookAgainSoon([...this.handlers.keys()]);
      this.hasMissed = false;
    };
    socket.onmessage = (event) => this.receive(event.data);
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      if (this.handlers.size === 0) return this.enter("idle");
      this.hasMissed = true;
      this.enter("lost");
      this.timer = setTimeout(() => this.open(), this.retryMs * (0.75 + Math.random() / 2));
      this.retryMs = Math.min(this.retryMs * 2, LONGEST_RETRY_MS);
    };
  }

  private close(): void {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    this.hasMissed = false;
    socket?.close();
    this.enter("idle");
  }

  private receive(text: string): void {
    const message = JSON.parse(text) as { topic: string; events?: unknown[]; resync?: boolean };
    for (const handler of [...(this.handlers.get(message.topic) ?? [])]) {
      handler({ events: message.events ?? [], resync: message.resync === true });
    }
  }

  /** What happened between a screen's first look and its subscription was told to nobody, so it looks once more. */
  private lookAgainSoon(topics: string[]): void {
    setTimeout(() => {
      for (const topic of topics) {
        for (const handler of [...(this.handlers.get(topic) ?? [])]) handler({ events: [], resync: true });
      }
    }, SETTLED_MS);
  }

  private send(message: unknown): void {
    this.socket?.send(JSON.stringify(message));
  }

  private enter(state: LiveState): void {
    if (this.state === state) return;
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

export const live = new LiveConnection(
  () => new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/v3/live`) as unknown as Socket,
);

if (typeof window !== "undefined") {
  window.addEventListener("online", () => live.wake());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") live.wake();
  });
}

/** Hears a topic for as long as the component is shown; null hears nothing. The handler may change freely. */
export function useLive<E = unknown>(topic: string | null, handler: (message: LiveMessage<E>) => void): void {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => {
    if (topic === null) return;
    return live.subscribe(topic, (message) => latest.current(message as LiveMessage<E>));
  }, [topic]);
}

/** Whether live updates arrive; "lost" means it is trying to reconnect. */
export function useLiveState(): LiveState {
  return useSyncExternalStore(live.watch, () => live.state);
}
