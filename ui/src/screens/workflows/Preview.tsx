// The beginning of what a script made.
import type { Output } from "../../python/door";
import { CodeBlock } from "../../shared/CodeBlock";
import styles from "./Run.module.css";

const COLUMNS = 30;

export function Preview({ output }: { output: Output }) {
  const { preview } = output;
  if (!preview) return null;
  if ("text" in preview) return <CodeBlock value={preview.text} isVerbatim maxHeight={260} empty="An empty file" />;
  const columns = preview.columns.slice(0, COLUMNS);
  return (
    <>
      <div className={styles.preview} tabIndex={0} role="group" aria-label={`Beginning of ${output.name}`}>
        <table>
          <thead>
            <tr>
              {columns.map((column, index) => (
                <th key={index} scope="col">{column}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {preview.rows.map((row, index) => (
              <tr key={index}>
                {columns.map((_, at) => (
                  <td key={at} title={row[at]}>{row[at]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {preview.columns.length > COLUMNS && <p className="faint">The first {COLUMNS} of {preview.columns.length} columns.</p>}
    </>
  );
}
