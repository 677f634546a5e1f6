// The one way to the server: typed calls, one error type, JSON only.
import type { Json } from "./types";

/** What the server refused and why; `message` is a sentence fit to show as it is. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: Record<string, Json>;
  readonly requestId: string | null;

  constructor(status: number, code: string, message: string, details: Record<string, Json>, requestId: string | null) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.details = details;
    this.requestId = requestId;
  }
}

type QueryValue = string | number | boolean | null | undefined;

export interface CallOptions {
  query?: Record<string, QueryValue>;
  /** Sent as JSON, unless it is a FormData. */
  body?: unknown;
  /** Makes a repeated click one action; required by the server on what spends. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

let onSignedOut: () => void = () => {};

/** Called once per answer 401 outside the sign-in calls, so that the frame can show the sign-in. */
export function whenSignedOut(act: () => void): void {
  onSignedOut = act;
}

async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  let body: BodyInit | undefined;
  if (options.body instanceof FormData) {
    body = options.body;
    // Any page may send a form to us; only our own may send this header.
    headers["X-Spadework"] = "1";
  } else if (options.body !== undefined) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(options.body);
  }
  if (options.idempotencyKey) headers["Idempotency-Key"] = options.idempotencyKey;
  let response: Response;
  try {
    response = await fetch(withQuery(path, options.query), {
      method,
      headers,
      body,
      signal: options.signal,
      credentials: "same-origin",
    });
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw new ApiError(0, "unreachable", "Spadework did not answer. Nothing was changed; check that it is running and try again.", {}, null);
  }
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  if (!response.ok) throw refusal(response, text, path);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

function refusal(response: Response, text: string, path: string): ApiError {
  let error: { code?: string; message?: string; details?: Record<string, Json>; request_id?: string } = {};
  try {
    error = (JSON.parse(text) as { error?: typeof error }).error ?? {};
  } catch {
    // A proxy's page instead of our JSON: the status has to do.
  }
  if (response.status === 401 && !path.startsWith("/v3/session")) onSignedOut();
  return new ApiError(
    response.status,
    error.code ?? "error",
    error.message ?? `The server answered ${response.status} without saying why. Try again; if it repeats, look at the log.`,
    error.details ?? {},
    error.request_id ?? response.headers.get("x-request-id"),
  );
}

export function withQuery(path: string, query?: Record<string, QueryValue>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== "") search.set(key, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

export const api = {
  get: <T>(path: string, options?: CallOptions) => call<T>("GET", path, options),
  post: <T>(path: string, body?: unknown, options?: CallOptions) => call<T>("POST", path, { ...options, body: body ?? {} }),
  put: <T>(path: string, body?: unknown, options?: CallOptions) => call<T>("PUT", path, { ...options, body: body ?? {} }),
  patch: <T>(path: string, body?: unknown, options?: CallOptions) => call<T>("PATCH", path, { ...options, body: body ?? {} }),
  delete: <T = void>(path: string, body?: unknown, options?: CallOptions) => call<T>("DELETE", path, { ...options, body }),
};

/** A fresh key for one intended action; keep it while retrying that action. */
export function newIdempotencyKey(): string {
  return crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
}

/** The sentence to show for anything thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  return String(error);
}
