// The columns that leave with their masked samples; each can be renamed, blanked or withheld.
import { Eye, EyeOff, Rows3 } from "lucide-react";
import { useState } from "react";
import { Button } from "../../shared/Button";
import { count } from "../../shared/format";
import { Tooltip } from "../../shared/Tooltip";
import type { Sheet } from "./extracts";
import styles from "./ExtractCard.module.css";

// A sheet may have 16,384 columns; so many inputs at once would stop the page.
const COLUMNS_AT_ONCE = 120;

export function ExtractTable({ sheet, onChange }: { sheet: Sheet; onChange: (part: Partial<Sheet>) => void }) {
  const [most, setMost] = useState(COLUMNS_AT_ONCE);
  const { read, names, withheld, blanked } = sheet;
  const shown = names.slice(0, most).map((_, at) => at);
  const toggled = (list: number[], at: number) => (list.includes(at) ? list.filter((each) => each !== at) : [...list, at].sort((a, b) => a - b));
  return (
    <div className={styles.tableWrap} tabIndex={-1}>
      <table className={styles.table} aria-label="What leaves of the table">
        <thead>
          <tr>
            {shown.map((at) => (
              <th key={at} scope="col" data-withheld={withheld.includes(at) || undefined}>
                <div className={styles.column}>
                  <input
                    className={styles.rename}
                    aria-label={`Name of column ${at + 1}`}
                    value={names[at]}
                    maxLength={200}
                    disabled={withheld.includes(at)}
                    data-changed={names[at] !== read.columns[at] || undefined}
                    title={names[at] === read.columns[at] ? (names[at] ?? "") : `${names[at]} (in the file: ${read.columns[at]})`}
                    size={Math.min(28, Math.max(8, (names[at] ?? "").length))}
                    spellCheck={false}
                    onChange={(event) => onChange({ names: names.map((name, index) => (index === at ? event.target.value : name)) })}
                  />
                  <Tooltip text={blanked.includes(at) ? "Let the samples leave" : "Blank the samples"}>
                    <button type="button" className={styles.act} aria-pressed={blanked.includes(at)} aria-label={`Blank the samples of ${names[at]}`} disabled={withheld.includes(at)} onClick={() => onChange({ blanked: toggled(blanked, at) })}>
                      <Rows3 size={13} aria-hidden />
                    </button>
                  </Tooltip>
                  <Tooltip text={withheld.includes(at) ? "Let the column leave" : "Withhold the column"}>
                    <button type="button" className={styles.act} aria-pressed={withheld.includes(at)} aria-label={`Withhold ${names[at] || `column ${at + 1}`}`} onClick={() => onChange({ withheld: toggled(withheld, at) })}>
                      {withheld.includes(at) ? <EyeOff size={13} aria-hidden /> : <Eye size={13} aria-hidden />}
                    </button>
                  </Tooltip>
                </div>
              </th>
            ))}
            {names.length > most && (
              <th scope="col">
                <Button size="small" look="quiet" onClick={() => setMost(most + COLUMNS_AT_ONCE)}>
                  {count(names.length - most)} more columns
                </Button>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {read.sample_rows.map((row, index) => (
            <tr key={index}>
              {shown.map((at) => (
                <td key={at} data-withheld={withheld.includes(at) || undefined} title={row[at]}>
                  {withheld.includes(at) ? "withheld" : blanked.includes(at) ? <i>blank</i> : row[at]}
                </td>
              ))}
              {names.length > most && <td />}
            </tr>
          ))}
          {read.sample_rows.length === 0 && (
            <tr>
              <td colSpan={shown.length}>
                <i>No rows under the header</i>
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
