// Text and JSON as they are: readable, foldable, copyable.
import { Maximize2, Minimize2 } from "lucide-react";
import { useMemo, useState, type ReactNode } from "react";
import type { Json } from "../api/types";
import { Button } from "./Button";
import { CopyButton } from "./Copy";
import styles from "./CodeBlock.module.css";

interface Props {
  /** JSON is pretty-printed and coloured; text is shown as written. */
  value: Json | undefined;
  label?: string;
  maxHeight?: number;
  empty?: string;
  /** Shows text exactly as it came, JSON or not. */
  isVerbatim?: boolean;
}

const LONG_LINES = 24;
// Colouring more than this costs a visible pause; beyond it the text is shown plain.
const COLOURED_CHARACTERS = 60_000;

export function CodeBlock({ value, label, maxHeight = 360, empty = "Nothing", isVerbatim = false }: Props) {
  const [isWhole, setIsWhole] = useState(false);
  const { text, isJson } = useMemo(() => present(value, isVerbatim), [value, isVerbatim]);
  if (text === "") return <div className={styles.none}>{empty}</div>;
  const isLong = text.split("\n", LONG_LINES + 1).length > LONG_LINES || text.length > 3000;
  return (
    <figure className={styles.block}>
      <figcaption className={label ? styles.bar : styles.corner}>
        {label && <span>{label}</span>}
        {isLong && (
          <Button look="quiet" size="small" icon={isWhole ? Minimize2 : Maximize2} aria-label={isWhole ? "Show less" : "Show all"} onClick={() => setIsWhole(!isWhole)} />
        )}
        <CopyButton text={text} />
      </figcaption>
      <pre className={styles.code} style={isWhole ? undefined : { maxHeight }} tabIndex={0}>
        {isJson && text.length <= COLOURED_CHARACTERS ? coloured(text) : text}
      </pre>
    </figure>
  );
}

function present(value: Json | undefined, isVerbatim: boolean): { text: string; isJson: boolean } {
  if (value === null || value === undefined) return { text: "", isJson: false };
  if (typeof value !== "string") return { text: JSON.stringify(value, null, 2), isJson: true };
  if (isVerbatim) return { text: value, isJson: false };
  const trimmed = value.trim();
  if (trimmed.startsWith("{") || trimmed.startsWith("[")) {
    try {
      return { text: JSON.stringify(JSON.parse(trimmed), null, 2), isJson: true };
    } catch {
      // Not JSON after all: show it as it came.
    }
  }
  return { text: value, isJson: false };
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function coloured(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    if (match.index > at) parts.push(text.slice(at, match.index));
    const [whole, quoted, colon, word] = match;
    const kind = quoted ? (colon ? styles.key : styles.text) : word ? styles.word : styles.number;
    parts.push(
      <span key={match.index} className={kind}>
        {quoted ?? whole}
      </span>,
    );
    if (colon) parts.push(colon);
    at = match.index + whole.length;
  }
  parts.push(text.slice(at));
  return parts;
}
