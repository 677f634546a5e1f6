// The extracts as they were sent; nothing of them can change any more.
import type { FileExtract } from "../../api/workflowTypes";
import { EmptyState } from "../../shared/Placeholder";
import { FileIcon } from "./FileChips";
import { ExtractFacts } from "./ExtractFacts";
import styles from "./Workflow.module.css";
import card from "./ExtractCard.module.css";

// More columns than this stand behind a count; the ledger has them all.
const COLUMNS_SHOWN = 60;

export function SentExtracts({ extracts }: { extracts: FileExtract[] }) {
  if (extracts.length === 0) return <EmptyState size="panel" title="No file was sent" />;
  return (
    <div className={styles.stack}>
      {extracts.map((extract, index) => (
        <section key={index} className={card.card} aria-label={nameOf(extract)}>
          <header className={styles.sent}>
            <FileIcon filename={extract.filename} />
            <h3 className="clip" title={nameOf(extract)}>{nameOf(extract)}</h3>
            <ExtractFacts extract={extract} />
          </header>
          {extract.columns.length > 0 && <SentTable extract={extract} />}
          {[...(extract.headings ?? []), ...(extract.preview ?? [])].length > 0 && (
            <pre className={card.lines} tabIndex={0}>
              {[...(extract.headings ?? []), ...(extract.preview ?? [])].join("\n")}
            </pre>
          )}
        </section>
      ))}
    </div>
  );
}

function SentTable({ extract }: { extract: FileExtract }) {
  const columns = extract.columns.slice(0, COLUMNS_SHOWN);
  const more = extract.columns.length - columns.length;
  return (
    <div className={card.tableWrap} tabIndex={0}>
      <table className={card.table}>
        <thead>
          <tr>
            {columns.map((column, at) => (
              <th key={at} scope="col" className={styles.sentName} title={column}>
                {column}
              </th>
            ))}
            {more > 0 && <th className={styles.sentName}>and {more} more</th>}
          </tr>
        </thead>
        <tbody>
          {extract.sample_rows.map((row, index) => (
            <tr key={index}>
              {columns.map((_, at) => (
                <td key={at}>{row[at]}</td>
              ))}
              {more > 0 && <td />}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function nameOf(extract: FileExtract): string {
  return extract.sheet ? `${extract.filename} · ${extract.sheet}` : extract.filename;
}
