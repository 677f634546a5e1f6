// Times: how long ago, with the exact moment one hover away.
import { useSyncExternalStore } from "react";
import { ago, day, elapsed, fullTime } from "./format";

let now = Date.now();
const listeners = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

function watch(listener: () => void): () => void {
  listeners.add(listener);
  ticking ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(ticking);
      ticking = undefined;
    }
  };
}

/** The time by the page's one clock, which stands still while nothing on the page shows a time. */
function current(): number {
  if (ticking === undefined) now = Date.now();
  return now;
}

export function Ago({ at, className }: { at: string | null | undefined; className?: string }) {
  const text = useSyncExternalStore(watch, () => (at ? ago(at, current()) : ""));
  if (!at) return <span className="faint">–</span>;
  return (
    <time dateTime={at} title={fullTime(at)} className={className}>
      {text}
    </time>
  );
}

export function Timestamp({ at, look = "full", className }: { at: string | null | undefined; look?: "full" | "day"; className?: string }) {
  if (!at) return <span className="faint">–</span>;
  return (
    <time dateTime={at} title={fullTime(at)} className={className}>
      {look === "day" ? day(at) : fullTime(at)}
    </time>
  );
}

/** How long something took, or has taken so far. */
export function Elapsed({ from, to }: { from: string | null; to: string | null }) {
  const text = useSyncExternalStore(watch, () => elapsed(from, to, current()));
  return <>{text ?? "–"}</>;
}
