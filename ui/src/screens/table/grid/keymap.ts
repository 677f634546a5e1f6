// Which key asks for what in the grid; the list that "?" shows is made from the same table.
import type { Move } from "./selection";

export type Command =
  | { act: "move"; move: Move }
  | { act: "page"; direction: 1 | -1; extend: boolean }
  | { act: "type"; text: string }
  | {
      act:
        | "edit" | "open" | "clear" | "undo" | "redo" | "find" | "selectRow" | "selectColumn" | "selectAll"
        | "newRow" | "fillDown" | "fillRight" | "leave" | "menu";
    };

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

const ARROWS: Record<string, [rows: number, columns: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** The command of a key press, null when the grid has none for it and the browser should act. */
export function commandFor(press: KeyPress): Command | null {
  const { key, shiftKey: shift, altKey: alt } = press;
  const mod = press.ctrlKey || press.metaKey;
  const arrow = ARROWS[key];
  if (arrow && !alt) return { act: "move", move: { rows: arrow[0], columns: arrow[1], extend: shift, toEdge: mod } };
  if (alt) return key === "ArrowDown" ? { act: "menu" } : null;
  switch (key) {
    case "Tab":
      return { act: "move", move: { rows: 0, columns: shift ? -1 : 1, wraps: true } };
    case "Home":
      return { act: "move", move: { rows: mod ? -1 : 0, columns: -1, extend: shift, toEdge: true } };
    case "End":
      return { act: "move", move: { rows: mod ? 1 : 0, columns: 1, extend: shift, toEdge: true } };
    case "PageUp":
      return { act: "page", direction: -1, extend: shift };
    case "PageDown":
      return { act: "page", direction: 1, extend: shift };
    case "Enter":
      return shift ? { act: "newRow" } : mod ? { act: "open" } : { act: "edit" };
    case "F2":
      return { act: "edit" };
    case "Escape":
      return { act: "leave" };
    case "Delete":
    case "Backspace":
      return { act: "clear" };
    case "ContextMenu":
      return { act: "menu" };
    case "F10":
      return shift ? { act: "menu" } : null;
    case " ":
      if (mod) return { act: "selectColumn" };
      return { act: shift ? "selectRow" : "open" };
  }
  if (mod) return withMod(key.toLowerCase(), shift);
  return key.length === 1 ? { act: "type", text: key } : null;
}

function withMod(key: string, shift: boolean): Command | null {
  if (key === "z") return { act: shift ? "redo" : "undo" };
  if (shift) return null;
  if (key === "y") return { act: "redo" };
  if (key === "f") return { act: "find" };
  if (key === "a") return { act: "selectAll" };
  if (key === "d") return { act: "fillDown" };
  if (key === "r") return { act: "fillRight" };
  return null; // C, X and V reach us as the browser's clipboard events.
}

/** For the list of keys. */
export const KEY_LIST: [keys: string, does: string][] = [
  ["Arrows", "Move"],
  ["Ctrl+arrows", "To the edge"],
  ["Shift+arrows", "Extend the selection"],
  ["Tab, Shift+Tab", "Next, previous cell"],
  ["Escape, then Tab", "On to “Add column”"],
  ["Home, End", "First, last column"],
  ["Page Up, Page Down", "A screen up, down"],
  ["Enter, F2 or type", "Edit the cell"],
  ["Escape", "Leave without a change"],
  ["Shift+Enter", "New row"],
  ["Space", "Open the cell"],
  ["Shift+Space", "Select the row"],
  ["Ctrl+Space", "Select the column"],
  ["Ctrl+A", "Select everything"],
  ["Ctrl+C, Ctrl+X, Ctrl+V", "Copy, cut, paste"],
  ["Ctrl+D, Ctrl+R", "Fill down, right"],
  ["Delete", "Clear"],
  ["Ctrl+Z, Ctrl+Shift+Z", "Undo, redo"],
  ["Ctrl+F", "Find in the table"],
  ["Alt+Down", "Menu of the cell"],
];
