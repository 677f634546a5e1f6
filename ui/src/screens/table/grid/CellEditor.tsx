// Typing into a cell: one line that grows; Enter, Tab or a click elsewhere keeps it, Escape does not.
import { useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";
import type { Field, Json } from "../../../api/types";
import { textOf } from "./clipboard";
import styles from "./Grid.module.css";

interface Props {
  field: Field;
  value: Json | undefined;
  /** Text to begin with instead of the value: what was typed to start. */
  start: string | null;
  onDone: (text: string, then: "down" | "right" | "left" | "stay") => void;
  onCancel: () => void;
}

export function CellEditor({ field, value, start, onDone, onCancel }: Props) {
  const [text, setText] = useState(start ?? textOf(value));
  const area = useRef<HTMLTextAreaElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const isOver = useRef(false);

  useLayoutEffect(() => {
    const element = area.current!;
    element.focus({ preventScroll: true });
    element.setSelectionRange(start === null ? 0 : text.length, text.length);
    // Only once: afterwards the caret is the person's.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  useLayoutEffect(() => {
    // A long text at the right edge grows to the left instead.
    const box = place.current!;
    const edge = box.closest("[role='grid']")?.getBoundingClientRect().right ?? window.innerWidth;
    if (box.getBoundingClientRect().right <= edge) return;
    box.style.left = "auto";
    box.style.right = "0";
  }, []);
  useLayoutEffect(() => {
    const element = area.current!;
    element.style.height = "0";
    element.style.height = `${Math.min(240, Math.max(32, element.scrollHeight))}px`;
  }, [text]);

  function finish(then: "down" | "right" | "left" | "stay") {
    if (isOver.current) return;
    isOver.current = true;
    onDone(text, then);
  }

  function press(event: KeyboardEvent) {
    event.stopPropagation();
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      isOver.current = true;
      onCancel();
    } else if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      finish("down");
    } else if (event.key === "Tab") {
      event.preventDefault();
      finish(event.shiftKey ? "left" : "right");
    }
  }

  const options = field.kind === "select" ? optionsOf(field) : [];
  return (
    <div ref={place} className={styles.editor} data-editor>
      <textarea
        ref={area}
        rows={1}
        value={text}
        aria-label={`Edit ${field.name}`}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={press}
        onBlur={() => finish("stay")}
      />
      {options.length > 0 && (
        <div className={styles.options} role="listbox" aria-label={field.name}>
          {options
            .filter((option) => text === textOf(value) || option.toLowerCase().includes(text.toLowerCase()))
            .map((option) => (
              <div
                key={option}
                role="option"
                aria-selected={option === text}
                onPointerDown={(event) => {
                  event.preventDefault();
                  isOver.current = true;
                  onDone(option, "stay");
                }}
              >
                {option}
              </div>
            ))}
        </div>
      )}
    </div>
  );
}

function optionsOf(field: Field): string[] {
  const { options } = field.settings;
  if (!Array.isArray(options)) return [];
  return options.flatMap((each) => (typeof each === "string" ? [each] : typeof each === "object" && each !== null && !Array.isArray(each) && typeof each.name === "string" ? [each.name] : []));
}
