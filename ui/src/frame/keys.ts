// Keys that work everywhere: G then a letter to go, ? for the list, J/K through lists, Ctrl+K for commands.
import { useEffect, useRef } from "react";

export interface KeyHint {
  keys: string[];
  does: string;
}

export const KEY_HINTS: { heading: string; hints: KeyHint[] }[] = [
  {
    heading: "Anywhere",
    hints: [
      { keys: ["Ctrl", "K"], does: "Search and commands" },
      { keys: ["?"], does: "This list" },
      { keys: ["Esc"], does: "Close what is open" },
      { keys: ["["], does: "Fold or unfold the left rail" },
      { keys: ["B"], does: "Begin a workbook" },
    ],
  },
  {
    heading: "Go to",
    hints: [
      { keys: ["G", "W"], does: "Workbooks" },
      { keys: ["G", "P"], does: "Pipeline" },
      { keys: ["G", "T"], does: "Prompts" },
      { keys: ["G", "D"], does: "Dossiers" },
      { keys: ["G", "O"], does: "Contacts" },
      { keys: ["G", "A"], does: "Claims" },
      { keys: ["G", "B"], does: "Client brief" },
      { keys: ["G", "F"], does: "Builder" },
      { keys: ["G", "R"], does: "Runs" },
      { keys: ["G", "S"], does: "Spend" },
      { keys: ["G", "C"], does: "Clients" },
      { keys: ["G", ","], does: "Settings" },
    ],
  },
  {
    heading: "In lists",
    hints: [
      { keys: ["J"], does: "Next" },
      { keys: ["K"], does: "Previous" },
      { keys: ["Enter"], does: "Open" },
      { keys: ["/"], does: "Search this list" },
    ],
  },
  {
    heading: "In the Builder",
    hints: [
      { keys: ["A"], does: "Approve what leaves of this file" },
      { keys: ["R"], does: "Reject this file" },
    ],
  },
];

const SEQUENCE_MS = 1200;

/** Whether a key press belongs to what is being typed in, or to a part with its own keys (`data-own-keys`). */
function isTyping(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest("[data-own-keys]") !== null;
}

/** Listens for single keys ("?"), sequences ("g w") and Ctrl or Cmd ("mod+k"). */
export function useKeys(bindings: Record<string, () => void>): void {
  const latest = useRef(bindings);
  useEffect(() => {
    latest.current = bindings;
  });
  useEffect(() => {
    let pending: { key: string; at: number } | null = null;
    function press(event: KeyboardEvent) {
      if (event.defaultPrevented || event.isComposing || event.altKey) return;
      const key = event.key.toLowerCase();
      if (event.metaKey || event.ctrlKey) return fire(`mod+${key}`, event);
      if (isTyping(event) || document.querySelector('[role="dialog"][data-state="open"]:not([data-drawer]), [role="menu"]')) return;
      const before = pending && Date.now() - pending.at < SEQUENCE_MS ? pending.key : null;
      pending = null;
      if (before && fire(`${before} ${key}`, event)) return;
      if (key === "j" || key === "k") return moveInList(key === "j" ? 1 : -1, event);
      if (!fire(key, event) && key === "g") pending = { key, at: Date.now() };
    }
    function fire(name: string, event: KeyboardEvent): boolean | void {
      const act = latest.current[name];
      if (!act) return false;
      event.preventDefault();
      act();
      return true;
    }
    window.addEventListener("keydown", press as (event: KeyboardEvent) => void);
    return () => window.removeEventListener("keydown", press as (event: KeyboardEvent) => void);
  }, []);
}

function moveInList(by: number, event: KeyboardEvent): void {
  const items = [...document.querySelectorAll<HTMLElement>("main [data-list-item]")].filter((item) => item.offsetParent !== null);
  if (items.length === 0) return;
  event.preventDefault();
  const at = items.findIndex((item) => item === document.activeElement || item.contains(document.activeElement));
  const next = items[at === -1 ? 0 : Math.max(0, Math.min(items.length - 1, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
