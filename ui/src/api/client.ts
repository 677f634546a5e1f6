// The one way to the server: calls typed by its contract, one error type, JSON only.
import type { paths } from "./schema";
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

type Method = "get" | "post" | "put" | "patch" | "delete";

/** An address of the contract, `/v3/tables/{table_id}/fields`, as code writes it: `/v3/tables/${string}/fields`. */
type Written<Path> = Path extends `${infer Head}{${string}}${infer Tail}` ? `${Head}${string}${Written<Tail>}` : Path;
type Same<A, B> = [A, B] extends [B, A] ? true : false;

type Operation<M extends Method, Path> = {
  [Key in keyof paths]: Same<Path, Written<Key>> extends true ? (M extends keyof paths[Key] ? paths[Key][M] : never) : never;
}[keyof paths];

type Known<M extends Method> = {
  [Key in keyof paths]: M extends keyof paths[Key] ? (paths[Key][M] extends { responses: unknown } ? Written<Key> : never) : never;
}[keyof paths];

type JsonOf<T> = T extends { content: { "application/json": infer Body } } ? Body : void;

/** What the server answers to a method at an address, by its contract. */
export type Reply<M extends Method, Path> = Operation<M, Path> extends { responses: infer Responses }
  ? JsonOf<Responses[Extract<keyof Responses, 200 | 201 | 202 | 204>]>
  : unknown;

/** What has to be sent. */
export type Body<M extends Method, Path> = Operation<M, Path> extends { requestBody?: infer Sent } ? JsonOf<NonNullable<Sent>> : unknown;

interface Call<M extends Method> {
  /** Typed by the contract; an address or a field it does not have is an error of the compiler. */
  <Path extends Known<M>>(path: Path, options?: CallOptions): Promise<Reply<M, Path>>;
  /** For what the contract leaves open (JSON that a plug-in defines); the shape is the caller's word. */
  <T>(path: string, options?: CallOptions): Promise<T>;
}

interface SendingCall<M extends Method> {
  <Path extends Known<M>>(path: Path, body?: Body<M, Path>, options?: CallOptions): Promise<Reply<M, Path>>;
  <T>(path: string, body?: unknown, options?: CallOptions): Promise<T>;
}

function sending<M extends Method>(method: string, empty: object | undefined): SendingCall<M> {
  return ((path: string, body?: unknown, options?: CallOptions) => call(method, path, { ...options, body: body ?? empty })) as SendingCall<M>;
}

export const api = {
  get: ((path: string, options?: CallOptions) => call("GET", path, options)) as Call<"get">,
  post: sending<"post">("POST", {}),
  put: sending<"put">("PUT", {}),
  patch: sending<"patch">("PATCH", {}),
  delete: sending<"delete">("DELETE", undefined),
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
