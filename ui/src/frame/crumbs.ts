// The breadcrumb: each screen says where it is, the top bar shows it and the tab's title follows.
import { useEffect, useSyncExternalStore } from "react";

export interface Crumb {
  label: string;
  to?: string;
}

let crumbs: Crumb[] = [];
const listeners = new Set<() => void>();

/** Sets the breadcrumb for as long as the screen is shown; a crumb without a label is still loading. */
export function useCrumbs(next: (Crumb | null | false | undefined)[]): void {
  const shown = next.filter((each): each is Crumb => Boolean(each));
  const key = JSON.stringify(shown);
  useEffect(() => {
    crumbs = JSON.parse(key) as Crumb[];
    const last = crumbs.at(-1)?.label;
    document.title = last ? `${last} · Spadework` : "Spadework";
    for (const each of listeners) each();
  }, [key]);
}

export function useShownCrumbs(): Crumb[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => crumbs,
  );
}
