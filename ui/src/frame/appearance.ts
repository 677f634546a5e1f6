// Light, dark or as the system says; index.html applies a pick before the first paint.
import { useSyncExternalStore } from "react";

export type Appearance = "system" | "light" | "dark";

const KEY = "spadework.appearance";
const listeners = new Set<() => void>();
const systemDark = window.matchMedia("(prefers-color-scheme: dark)");

function read(): Appearance {
  const picked = document.documentElement.dataset.appearance;
  return picked === "light" || picked === "dark" ? picked : "system";
}

export function setAppearance(appearance: Appearance): void {
  if (appearance === "system") {
    delete document.documentElement.dataset.appearance;
    localStorage.removeItem(KEY);
  } else {
    document.documentElement.dataset.appearance = appearance;
    localStorage.setItem(KEY, appearance);
  }
  for (const each of listeners) each();
}

function watch(listener: () => void): () => void {
  listeners.add(listener);
  systemDark.addEventListener("change", listener);
  return () => {
    listeners.delete(listener);
    systemDark.removeEventListener("change", listener);
  };
}

export function useAppearance(): Appearance {
  return useSyncExternalStore(watch, read);
}

/** What is on screen now; for canvases, which cannot follow tokens by themselves. */
export function useIsDark(): boolean {
  return useSyncExternalStore(watch, () => {
    const picked = read();
    return picked === "system" ? systemDark.matches : picked === "dark";
  });
}
