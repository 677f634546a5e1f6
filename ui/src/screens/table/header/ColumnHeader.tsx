// A column's header: its kind, name and menu, and below either what it is or how far it has come.
import { ChevronDown, CircleStop, Eye, EyeOff, ArrowDown, ArrowUp, Filter, Pencil, Play, Settings2, Trash2 } from "lucide-react";
import { useRef, useState, type KeyboardEvent } from "react";
import type { CellState, RunMode, SortRule } from "../../../api/types";
import { count, duration, money } from "../../../shared/format";
import { Menu, type MenuGroup } from "../../../shared/Menu";
import { ProgressBar } from "../../../shared/ProgressBar";
import { lookOf } from "../../../shared/states";
import type { ShownColumn } from "../columns";
import { fieldIcon } from "../kinds";
import { coverage, type ColumnProgress } from "../progress";
import styles from "./ColumnHeader.module.css";

export type ColumnAct =
  | { act: "rename"; name: string }
  | { act: "settings" | "hide" | "delete" | "filter" | "stop" }
  | { act: "sort"; direction: "asc" | "desc" | null }
  | { act: "run"; mode: RunMode; firstN?: number; withDependants: boolean }
  | { act: "runOptions" };

interface Props {
  column: ShownColumn;
  kindLabel: string;
  sort: SortRule | null;
  isFiltered: boolean;
  progress: ColumnProgress | undefined;
  counts: Partial<Record<CellState, number>> | undefined;
  hasDependants: boolean;
  mayWrite: boolean;
  mayRun: boolean;
  isMenuOpen: boolean;
  onMenu: (isOpen: boolean) => void;
  onSelect: (extend: boolean) => void;
  onAct: (act: ColumnAct) => void;
}

export function ColumnHeader(props: Props) {
  const { column, sort, isFiltered, progress, onSelect, onAct } = props;
  const { field } = column;
  const [isRenaming, setIsRenaming] = useState(false);
  const Icon = fieldIcon(field);
  return (
    <div className={styles.header} onClick={(event) => onSelect(event.shiftKey)} onDoubleClick={() => props.mayWrite && setIsRenaming(true)} onContextMenu={(event) => {
      event.preventDefault();
      props.onMenu(true);
    }}>
      <div className={styles.top}>
        <Icon size={14} strokeWidth={1.9} className={styles.icon} aria-hidden />
        {isRenaming ? (
          <Rename
            name={field.name}
            onDone={(name) => {
              setIsRenaming(false);
              if (name && name !== field.name) onAct({ act: "rename", name });
            }}
          />
        ) : (
          <span className={styles.name} data-text>{field.name}</span>
        )}
        {isFiltered && <Filter size={12} className={styles.sign} aria-label="filtered" />}
        {sort && (sort.direction === "asc" ? <ArrowUp size={13} className={styles.sign} aria-label="sorted, smallest first" /> : <ArrowDown size={13} className={styles.sign} aria-label="sorted, largest first" />)}
        <span data-still onClick={(event) => event.stopPropagation()} onDoubleClick={(event) => event.stopPropagation()}>
          <Menu
            isOpen={props.isMenuOpen}
            onOpenChange={props.onMenu}
            align="end"
            minWidth={236}
            // After the closing menu has given the focus back, or it would take it from the name.
            groups={menuOf(props, () => setTimeout(() => setIsRenaming(true), 60))}
            trigger={
              <button type="button" tabIndex={-1} className={styles.more} aria-label={`Menu of ${field.name}`}>
                <ChevronDown size={14} aria-hidden />
              </button>
            }
          />
        </span>
      </div>
      {progress ? <Working progress={progress} name={field.name} onStop={() => onAct({ act: "stop" })} /> : <Resting {...props} />}
    </div>
  );
}

function Working({ progress, name, onStop }: { progress: ColumnProgress; name: string; onStop: () => void }) {
  const { done, total, rate, costMicroUsd, byState } = progress;
  const left = rate && rate > 0 ? duration(Math.max(1000, ((total - done) / rate) * 1000)) : null;
  const words = [`${count(done)} of ${count(total)}`];
  if (rate) words.push(`${rate >= 10 ? Math.round(rate) : rate.toFixed(1)}/s`);
  if (left && done < total) words.push(`${left} left`);
  if (costMicroUsd !== null) words.push(money(costMicroUsd));
  return (
    <div className={styles.working} data-tip={words.join(" · ")}>
      <div className={styles.line}>
        <span className={styles.words}>{words.join(" · ")}</span>
        <button type="button" data-still tabIndex={-1} className={styles.stop} aria-label={`Stop ${name}`} onClick={(event) => {
          event.stopPropagation();
          onStop();
        }}>
          <CircleStop size={14} aria-hidden />
        </button>
      </div>
      <ProgressBar size="thin" done={done} total={total} byState={byState} label={`Progress of ${name}`} />
    </div>
  );
}

