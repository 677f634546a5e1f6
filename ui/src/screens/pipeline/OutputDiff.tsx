// What a step gave then and now, side by side, with the lines that differ marked.
import { useMemo, useState } from "react";
import type { Json } from "../../api/types";
import { Button } from "../../shared/Button";
import { classes, counted } from "../../shared/format";
import { lineDiff, type DiffRow } from "../../shared/lineDiff";
import styles from "./Comparison.module.css";

const CONTEXT_LINES = 3;

export function OutputDiff({ left, right, leftTitle, rightTitle }: { left: Json; right: Json; leftTitle: string; rightTitle: string }) {
  const [isWhole, setIsWhole] = useState(false);
  const rows = useMemo(() => lineDiff(asText(left), asText(right)), [left, right]);
  const changed = rows.filter((row) => row.kind === "changed").length;
  const shown = isWhole || changed === 0 ? rows : nearChanges(rows);
  return (
    <div className={styles.diff}>
      <div className={styles.diffHead}>
        <span>{changed === 0 ? "The same, line for line." : `${counted(changed, "line")} ${changed === 1 ? "differs" : "differ"}.`}</span>
        {changed > 0 && (
          <Button size="small" look="quiet" onClick={() => setIsWhole(!isWhole)}>
            {isWhole ? "Only what differs" : "Show all lines"}
          </Button>
        )}
      </div>
      <div className={styles.diffScroll} tabIndex={0} role="group" aria-label="Old and new output">
        <table className={styles.diffTable}>
          <thead>
            <tr>
              <th scope="col">{leftTitle}</th>
              <th scope="col">{rightTitle}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row, index) =>
              row === null ? (
                <tr key={index} className={styles.gap}>
                  <td colSpan={2}>lines that are the same</td>
                </tr>
              ) : (
                <tr key={index}>
                  <Line text={row.left} isChanged={row.kind === "changed"} side="old" />
                  <Line text={row.right} isChanged={row.kind === "changed"} side="new" />
                </tr>
              ),
            )}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function Line({ text, isChanged, side }: { text: string | null; isChanged: boolean; side: "old" | "new" }) {
  const sign = text === null || !isChanged ? " " : side === "old" ? "−" : "+";
  return (
    <td className={classes(isChanged && text !== null && styles[side], text === null && styles.absent)}>
      <span aria-hidden>{sign}</span>
      {text ?? ""}
    </td>
  );
}

/** Rows around what differs; null stands for those left out. */
function nearChanges(rows: DiffRow[]): (DiffRow | null)[] {
  const near = new Set<number>();
  rows.forEach((row, index) => {
    if (row.kind === "changed") for (let at = index - CONTEXT_LINES; at <= index + CONTEXT_LINES; at += 1) near.add(at);
  });
  const shown: (DiffRow | null)[] = [];
  rows.forEach((row, index) => {
    if (near.has(index)) shown.push(row);
    else if (shown.at(-1) !== null) shown.push(null);
  });
  return shown;
}

function asText(value: Json): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
