// How failures and needs of scripts are said: pure.
import type { Failure } from "../../api/workflowTypes";

// What the runner itself stopped, by the names it gives; everything else is the script's own.
const STOPPED: Record<string, string> = {
  NothingWritten: "The script ended and wrote no file.",
  OutputRefused: "The script left something that is no ordinary file, so nothing of it was taken.",
  OutputTooLarge: "The script wrote more than a run may hand over.",
  InputRefused: "A file or setting has a name that the script could not use.",
  TimedOut: "The script took longer than it may and was stopped.",
  OutOfMemory: "The script needed more memory than it may have and was stopped.",
  TooManyTasks: "The script started more tasks than it may and was stopped.",
  Killed: "The script was stopped from outside.",
  TimeoutError: "The script took longer than it may and was stopped.",
  MemoryError: "The script needed more memory than it may have.",
};

/** A failure as one sentence; what came from the script is masked already. */
export function failureText(failure: string | Failure | null | undefined): string | null {
  if (!failure) return null;
  if (typeof failure === "string") return failure;
  const stopped = STOPPED[failure.exception];
  if (stopped && failure.message === "") return stopped;
  const place = failure.line === null ? "" : ` in line ${failure.line}`;
  return `${failure.exception}${place}${failure.message ? `: ${failure.message}` : ""}`;
}

export function dependencyWords(dependencies: readonly string[]): string {
  return dependencies.length === 0 ? "Python alone" : `Python with ${dependencies.join(", ")}`;
}

const UNITS = ["bytes", "KB", "MB", "GB"];

/** "512 bytes", "1.4 MB". */
export function size(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (amount >= 1000 && unit < UNITS.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${unit === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${UNITS[unit]}`;
}
