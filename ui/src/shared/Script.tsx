// A Python script to read before saying yes to it: numbered lines, the ones worth a look marked.
import type { ReactNode } from "react";
import type { Check } from "../api/workflowTypes";
import { CopyButton } from "./Copy";
import styles from "./Script.module.css";

interface Props {
  text: string;
  /** What the static check found; its lines are marked. */
  checks?: Check[];
  /** Names the script for readers. */
  label: string;
  maxHeight?: number;
  /** A line to point at, as the one that failed. */
  failedLine?: number | null;
}

// Colouring more than this costs a visible pause; beyond it the text is shown plain.
const COLOURED_LINES = 3000;

export function Script({ text, checks = [], label, maxHeight = 520, failedLine = null }: Props) {
  const lines = text.replace(/\n$/, "").split("\n");
  const notes = new Map(checks.map((check) => [check.line, check]));
  const coloured = lines.length <= COLOURED_LINES ? colour(lines) : lines;
  return (
    <figure className={styles.script} aria-label={label}>
      <div className={styles.copy}>
        <CopyButton text={text} label="Copy the script" />
      </div>
      <pre className={styles.lines} style={{ maxHeight }} tabIndex={0}>
        {coloured.map((line, index) => {
          const check = notes.get(index + 1);
          return (
            <div key={index} id={`line-${index + 1}`} className={styles.line} data-check={check?.kind} data-failed={failedLine === index + 1 || undefined} title={check?.note}>
              <span className={styles.number} aria-hidden>
                {index + 1}
              </span>
              <code>{line === "" ? " " : line}</code>
            </div>
          );
        })}
      </pre>
    </figure>
  );
}

const WORDS = "and|as|assert|break|class|continue|def|del|elif|else|except|False|finally|for|from|global|if|import|in|is|lambda|None|nonlocal|not|or|pass|raise|return|True|try|while|with|yield";
const TOKEN = new RegExp(String.raw`(#.*$)|([rbfuRBFU]{0,2}(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))|\b(${WORDS})\b|\b(\d[\d_.]*)\b`, "g");
const KINDS = [styles.comment, styles.text, styles.word, styles.figure];

/** The lines with their words, texts, numbers and comments in colour; texts over several lines are followed. */
function colour(lines: string[]): ReactNode[] {
  let open: string | null = null;
  return lines.map((line) => {
    const began = open;
    if (open !== null) {
      const end = line.indexOf(open);
      if (end >= 0) open = null;
      return <span className={styles.text}>{line}</span>;
    }
    const triple = /("""|''')/.exec(line.replace(/("""|''').*?\1/g, ""));
    if (triple && began === null) {
      open = triple[1] ?? null;
      return <span className={styles.text}>{line}</span>;
    }
    return tokens(line);
  });
}

function tokens(line: string): ReactNode {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const match of line.matchAll(TOKEN)) {
    if (match.index > at) parts.push(line.slice(at, match.index));
    const kind = KINDS[match.slice(1).findIndex((group) => group !== undefined)];
    parts.push(
      <span key={match.index} className={kind}>
        {match[0]}
      </span>,
    );
    at = match.index + match[0].length;
  }
  if (at === 0) return line;
  parts.push(line.slice(at));
  return parts;
}
