// Columns by which two files may belong together, with how much they share, worked out here from the real files.
import { Link2 } from "lucide-react";
import { useEffect, useState } from "react";
import type { FileExtract } from "../../api/workflowTypes";
import { suggestJoins, type Join } from "../../python/door";
import { count } from "../../shared/format";
import type { Slot } from "./desk";
import type { Sheet } from "./extracts";
import { extractName, type Values } from "./settings";
import styles from "./Side.module.css";

interface Props {
  slots: readonly Slot[];
  extracts: readonly FileExtract[];
  /** What is chosen now, so that the suggestion that was taken is marked. */
  settings: Values;
  onTake: (settings: Values) => void;
}

const SHOWN = 4;

export function JoinSuggestions({ slots, extracts, settings: now, onTake }: Props) {
  const [joins, setJoins] = useState<Join[] | null>(null);
  const tables = slots.filter((slot) => slot.sheets.some((sheet) => (sheet.read.kind ?? "table") === "table"));
  const key = tables.map((slot) => slot.id).join(" ");
  useEffect(() => {
    let isOld = false;
    setJoins(null);
    if (key.split(" ").length < 2) return;
    // Without suggestions the columns are chosen by hand, so a failure here needs no words.
    suggestJoins(tables.map((slot) => slot.file)).then((found) => !isOld && setJoins(found), () => !isOld && setJoins([]));
    return () => {
      isOld = true;
    };
    // The files of a slot never change, so their ids say whether the answer is old.
  }, [key]);
  if (tables.length < 2) return null;
  if (joins === null) return <p className={styles.hint}>Comparing the columns of your files, in this browser…</p>;
  const usable = joins.map((join) => settingsFor(join, slots, extracts)).filter((each) => each !== null).slice(0, SHOWN);
  if (usable.length === 0) return <p className={styles.hint}>No two columns of these files share values, so choose them yourself.</p>;
  return (
    <div className={styles.rows} role="group" aria-label="Suggested columns">
      <div className={styles.heading}>Columns that match</div>
      {usable.map(({ join, settings, words }) => (
        <button key={words} type="button" className={styles.join} aria-pressed={isTaken(settings, now)} onClick={() => onTake(settings)}>
          <span>
            <Link2 size={13} aria-hidden className={styles.inline} /> {words}
          </span>
          <small>
            {Math.round(join.overlap * 100)} % overlap, {count(join.matched)} values match
          </small>
        </button>
      ))}
    </div>
  );
}

function isTaken(suggested: Values, now: Values): boolean {
  return Object.entries(suggested).every(([key, value]) => JSON.stringify(now[key]) === JSON.stringify(value));
}

interface Usable {
  join: Join;
  settings: Values;
  words: string;
}

/** The suggestion in the words of the extracts; null when a column of it does not leave. */
function settingsFor(join: Join, slots: readonly Slot[], extracts: readonly FileExtract[]): Usable | null {
  const left = sideOf(join.left, join.left_sheet, join.left_column, slots, extracts);
  const right = sideOf(join.right, join.right_sheet, join.right_column, slots, extracts);
  if (!left || !right) return null;
  return {
    join,
    settings: { left: left.at, right: right.at, left_columns: [left.column], right_columns: [right.column] },
    words: `${extractName(extracts[left.at]!)}: ${left.column} = ${extractName(extracts[right.at]!)}: ${right.column}`,
  };
}

function sideOf(filename: string, sheetName: string | null, column: string, slots: readonly Slot[], extracts: readonly FileExtract[]) {
  const slot = slots.find((each) => each.file.name === filename);
  const sheet = slot?.sheets.find((each) => sheetName === null || (each.read.sheet ?? null) === sheetName);
  const name = sheet && leavesAs(sheet, column);
  const at = extracts.findIndex((extract) => extract.filename === slot?.alias.trim() && (extract.sheet ?? null) === (sheet?.read.sheet ?? null));
  return name !== undefined && at >= 0 ? { at, column: name } : null;
}

function leavesAs(sheet: Sheet, column: string): string | undefined {
  const at = sheet.read.columns.indexOf(column);
  return at < 0 || sheet.isLeftOut || sheet.withheld.includes(at) ? undefined : sheet.names[at]?.trim();
}
