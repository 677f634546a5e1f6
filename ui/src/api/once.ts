// One key per intended action, so that pressing twice, or again after a lost answer, acts once.
import { useCallback, useRef } from "react";
import { ApiError, newIdempotencyKey } from "./client";

export type Once = <T>(intent: string, send: (idempotencyKey: string) => Promise<T>) => Promise<T>;

/** Sends with the intent's key: the same one while nobody knows whether it acted, a new one after any clear answer. */
export function useOnce(): Once {
  const keys = useRef(new Map<string, string>());
  return useCallback(async (intent, send) => {
    const key = keys.current.get(intent) ?? newIdempotencyKey();
    keys.current.set(intent, key);
    try {
      const answer = await send(key);
      keys.current.delete(intent);
      return answer;
    } catch (error) {
      if (!isOpen(error)) keys.current.delete(intent);
      throw error;
    }
  }, []);
}

/** Whether the action may still have happened, or be happening, after this error. */
function isOpen(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status === 0 || error.status >= 500 || "retry_after_seconds" in error.details;
}
