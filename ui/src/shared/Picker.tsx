// Choosing several from a long list, with search; what is chosen stays in sight as chips.
import * as Popover from "@radix-ui/react-popover";
import { Check, ChevronDown, Plus, X } from "lucide-react";
import { useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { classes } from "./format";
import styles from "./Picker.module.css";
import field from "./Field.module.css";

interface Props {
  label: string;
  hint?: string;
  placeholder: string;
  options: { group?: string; values: string[] }[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
  /** Whether a text that is not in the list may be added. */
  takesOwn?: boolean;
}

const SHOWN_AT_MOST = 200;

export function Picker({ label, hint, placeholder, options, chosen, onChange, takesOwn }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const [search, setSearch] = useState("");
  const [active, setActive] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();

  const wanted = search.trim().toLowerCase();
  const found = useMemo(
    () =>
      options
        .map((group) => ({ ...group, values: group.values.filter((value) => value.toLowerCase().includes(wanted)).slice(0, SHOWN_AT_MOST) }))
        .filter((group) => group.values.length > 0),
    [options, wanted],
  );
  const flat = found.flatMap((group) => group.values);
  const own = takesOwn && wanted && !flat.some((value) => value.toLowerCase() === wanted) ? search.trim() : null;
  const all = own ? [...flat, own] : flat;

  function toggle(value: string) {
    onChange(chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value]);
  }

  function move(event: KeyboardEvent) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = Math.max(0, Math.min(all.length - 1, active + (event.key === "ArrowDown" ? 1 : -1)));
      setActive(next);
      list.current?.querySelector(`[data-index="${next}"]`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      const value = all[active];
      if (value !== undefined) {
        toggle(value);
        setSearch("");
      }
    } else if (event.key === "Backspace" && search === "" && chosen.length > 0) {
      onChange(chosen.slice(0, -1));
    }
  }

  return (
    <div className={field.field}>
      <div className={field.top}>
        <span id={`${id}-label`}>{label}</span>
        {chosen.length > 1 && (
          <button type="button" className={styles.clear} onClick={() => onChange([])}>
            Clear {chosen.length}
          </button>
        )}
      </div>
      <Popover.Root open={isOpen} onOpenChange={setIsOpen}>
        <div className={styles.box}>
          {chosen.map((value) => (
            <span key={value} className={styles.chip}>
              <span className="clip">{value}</span>
              <button type="button" aria-label={`Remove ${value}`} onClick={() => toggle(value)}>
                <X size={12} aria-hidden />
              </button>
            </span>
          ))}
          <Popover.Trigger className={styles.open} aria-labelledby={`${id}-label`}>
            <span>{chosen.length === 0 ? placeholder : "Add"}</span>
            {chosen.length === 0 ? <ChevronDown size={14} aria-hidden /> : <Plus size={13} aria-hidden />}
          </Popover.Trigger>
        </div>
        <Popover.Portal>
          <Popover.Content className={styles.popover} align="start" sideOffset={4} collisionPadding={8}>
            <input
              className={styles.search}
              role="combobox"
              aria-expanded
              aria-controls={`${id}-list`}
              aria-activedescendant={all[active] !== undefined ? `${id}-${active}` : undefined}
              aria-label={`Search ${label.toLowerCase()}`}
              placeholder="Type to search"
              value={search}
              onChange={(event) => {
                setSearch(event.target.value);
                setActive(0);
              }}
              onKeyDown={move}
            />
            <div className={styles.list} role="listbox" aria-multiselectable id={`${id}-list`} aria-label={label} ref={list}>
              {found.map((group, index) => {
                const first = found.slice(0, index).reduce((sum, each) => sum + each.values.length, 0);
                return (
                  <div key={group.group ?? index} role="group" aria-label={group.group}>
                    {group.group && <div className={styles.heading}>{group.group}</div>}
                    {group.values.map((value, offset) => (
                      <Row key={value} id={`${id}-${first + offset}`} index={first + offset} value={value} isActive={active === first + offset}
                        isChosen={chosen.includes(value)} onPick={() => toggle(value)} onHover={() => setActive(first + offset)} />
                    ))}
                  </div>
                );
              })}
              {own && (
                <Row id={`${id}-${flat.length}`} index={flat.length} value={own} word={`Add “${own}”`} isActive={active === flat.length} isChosen={false}
                  onPick={() => { toggle(own); setSearch(""); }} onHover={() => setActive(flat.length)} />
              )}
              {all.length === 0 && <p className={styles.none}>Nothing matches “{search}”.</p>}
            </div>
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      {hint && <p className={field.hint}>{hint}</p>}
    </div>
  );
}

interface RowProps {
  id: string;
  index: number;
  value: string;
  word?: string;
  isActive: boolean;
  isChosen: boolean;
  onPick: () => void;
  onHover: () => void;
}

function Row({ id, index, value, word, isActive, isChosen, onPick, onHover }: RowProps) {
  return (
    <div id={id} data-index={index} role="option" aria-selected={isChosen} className={classes(styles.row, isActive && styles.active)} onClick={onPick} onMouseMove={onHover}>
      <span className={styles.tick} data-on={isChosen || undefined}>
        {isChosen && <Check size={11} strokeWidth={3} aria-hidden />}
      </span>
      <span className="clip">{word ?? value}</span>
    </div>
  );
}
