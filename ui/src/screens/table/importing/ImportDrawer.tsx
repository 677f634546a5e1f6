// Importing a CSV file: what is in it and where each column goes.
import { FileUp, Upload } from "lucide-react";
import { useRef, useState, type DragEvent } from "react";
import { api, newIdempotencyKey } from "../../../api/client";
import type { ImportPreview, RunBrief, Table } from "../../../api/types";
import { Button } from "../../../shared/Button";
import { Drawer } from "../../../shared/Dialog";
import { SelectField } from "../../../shared/Field";
import { counted } from "../../../shared/format";
import { InlineError } from "../../../shared/Placeholder";
import { Segments } from "../../../shared/Tabs";
import { ImportProgress } from "./ImportProgress";
import { guessTargets, NEW, problemOf, SKIP, toMapping, type Target } from "./mapping";
import styles from "./ImportDrawer.module.css";

interface Props {
  table: Table;
  onClose: () => void;
  onStarted: () => void;
}

type Mode = "append" | "upsert";

export function ImportDrawer({ table, onClose, onStarted }: Props) {
  const [file, setFile] = useState<File | null>(null);
  const [preview, setPreview] = useState<ImportPreview | null>(null);
  const [targets, setTargets] = useState<Record<string, Target>>({});
  const [mode, setMode] = useState<Mode>("append");
  const [keyField, setKeyField] = useState("");
  const [run, setRun] = useState<RunBrief | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const idempotencyKey = useRef(newIdempotencyKey());

  async function attempt(act: () => Promise<void>) {
    setIsBusy(true);
    setError(null);
    try {
      await act();
    } catch (problem) {
      setError(problem);
    } finally {
      setIsBusy(false);
    }
  }

  const upload = (chosen: File) =>
    attempt(async () => {
      setFile(chosen);
      const form = new FormData();
      form.append("file", chosen);
      const seen = await api.post<ImportPreview>("/v3/imports/preview", form);
      setPreview(seen);
      setTargets(guessTargets(seen, table.fields));
    });

  const start = () =>
    attempt(async () => {
      const body = { upload_id: preview!.upload_id, mapping: toMapping(preview!, targets, table.fields), mode, ...(mode === "upsert" && { key_field_id: keyField }) };
      setRun(await api.post<RunBrief>(`/v3/tables/${table.id}/import`, body, { idempotencyKey: idempotencyKey.current }));
      onStarted();
    });

  const problem = preview ? problemOf(targets, mode, keyField) : null;
  return (
    <Drawer
      isOpen
      onClose={onClose}
      width={620}
      title={run ? "Import" : preview ? `Import ${file?.name ?? "the file"}` : "Import a CSV file"}
      subtitle={preview && !run ? `${counted(preview.rows_seen, "row")} looked at · ${preview.encoding} · separated by ${separatorWord(preview.delimiter)}` : undefined}
      footer={
        run ? (
          <Button onClick={onClose}>Close</Button>
        ) : (
          preview && (
            <>
              {problem && <span className={styles.problem}>{problem}</span>}
              <Button onClick={() => setPreview(null)}>Another file</Button>
              <Button look="primary" icon={Upload} isBusy={isBusy} disabled={problem !== null} onClick={() => void start()}>Import the file</Button>
            </>
          )
        )
      }
    >
      {run ? <ImportProgress run={run} /> : preview ? (
        <div className={styles.form}>
          <Segments name="What to do with rows" value={mode} onChange={setMode} options={[{ value: "append", label: "Add all as new rows" }, { value: "upsert", label: "Update by a key, add the rest" }]} />
          {mode === "upsert" && (
            <SelectField label="Key" value={keyField} onChange={setKeyField} placeholder="Choose a column" options={table.fields.filter((field) => Object.values(targets).includes(field.id)).map((field) => ({ value: field.id, label: field.name }))} hint="A row of the file updates the row with the same value here." />
          )}
          <Mapping preview={preview} table={table} targets={targets} onChange={setTargets} />
        </div>
      ) : (
        <FileDrop isBusy={isBusy} onFile={(chosen) => void upload(chosen)} />
      )}
      <InlineError error={error} />
    </Drawer>
  );
}

function FileDrop({ isBusy, onFile }: { isBusy: boolean; onFile: (file: File) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setIsOver] = useState(false);
  function drop(event: DragEvent) {
    event.preventDefault();
    setIsOver(false);
    const file = event.dataTransfer.files[0];
    if (file) onFile(file);
  }
  return (
    <div className={styles.drop} data-over={isOver || undefined} onDragOver={(event) => {
      event.preventDefault();
      setIsOver(true);
    }} onDragLeave={() => setIsOver(false)} onDrop={drop}>
      <FileUp size={22} strokeWidth={1.6} aria-hidden />
      <p>Drop a CSV file here, or choose one. Nothing is imported before you have seen what is in it.</p>
      <Button isBusy={isBusy} onClick={() => input.current?.click()}>Choose a file</Button>
      <input ref={input} type="file" accept=".csv,.tsv,.txt,text/csv" hidden aria-label="CSV file" onChange={(event) => {
        const file = event.target.files?.[0];
        if (file) onFile(file);
        event.target.value = "";
      }} />
    </div>
  );
}

interface MappingProps {
  preview: ImportPreview;
  table: Table;
  targets: Record<string, Target>;
  onChange: (targets: Record<string, Target>) => void;
}

function Mapping({ preview, table, targets, onChange }: MappingProps) {
  const writable = table.fields.filter((field) => !field.is_computed).map((field) => ({ value: field.id, label: field.name }));
  return (
    <table className={styles.mapping}>
      <thead>
        <tr>
          <th>In the file</th>
          <th>First values</th>
          <th>In the table</th>
        </tr>
      </thead>
      <tbody>
        {preview.columns.map((column) => (
          <tr key={column.name} data-skipped={targets[column.name] === SKIP || undefined}>
            <td>{column.name}</td>
            <td>
              <div className={styles.samples}>{column.samples.filter((sample) => sample !== "").slice(0, 3).join(" · ") || "all blank"}</div>
            </td>
            <td>
              <SelectField
                name={`Where ${column.name} goes`}
                size="small"
                value={targets[column.name] ?? SKIP}
                onChange={(target) => onChange({ ...targets, [column.name]: target })}
                options={[{ value: NEW, label: `New column (${column.guess_kind})` }, { value: SKIP, label: "Leave out" }, { group: "Columns of the table", options: writable }]}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function separatorWord(delimiter: string): string {
  return { ",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars" }[delimiter] ?? `“${delimiter}”`;
}
