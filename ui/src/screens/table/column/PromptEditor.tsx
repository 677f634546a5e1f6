// Text with {{Column}} in it: columns are coloured, known ones differently from unknown, and inserted by name.
import { Braces } from "lucide-react";
import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";
import type { Field } from "../../../api/types";
import { Button } from "../../../shared/Button";
import { Menu } from "../../../shared/Menu";
import { fieldIcon } from "../kinds";
import { references, suggestionsAt, type Suggestion } from "./references";
import styles from "./ColumnForm.module.css";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  fields: readonly Field[];
  hint?: string;
  placeholder?: string;
  /** How many lines it shows at first. */
  rows?: number;
  isMono?: boolean;
  isReadOnly?: boolean;
}

export function PromptEditor({ label, value, onChange, fields, hint, placeholder, rows = 1, isMono = true, isReadOnly }: Props) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [offer, setOffer] = useState<Suggestion | null>(null);
  const [active, setActive] = useState(0);
  const names = new Map(fields.map((field) => [field.name.toLowerCase(), field]));
  const unknown = references(value).filter((name) => !names.has(name.toLowerCase()));

  useLayoutEffect(() => {
    const element = area.current!;
    element.style.height = "0";
    element.style.height = `${Math.max(rows * 20 + 14, Math.min(480, element.scrollHeight))}px`;
  }, [value, rows]);
  useEffect(() => setActive(0), [offer?.typed]);

  const offered = offer ? fields.filter((field) => field.name.toLowerCase().includes(offer.typed.toLowerCase())).slice(0, 8) : [];

  function insert(name: string) {
    const element = area.current!;
    const from = offer ? offer.from : element.selectionStart;
    const text = `{{${name}}}`;
    onChange(value.slice(0, from) + text + value.slice(element.selectionEnd).replace(offer ? /^\}\}/ : /^$/, ""));
    setOffer(null);
    requestAnimationFrame(() => {
      element.focus();
      element.setSelectionRange(from + text.length, from + text.length);
    });
  }

  function press(event: KeyboardEvent) {
    if (offered.length === 0) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") setActive((active + (event.key === "ArrowDown" ? 1 : offered.length - 1)) % offered.length);
    else if (event.key === "Enter" || event.key === "Tab") insert(offered[active]!.name);
    else if (event.key === "Escape") setOffer(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div className={styles.prompt}>
      <div className={styles.promptTop}>
        <label htmlFor={id}>{label}</label>
        {!isReadOnly && (
          <Menu
            groups={[{ heading: "Insert a column", actions: fields.map((field) => ({ label: field.name, icon: fieldIcon(field), onSelect: () => insert(field.name) })) }]}
            trigger={<Button look="quiet" size="small" icon={Braces}>Column</Button>}
          />
        )}
      </div>
      <div className={styles.promptBox} data-mono={isMono || undefined}>
        <div className={styles.mirror} aria-hidden>
          {value.split(/(\{\{[^{}]*\}\})/).map((part, at) => {
            const name = /^\{\{([^{}]*)\}\}$/.exec(part)?.[1];
            if (name === undefined) return part;
            return <mark key={at} data-known={names.has(name.trim().toLowerCase()) || undefined}>{part}</mark>;
          })}
          {"\n"}
        </div>
        <textarea
          ref={area}
          id={id}
          rows={rows}
          value={value}
          readOnly={isReadOnly}
          placeholder={placeholder}
          spellCheck={!isMono}
          aria-autocomplete="list"
          onChange={(event) => {
            onChange(event.target.value);
            setOffer(suggestionsAt(event.target.value, event.target.selectionStart));
          }}
          onKeyDown={press}
          onBlur={() => setOffer(null)}
        />
        {offered.length > 0 && (
          <div className={styles.offers} role="listbox" aria-label="Columns">
            {offered.map((field, at) => {
              const Icon = fieldIcon(field);
              return (
                <div key={field.id} role="option" aria-selected={at === active} onPointerDown={(event) => {
                  event.preventDefault();
                  insert(field.name);
                }}>
                  <Icon size={14} aria-hidden /> {field.name}
                </div>
              );
            })}
          </div>
        )}
      </div>
      {unknown.length > 0 ? (
        <p className={styles.bad} role="alert">There is no column {unknown.map((name) => `“${name}”`).join(", ")} in this table.</p>
      ) : (
        hint && <p className={styles.hint}>{hint}</p>
      )}
    </div>
  );
}
