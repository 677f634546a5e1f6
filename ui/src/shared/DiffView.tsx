// Two texts side by side, line by line; changes carry a sign and a shade that do not depend on telling red from green.
import { Fragment, useState, type ReactNode } from "react";
import type { DiffLine, Difference } from "../api/promptTypes";
import type { Json } from "../api/types";
import { Button } from "./Button";
import { classes, counted, words } from "./format";
import styles from "./DiffView.module.css";

const CONTEXT = 3;
const FOLDED_FROM = 9;

interface Props {
  difference: Difference;
  left: ReactNode;
  right: ReactNode;
}

export function DiffView({ difference, left, right }: Props) {
  const parts = folded(difference.lines);
  return (
    <div className={styles.diff}>
      {difference.settings.length > 0 && <Settings difference={difference} />}
      <div className={styles.lines} role="table" aria-label="Difference line by line" tabIndex={0}>
        <div className={styles.heads} role="row">
          <b role="columnheader">{left}</b>
          <b role="columnheader">{right}</b>
        </div>
        {difference.changed === 0 && <p className={styles.same}>The texts are the same.</p>}
        {difference.changed > 0 && parts.map((part, index) => <Part key={index} lines={part.lines} isFolded={part.isFolded} />)}
      </div>
    </div>
  );
}

function Part({ lines, isFolded }: { lines: DiffLine[]; isFolded: boolean }) {
  const [isOpen, setIsOpen] = useState(!isFolded);
  if (!isOpen) {
    return (
      <div className={styles.fold}>
        <Button look="quiet" size="small" onClick={() => setIsOpen(true)}>
          Show {counted(lines.length, "equal line")}
        </Button>
      </div>
    );
  }
  return lines.map((line, index) => <Line key={index} line={line} />);
}

function Line({ line }: { line: DiffLine }) {
  const [before, after] = line.kind === "changed" ? between(line.left ?? "", line.right ?? "") : [line.left, line.right];
  return (
    <div className={styles.line} role="row">
      <Side no={line.left_no} isChanged={line.kind !== "same"} sign="−" look={styles.before}>
        {before}
      </Side>
      <Side no={line.right_no} isChanged={line.kind !== "same"} sign="+" look={styles.after}>
        {after}
      </Side>
    </div>
  );
}

function Side({ no, isChanged, sign, look, children }: { no: number | null; isChanged: boolean; sign: string; look?: string; children: ReactNode }) {
  if (no === null) return <span className={classes(styles.side, styles.gap)} role="cell" />;
  return (
    <span className={classes(styles.side, isChanged && look)} role="cell">
      <i>{no}</i>
      <i aria-label={isChanged ? (sign === "+" ? "new" : "old") : undefined}>{isChanged ? sign : ""}</i>
      <code>{children}</code>
    </span>
  );
}

/** Both lines with what differs between their common beginning and end marked. */
function between(left: string, right: string): [ReactNode, ReactNode] {
  let from = 0;
  const shortest = Math.min(left.length, right.length);
  while (from < shortest && left[from] === right[from]) from += 1;
  let tail = 0;
  while (tail < shortest - from && left[left.length - 1 - tail] === right[right.length - 1 - tail]) tail += 1;
  const marked = (text: string) => (
    <>
      {text.slice(0, from)}
      {from < text.length - tail && <mark>{text.slice(from, text.length - tail)}</mark>}
      {text.slice(text.length - tail)}
    </>
  );
  return [marked(left), marked(right)];
}

/** Long stretches of equal lines apart, but for a few lines around each change. */
function folded(lines: DiffLine[]): { lines: DiffLine[]; isFolded: boolean }[] {
  const parts: { lines: DiffLine[]; isFolded: boolean }[] = [];
  let at = 0;
  while (at < lines.length) {
    let end = at;
    const isSame = lines[at]?.kind === "same";
    while (end < lines.length && (lines[end]?.kind === "same") === isSame) end += 1;
    const part = lines.slice(at, end);
    const before = at === 0 ? 0 : CONTEXT;
    const after = end === lines.length ? 0 : CONTEXT;
    if (isSame && part.length - before - after >= FOLDED_FROM - 2 * CONTEXT) {
      parts.push({ lines: part.slice(0, before), isFolded: false });
      parts.push({ lines: part.slice(before, part.length - after), isFolded: true });
      parts.push({ lines: part.slice(part.length - after), isFolded: false });
    } else {
      parts.push({ lines: part, isFolded: false });
    }
    at = end;
  }
  return parts.filter((part) => part.lines.length > 0);
}

function Settings({ difference }: { difference: Difference }) {
  return (
    <dl className={styles.settings}>
      {difference.settings.map((change) => (
        <Fragment key={change.name}>
          <dt>{words(change.name)}</dt>
          <dd className={styles.before}>{shown(change.left)}</dd>
          <dd className={styles.after}>{shown(change.right)}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

function shown(value: Json): ReactNode {
  if (value === null || value === "") return <span className="muted">not set</span>;
  if (typeof value === "object") return <pre>{JSON.stringify(value, null, 1)}</pre>;
  return String(value);
}
