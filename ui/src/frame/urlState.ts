// Choices on a screen that belong in its address, so that a reload or a sent link shows the same.
import { useRouter, useRouterState } from "@tanstack/react-router";
import { useCallback } from "react";

/** One search parameter as text; the default is left out of the address. */
export function useUrlState(name: string, initial = ""): [string, (value: string) => void] {
  const router = useRouter();
  const value = useRouterState({
    select: (state) => {
      const found = (state.location.search as Record<string, unknown>)[name];
      return found === undefined || found === null ? initial : String(found);
    },
  });
  const set = useCallback(
    (next: string) => {
      void router.navigate({
        to: ".",
        search: ((previous: Record<string, unknown>) => ({ ...previous, [name]: next === initial ? undefined : next })) as never,
        replace: true,
      });
    },
    [router, name, initial],
  );
  return [value, set];
}
