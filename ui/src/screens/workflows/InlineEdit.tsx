// A text that is changed where it stands: Enter or leaving keeps it, Escape does not.
import { Pencil } from "lucide-react";
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import styles from "./InlineEdit.module.css";

interface Props {
  /** What the text is, as in "Name". */
  name: string;
  value: string;
  /** What stands there while there is none. */
  placeholder: string;
  maxLength: number;
  mayEdit: boolean;
  isRequired?: boolean;
  /** Texts to choose from; others may be typed. */
  suggestions?: string[];
  look?: "title" | "text" | "chip";
  /** Given where something else, such as a menu, begins the edit. */
  isEditing?: boolean;
  onEditing?: (isEditing: boolean) => void;
  onSave: (value: string) => void;
  children?: ReactNode;
}

export function InlineEdit({ name, value, placeholder, maxLength, mayEdit, isRequired, suggestions, look = "text", isEditing, onEditing, onSave, children }: Props) {
  const [isOwn, setIsOwn] = useState(false);
  const isOpen = isEditing ?? isOwn;
  const setIsOpen = onEditing ?? setIsOwn;
  if (isOpen) {
    const finish = (text: string | null) => {
      setIsOpen(false);
      if (text !== null && text.trim() !== value && (text.trim() !== "" || !isRequired)) onSave(text.trim());
    };
    return <Editing name={name} value={value} placeholder={placeholder} maxLength={maxLength} suggestions={suggestions} look={look} onDone={finish} />;
  }
  const shown = children ?? (value === "" ? <span className="faint">{placeholder}</span> : value);
  if (!mayEdit) return value === "" && !children ? null : <span className={styles.shown} data-look={look}>{shown}</span>;
  return (
    <span className={styles.shown} data-look={look}>
      <span className={styles.words}>{shown}</span>
      <button type="button" className={styles.pencil} aria-label={`${value === "" ? "Add" : "Change"} ${name.toLowerCase()}`} onClick={() => setIsOpen(true)}>
        <Pencil size={13} strokeWidth={1.9} aria-hidden />
      </button>
    </span>
  );
}

interface EditingProps extends Pick<Props, "name" | "value" | "placeholder" | "maxLength" | "suggestions" | "look"> {
  onDone: (text: string | null) => void;
}

function Editing({ name, value, placeholder, maxLength, suggestions, look, onDone }: EditingProps) {
  const [text, setText] = useState(value);
  const isOver = useRef(false);
  const input = useRef<HTMLInputElement>(null);
  const list = useId();
  useEffect(() => {
    // After a closing menu has given the focus back to its button.
    const timer = setTimeout(() => input.current?.select(), 60);
    return () => clearTimeout(timer);
  }, []);
  const finish = (result: string | null) => {
    if (isOver.current) return;
    isOver.current = true;
    onDone(result);
  };
  function press(event: KeyboardEvent) {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    finish(event.key === "Enter" ? text : null);
  }
  return (
    <>
      <input
        ref={input}
        className={styles.input}
        data-look={look}
        data-own-keys
        aria-label={name}
        autoFocus
        list={suggestions && suggestions.length > 0 ? list : undefined}
        placeholder={placeholder}
        maxLength={maxLength}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={press}
        onBlur={() => finish(text)}
      />
      {suggestions && suggestions.length > 0 && (
        <datalist id={list}>
          {suggestions.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
    </>
  );
}
