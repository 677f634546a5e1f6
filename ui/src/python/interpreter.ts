// One Python worker as the page sees it: it starts, does one task at a time under a time limit, and ends.
import { PythonError, type ErrorCode } from "./answers";
import * as frame from "./frameHost";
import { START_SECONDS } from "./limits";
import type { Does, Task } from "./protocol";

export interface Heard {
  log?(text: string): void;
  progress?(share: number): void;
}

export interface Answer {
  text: string;
  blobs: unknown;
  /** The page's own measurement. */
  seconds: number;
}

interface Waiting extends Heard {
  resolve(answer: Answer): void;
  reject(problem: PythonError): void;
  began: number;
}

export class Interpreter {
  /** Fulfilled once Python answers; rejected when it cannot be started. */
  readonly ready: Promise<void>;
  /** Whether it is gone, or will be; another one has to be made. */
  isOver = false;
  private readonly worker: Promise<string>;
  private settle!: { resolve(): void; reject(problem: PythonError): void };
  private waiting: Waiting | undefined;

  constructor(does: Does) {
    this.ready = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    this.ready.catch(() => undefined); // told to whoever asks for it
    this.worker = frame.start(does, { heard: (message) => this.heard(message), ended: (message) => this.ended(message) });
    this.worker.catch((problem: PythonError) => this.over(problem));
    const late = setTimeout(() => this.end("unavailable", "Python did not start in time. Load the page again."), START_SECONDS * 1000);
    void this.ready.then(() => clearTimeout(late), () => clearTimeout(late));
  }

  /** The answer of one task. Rejects with `time` at the limit, which ends the interpreter. */
  async ask(task: Task, seconds: number, on: Heard = {}): Promise<Answer> {
    await this.ready;
    const worker = await this.worker;
    if (this.isOver) throw gone();
    const limit = setTimeout(() => this.end("time", `Stopped after ${seconds} seconds, the limit.`), seconds * 1000);
    return new Promise<Answer>((resolve, reject) => {
      this.waiting = { ...on, resolve, reject, began: performance.now() };
      frame.tell(worker, task);
    }).finally(() => {
      clearTimeout(limit);
      this.waiting = undefined;
    });
  }

  /** End it now; a task that is under way is rejected with the given code. */
  end(code: ErrorCode, message: string): void {
    if (this.isOver) return;
    this.over(new PythonError(code, message));
    void this.worker.then(frame.stop, () => undefined);
  }

  private over(problem: PythonError): void {
    this.isOver = true;
    this.settle.reject(problem);
    this.waiting?.reject(problem);
  }

  private ended(message: string): void {
    if (this.isOver) return;
    if (message === "flood") this.over(new PythonError("failed", "The script sent more than the page can take, and was stopped."));
    else this.over(/memory/i.test(message) ? new PythonError("memory", "Python ran out of memory and was stopped.") : gone());
  }

  private heard(message: unknown): void {
    if (this.isOver || typeof message !== "object" || message === null) return;
    const { kind, text, share, blobs, code, message: said } = message as Record<string, unknown>;
    if (kind === "ready") this.settle.resolve();
    else if (kind === "failed") {
      console.warn("Python in the browser:", said);
      this.end("unavailable", "Python could not be started in this browser. Load the page again.");
    } else if (kind === "log" && typeof text === "string") this.waiting?.log?.(text);
    else if (kind === "progress" && typeof share === "number" && share >= 0 && share <= 1) this.waiting?.progress?.(share);
    else if (kind === "answer" && typeof text === "string" && this.waiting) {
      const seconds = (performance.now() - this.waiting.began) / 1000;
      this.waiting.resolve({ text, blobs, seconds });
    } else if (kind === "error") this.waiting?.reject(errorOf(code, said));
  }
}

function errorOf(code: unknown, said: unknown): PythonError {
  const text = typeof said === "string" ? said : "";
  if (code === "changed") {
    return new PythonError("changed", `“${text.slice(0, 255)}” changed or was moved after it was added. Add it again.`);
  }
  if (code === "memory") return new PythonError("memory", "Python ran out of memory and was stopped.");
  console.warn("Python in the browser:", text);
  return new PythonError("failed", "Python failed at this. Try again; if it happens each time, load the page again.");
}

const gone = () => new PythonError("failed", "Python stopped unexpectedly. Try again.");