// What needs a person before what is only good to know; of each, what there is most of.
const TOLD: CellState[][] = [["failed", "unknown", "over_budget", "invalid"], ["missing_input", "no_data", "stale"]];

function mostTold(counts: Partial<Record<CellState, number>>): CellState | undefined {
  for (const states of TOLD) {
    const [most] = states.filter((state) => counts[state]).sort((one, other) => counts[other]! - counts[one]!);
    if (most) return most;
  }
}

function Resting({ column: { field }, kindLabel, counts }: Props) {
  const { total, done } = coverage(counts);
  if (!field.is_computed || total === 0 || !counts) return <div className={styles.kind}>{kindLabel}</div>;
  const told = mostTold(counts);
  const percentage = Math.floor((done / total) * 100);
  const look = told && lookOf(told);
  return (
    <div className={styles.kind} data-tip={tellAll(counts)}>
      {done === 0 && !told ? (counts.empty === total ? `${kindLabel} · not run yet` : kindLabel) : `${done > 0 && percentage === 0 ? "<1" : percentage}% filled`}
      {look && (
        <span className={styles.told} data-meaning={look.meaning}>
          <look.icon size={12} strokeWidth={2.25} aria-hidden /> {count(counts[told]!)} {look.word.toLowerCase()}
        </span>
      )}
    </div>
  );
}

function tellAll(counts: Partial<Record<CellState, number>>): string {
  return Object.entries(counts)
    .sort((one, other) => other[1] - one[1])
    .map(([state, amount]) => `${count(amount)} ${lookOf(state).word.toLowerCase()}`)
    .join(", ");
}

function Rename({ name, onDone }: { name: string; onDone: (name: string | null) => void }) {
  const [text, setText] = useState(name);
  const isOver = useRef(false);
  const finish = (result: string | null) => {
    if (isOver.current) return;
    isOver.current = true;
    onDone(result);
  };
  function press(event: KeyboardEvent) {
    event.stopPropagation();
    if (event.key === "Enter") finish(text.trim());
    if (event.key === "Escape") finish(null);
  }
  return (
    <input
      className={styles.rename}
      data-still
      autoFocus
      value={text}
      maxLength={120}
      aria-label="Name of the column"
      onFocus={(event) => event.target.select()}
      onChange={(event) => setText(event.target.value)}
      onClick={(event) => event.stopPropagation()}
      onKeyDown={press}
      onBlur={() => finish(text.trim())}
    />
  );
}

function menuOf({ column: { field }, sort, progress, hasDependants, mayWrite, mayRun, onAct }: Props, rename: () => void): MenuGroup[] {
  const run = (mode: RunMode, firstN?: number) => () => onAct({ act: "run", mode, firstN, withDependants: hasDependants });
  const sortBy = (direction: "asc" | "desc") => () => onAct({ act: "sort", direction: sort?.direction === direction ? null : direction });
  const isNumber = field.storage === "number" || field.storage === "timestamp";
  return [
    {
      heading: field.is_computed && mayRun ? (hasDependants ? "Run, with the columns that read it" : "Run") : undefined,
      actions: field.is_computed && mayRun
        ? [
            { label: "First 10 rows", icon: Play, onSelect: run("first_n", 10) },
            { label: "Rows not run yet", icon: Play, onSelect: run("empty") },
            { label: "Rows that failed", icon: Play, onSelect: run("failed") },
            { label: "All rows not done", icon: Play, onSelect: run("all") },
            { label: "More choices…", detail: "Again for all rows, or this column alone", icon: Settings2, onSelect: () => onAct({ act: "runOptions" }) },
            ...(progress ? [{ label: "Stop", icon: CircleStop, isDanger: true, onSelect: () => onAct({ act: "stop" }) }] : []),
          ]
        : [],
    },
    {
      actions: mayWrite
        ? [
            { label: "Rename", icon: Pencil, onSelect: rename },
            { label: "Edit settings…", icon: Settings2, onSelect: () => onAct({ act: "settings" }) },
          ]
        : [{ label: "Show settings…", icon: Eye, onSelect: () => onAct({ act: "settings" }) }],
    },
    {
      actions: [
        { label: isNumber ? "Sort, smallest first" : "Sort A to Z", icon: ArrowUp, isChecked: sort?.direction === "asc", onSelect: sortBy("asc") },
        { label: isNumber ? "Sort, largest first" : "Sort Z to A", icon: ArrowDown, isChecked: sort?.direction === "desc", onSelect: sortBy("desc") },
        { label: "Filter by this column", icon: Filter, onSelect: () => onAct({ act: "filter" }) },
        { label: "Hide", icon: EyeOff, onSelect: () => onAct({ act: "hide" }) },
      ],
    },
    { actions: mayWrite ? [{ label: "Delete…", icon: Trash2, isDanger: true, onSelect: () => onAct({ act: "delete" }) }] : [] },
  ];
}
