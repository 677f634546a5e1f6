// Short notes that something was done or went wrong, at the lower edge, clear of buttons.
import * as Radix from "@radix-ui/react-toast";
import { Check, Info, TriangleAlert, X } from "lucide-react";
import { useSyncExternalStore } from "react";
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

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notes,
  );
  return (
    <Radix.Provider swipeDirection="right">
      {shown.map((note) => {
        const Icon = ICONS[note.tone];
        return (
          <Radix.Root
            key={note.id}
            className={styles.toast}
            data-tone={note.tone}
            duration={note.tone === "failed" ? 12_000 : 5_000}
            onOpenChange={(open) => !open && change(notes.filter((each) => each.id !== note.id))}
          >
            <Icon size={16} aria-hidden />
            <div className={styles.words}>
              <Radix.Title className={styles.title}>{note.title}</Radix.Title>
              {note.body && <Radix.Description className={styles.body}>{note.body}</Radix.Description>}
              {note.requestId && <CopyId label="Request" id={note.requestId} />}
            </div>
            {note.action && (
              <Radix.Action altText={note.action.label} className={styles.action} onClick={note.action.act}>
                {note.action.label}
              </Radix.Action>
            )}
            <Radix.Close className={styles.close} aria-label="Dismiss">
              <X size={14} aria-hidden />
            </Radix.Close>
          </Radix.Root>
        );
      })}
      <Radix.Viewport className={styles.place} />
    </Radix.Provider>
  );
}
