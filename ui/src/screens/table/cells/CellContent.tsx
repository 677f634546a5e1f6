// What one cell shows: its value by its kind, or the state it is in when it has none.
import { ArrowUpRight, Check, Minus, Pencil, Sparkle } from "lucide-react";
import { memo } from "react";
import { MARK_EDITED, MARK_GUESS, MARK_SIMULATED, type CellStatus, type Field, type Json } from "../../../api/types";
import { classes } from "../../../shared/format";
import { lookOf } from "../../../shared/states";
import { dateText, isDossierScore, jsonSummary, numberText, shapeOf, webAddress, type Shape } from "../kinds";
import styles from "./CellContent.module.css";

interface Props {
  field: Field;
  value: Json | undefined;
  status: CellStatus | undefined;
  /** What is being searched for, to be marked in texts. */
  highlight: string;
}

export const CellContent = memo(function CellContent({ field, value, status, highlight }: Props) {
  const shape = shapeOf(field, value);
  if (shape === "number" && isDossierScore(field)) return <DossierCell score={value as number} status={status} highlight={highlight} />;
  if (shape === "blank") return status && status.state !== "empty" ? <CellState status={status} /> : null;
  return (
    <>
      <Value field={field} shape={shape} value={value!} highlight={highlight} isSimulated={((status?.marks ?? 0) & MARK_SIMULATED) !== 0} />
      {status && <Marks status={status} />}
    </>
  );
});

function Value({ field, shape, value, highlight, isSimulated }: { field: Field; shape: Shape; value: Json; highlight: string; isSimulated: boolean }) {
  switch (shape) {
    case "number":
      return <span className={styles.number} data-text>{numberText(value as number, field)}</span>;
    case "boolean":
      return (
        <span className={styles.boolean} data-yes={value === true || undefined}>
          {value === true ? <Check size={14} strokeWidth={2.25} aria-hidden /> : <Minus size={14} aria-hidden />}
          {value === true ? "Yes" : "No"}
        </span>
      );
    case "date":
      return <span className={styles.text} data-text>{dateText(String(value))}</span>;
    case "list":
      return <span className={classes(styles.text, styles.long)} data-text data-tip={(value as Json[]).join("\n").slice(0, 600)}><Found text={(value as Json[]).join(" · ")} highlight={highlight} /></span>;
    case "json":
      return (
        <span className={styles.json} data-tip={JSON.stringify(value).slice(0, 400)}>
          <span className={styles.braces}>{Array.isArray(value) ? "[ ]" : "{ }"}</span>
          <span className={styles.jsonText}>{jsonSummary(value)}</span>
        </span>
      );
    case "select":
      return <span className={styles.chip}><Found text={String(value)} highlight={highlight} /></span>;
    case "url":
    case "email":
      return <Linked text={String(value)} isEmail={shape === "email"} isLinked={!isSimulated} highlight={highlight} />;
    default:
      return <span className={classes(styles.text, String(value).length > 8 && styles.long)} data-text><Found text={String(value)} highlight={highlight} /></span>;
  }
}

/** A dossier's score, and in the room that is left what makes its company worth a call. */
function DossierCell({ score, status, highlight }: { score: number; status: CellStatus | undefined; highlight: string }) {
  return (
    <>
      <span className={styles.score} data-text>{score}</span>
      {status?.note && <span className={classes(styles.text, styles.long)} data-tip={status.note}><Found text={status.note} highlight={highlight} /></span>}
      {status && <Marks status={status} />}
    </>
  );
}

// Text stays text, so that selecting a cell never leaves the page; the icon opens it. A made-up address leads nowhere.
function Linked({ text, isEmail, isLinked, highlight }: { text: string; isEmail: boolean; isLinked: boolean; highlight: string }) {
  const shown = isEmail ? text : text.replace(/^https?:\/\/(www\.)?/i, "").replace(/\/$/, "");
  const address = isEmail ? `mailto:${encodeURIComponent(text).replace("%40", "@")}` : webAddress(text);
  return (
    <>
      <span className={classes(styles.text, shown.length > 8 && styles.long)} data-text><Found text={shown} highlight={highlight} /></span>
      {isLinked && address && (
        <a className={styles.open} href={address} target={isEmail ? undefined : "_blank"} rel="noreferrer" tabIndex={-1} aria-label={isEmail ? `Write to ${text}` : `Open ${text}`}>
          <ArrowUpRight size={13} aria-hidden />
        </a>
      )}
    </>
  );
}

function Found({ text, highlight }: { text: string; highlight: string }) {
  // The first line is all a row can show, and a very long text costs layout time for nothing.
  const short = text.length > 300 ? text.slice(0, 300) : text;
  if (!highlight) return short;
  const at = short.toLowerCase().indexOf(highlight.toLowerCase());
  if (at < 0) return short;
  return (
    <>
      {short.slice(0, at)}
      <mark className={styles.found}>{short.slice(at, at + highlight.length)}</mark>
      {short.slice(at + highlight.length)}
    </>
  );
}

/** Icon and word of a state, as StateBadge shows them, with the grid's shared hover note. */
export function CellState({ status, isIconOnly }: { status: CellStatus; isIconOnly?: boolean }) {
  const { icon: Icon, meaning, spins, word, explanation } = lookOf(status.state);
  if (status.state === "done") return <span className={styles.nothing} data-tip={status.note || "Done, with no value."}>–</span>;
  return (
    <span className={classes(styles.state, isIconOnly && styles.iconOnly)} data-meaning={meaning} data-state-name={status.state} data-tip={status.note ? `${word}. ${status.note}` : `${word}. ${explanation}`}>
      <Icon size={14} strokeWidth={2.25} className={spins ? styles.spins : undefined} aria-hidden />
      <span className={isIconOnly ? "visually-hidden" : styles.word}>{word}</span>
    </span>
  );
}

function Marks({ status }: { status: CellStatus }) {
  const { marks, state } = status;
  return (
    <>
      {state !== "done" && state !== "empty" && <CellState status={status} isIconOnly />}
      {(marks & MARK_GUESS) !== 0 && (
        <span className={styles.guess} data-tip={status.note || "Worked out from a pattern, and not confirmed by any source."}>
          <Sparkle size={11} aria-hidden />
          Guess
        </span>
      )}
      {(marks & MARK_SIMULATED) !== 0 && (
        <span className={styles.simulated} data-tip="Made up by the vendor simulator in training mode. It cost nothing and is nobody's real detail.">Simulated</span>
      )}
      {(marks & MARK_EDITED) !== 0 && (
        <span className={styles.edited} data-tip="Typed over by a person.">
          <Pencil size={11} aria-hidden />
          <span className="visually-hidden">Edited</span>
        </span>
      )}
    </>
  );
}
