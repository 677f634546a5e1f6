// Short notes that something was done or went wrong, at the lower edge, clear of buttons.
import { Check, Info, TriangleAlert, X } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { ApiError, messageOf } from "../api/client";
import { CopyId } from "./Copy";
import styles from "./Toast.module.css";

interface Note {
  id: number;
  tone: "plain" | "done" | "failed";
  title: string;
  body?: string;
  requestId?: string | null;
  action?: { label: string; act: () => void };
}

let notes: Note[] = [];
let last = 0;
const listeners = new Set<() => void>();

function change(next: Note[]): void {
  notes = next;
  for (const each of listeners) each();
}

/** Shows a note; anything shown also stays where it belongs, so a missed note loses nothing. */
export function toast(note: Omit<Note, "id">): void {
  change([...notes.slice(-2), { ...note, id: ++last }]);
}

/** What happened, what was kept and the id to copy. */
export function toastError(doing: string, error: unknown): void {
  toast({ tone: "failed", title: `Could not ${doing}`, body: messageOf(error), requestId: error instanceof ApiError ? error.requestId : null });
}

const ICONS = { plain: Info, done: Check, failed: TriangleAlert };

const SHOWN_MS = { plain: 5_000, done: 5_000, failed: 12_000 };

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notes,
  );
  return (
    <ol className={styles.place} aria-live="polite" aria-label="Notes">
      {shown.map((note) => (
        <Toast key={note.id} note={note} />
      ))}
    </ol>
  );
}

// No layer of Radix: that would take Escape from the drawer or dialog being worked in.
function Toast({ note }: { note: Note }) {
  const [isHeld, setIsHeld] = useState(false);
  const { id, tone } = note;
  const dismiss = () => change(notes.filter((each) => each.id !== id));
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => change(notes.filter((each) => each.id !== id)), SHOWN_MS[tone]);
    return () => clearTimeout(timer);
  }, [isHeld, id, tone]);
  const Icon = ICONS[tone];
  return (
    <li className={styles.toast} data-tone={tone} onPointerEnter={() => setIsHeld(true)} onPointerLeave={() => setIsHeld(false)} onFocus={() => setIsHeld(true)} onBlur={() => setIsHeld(false)}>
      <Icon size={16} aria-hidden />
      <div className={styles.words}>
        <div className={styles.title}>{note.title}</div>
        {note.body && <div className={styles.body}>{note.body}</div>}
        {note.requestId && <CopyId label="Request" id={note.requestId} />}
      </div>
      {note.action && (
        <button
          type="button"
          className={styles.action}
          onClick={() => {
            note.action?.act();
            dismiss();
          }}
        >
          {note.action.label}
        </button>
      )}
      <button type="button" className={styles.close} aria-label="Dismiss" onClick={dismiss}>
        <X size={14} aria-hidden />
      </button>
    </li>
  );
}
