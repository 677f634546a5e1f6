// What came of a script: rows in and out, its files to look into and save, what it printed, or why it failed.
import { Check, Download, EyeOff, X } from "lucide-react";
import { Button } from "../../shared/Button";
import { CodeBlock } from "../../shared/CodeBlock";
import { count, counted, duration } from "../../shared/format";
import type { Outcome, Output } from "../../python/door";
import { bytes } from "./ExtractFacts";
import { saveBlob } from "./saveBlob";
import styles from "./Workflow.module.css";
import card from "./ExtractCard.module.css";

// A look into the result; the file has all of it.
const ROWS_SHOWN = { real: 20, synthetic: 5 };
const COLUMNS_SHOWN = 40;

export function OutcomeView({ outcome, kind }: { outcome: Outcome; kind: "synthetic" | "real" }) {
  const outputs = outcome.success ? outcome.outputs : [];
  return (
    <div className={styles.outcome} data-success={outcome.success || undefined}>
      <p className={styles.summary} role="status">
        {outcome.success ? <Check size={15} strokeWidth={2.5} aria-hidden /> : <X size={15} strokeWidth={2.5} aria-hidden />}
        <b>{outcome.success ? "Passed" : "Failed"}</b>
        <span>
          {outcome.rows_in !== null && `${counted(outcome.rows_in, "row")} in · `}
          {outcome.success && outcome.rows_out !== null && `${counted(outcome.rows_out, "row")} out · `}
          {outcome.success && `${counted(outputs.length, "file")} · `}
          {duration(outcome.seconds * 1000)}
        </span>
      </p>
      {outputs.map((output) => (
        <OutputView key={output.name} output={output} kind={kind} />
      ))}
      {!outcome.success && outcome.failure && (
        <div>
          <h3 className={styles.small}>{kind === "synthetic" ? "What went back to the builder, masked" : "What the builder would get, masked; exactly this"}</h3>
          <CodeBlock value={outcome.failure as unknown as Record<string, string>} maxHeight={160} />
        </div>
      )}
      {!outcome.success && outcome.failure_local && (
        <details className={styles.more} open={kind === "real"}>
          <summary>
            <EyeOff size={13} aria-hidden /> The whole error, for your eyes: it stays in this tab
          </summary>
          <CodeBlock value={outcome.failure_local} isVerbatim maxHeight={260} />
        </details>
      )}
      {outcome.log.trim() !== "" && (
        <details className={styles.more}>
          <summary>What it printed, {counted(outcome.log.trimEnd().split("\n").length, "line")}; it stays in this tab</summary>
          <CodeBlock value={outcome.log} isVerbatim maxHeight={260} />
        </details>
      )}
    </div>
  );
}

function OutputView({ output, kind }: { output: Output; kind: "synthetic" | "real" }) {
  const { preview } = output;
  return (
    <figure className={styles.output}>
      <figcaption>
        <b className="clip">{output.name}</b>
        <span>{bytes(output.blob.size)}</span>
        {kind === "synthetic" && <span>invented values</span>}
        <Button size="small" icon={Download} onClick={() => saveBlob(output.name, output.blob)} aria-label={`Download ${output.name}`}>
          Download
        </Button>
      </figcaption>
      {preview && "text" in preview && <CodeBlock value={preview.text} isVerbatim maxHeight={240} />}
      {preview && "columns" in preview && (
        <div className={card.tableWrap} tabIndex={0} data-own-keys>
          <table className={card.table} aria-label={`First rows of ${output.name}`}>
            <thead>
              <tr>
                {preview.columns.slice(0, COLUMNS_SHOWN).map((column, at) => (
                  <th key={at} scope="col" className={styles.sentName}>
                    {column}
                  </th>
                ))}
                {preview.columns.length > COLUMNS_SHOWN && <th className={styles.sentName}>and {count(preview.columns.length - COLUMNS_SHOWN)} more</th>}
              </tr>
            </thead>
            <tbody>
              {preview.rows.slice(0, ROWS_SHOWN[kind]).map((row, index) => (
                <tr key={index}>
                  {row.slice(0, COLUMNS_SHOWN).map((cell, at) => (
                    <td key={at} title={cell}>
                      {cell}
                    </td>
                  ))}
                  {preview.columns.length > COLUMNS_SHOWN && <td />}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </figure>
  );
}
