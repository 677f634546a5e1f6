import { beforeEach, describe, expect, it, vi } from "vitest";
import { LiveConnection, type LiveMessage, type Socket } from "./live";

class PretendedSocket implements Socket {
  sent: unknown[] = [];
  isClosed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.isClosed = true;
  }
  say(message: unknown) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

let sockets: PretendedSocket[];
let connection: LiveConnection;

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  connection = new LiveConnection(() => {
    const socket = new PretendedSocket();
    sockets.push(socket);
    return socket;
  });
});

const last = () => sockets.at(-1)!;

describe("one connection per tab", () => {
  it("serves any number of subscribers over one socket", () => {
    connection.subscribe("runs", () => {});
    connection.subscribe("runs", () => {});
    connection.subscribe("table:7", () => {});
    last().onopen?.();
    expect(sockets).toHaveLength(1);
    expect(last().sent).toEqual([{ subscribe: ["runs", "table:7"] }]);
  });

  it("hands a topic's events to those who asked for it and nobody else", () => {
    const heard: LiveMessage[] = [];
    connection.subscribe("runs", (message) => heard.push(message));
    connection.subscribe("spend", () => expect.fail("not its topic"));
    last().onopen?.();
    last().say({ topic: "hello" });
    last().say({ topic: "runs", events: [{ type: "run", id: "1" }] });
    last().say({ topic: "runs", resync: true });
    expect(heard).toEqual([
      { events: [{ type: "run", id: "1" }], resync: false },
      { events: [], resync: true },
    ]);
  });

  it("has a newcomer look again once it is subscribed, for what happened since its first look", () => {
    connection.subscribe("runs", () => {});
    last().onopen?.();
    vi.advanceTimersByTime(1000);
    const heard: LiveMessage[] = [];
    connection.subscribe("table:7", (message) => heard.push(message));
    expect(last().sent.at(-1)).toEqual({ subscribe: ["table:7"] });
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(400);
    expect(heard).toEqual([{ events: [], resync: true }]);
  });

  it("leaves a topic only when its last subscriber has gone", () => {
    const first = connection.subscribe("runs", () => {});
    const second = connection.subscribe("runs", () => {});
    last().onopen?.();
    first();
    expect(last().sent).toHaveLength(1);
    second();
    expect(last().sent.at(-1)).toEqual({ unsubscribe: ["runs"] });
    vi.advanceTimersByTime(10_000);
    expect(last().isClosed).toBe(true);
  });
});

describe("after the connection is lost", () => {
  it("comes back by itself, subscribes again and has everybody fetch again", () => {
    const heard: LiveMessage[] = [];
    connection.subscribe("runs", (message) => heard.push(message));
    last().onopen?.();
    last().onclose?.();
    expect(connection.state).toBe("lost");
    vi.advanceTimersByTime(1000);
    expect(sockets).toHaveLength(2);
    heard.length = 0;
    last().onopen?.();
    expect(connection.state).toBe("open");
    expect(last().sent).toEqual([{ subscribe: ["runs"] }]);
    vi.advanceTimersByTime(400);
    expect(heard).toEqual([{ events: [], resync: true }]);
  });

  it("waits longer after each failure, and tries at once when woken", () => {
    connection.subscribe("runs", () => {});
    for (let failure = 0; failure < 6; failure++) {
      last().onclose?.();
      vi.advanceTimersByTime(20_000);
    }
    expect(sockets).toHaveLength(7);
    last().onclose?.();
    vi.advanceTimersByTime(5_000);
    expect(sockets).toHaveLength(7);
    connection.wake();
    expect(sockets).toHaveLength(8);
  });

  it("stays quiet when nobody listens any more", () => {
    const leave = connection.subscribe("runs", () => {});
    last().onopen?.();
    leave();
    last().onclose?.();
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
  });
});
