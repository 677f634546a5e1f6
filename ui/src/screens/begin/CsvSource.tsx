// Step 2 for a CSV file: what was read, and where each of its columns goes.
import { useMutation } from "@tanstack/react-query";
import { FileSpreadsheet, FileUp } from "lucide-react";
import { useRef, useState } from "react";
import { api } from "../../api/client";
import type { ImportPreview } from "../../api/types";
import { Button } from "../../shared/Button";
import { CheckboxField, SelectField, TextField } from "../../shared/Field";
import { counted } from "../../shared/format";
import { Panel } from "../../shared/Panel";
import { InlineError } from "../../shared/Placeholder";
import { Table } from "../../shared/Table";
import type { Draft, FileColumn } from "./draft";
import styles from "./BeginWorkbook.module.css";

const KINDS = [
  { value: "text", label: "Text" },
  { value: "number", label: "Number" },
  { value: "url", label: "URL" },
  { value: "email", label: "E-mail" },
  { value: "date", label: "Date" },
  { value: "boolean", label: "Yes or no" },
  { value: "json", label: "JSON" },
];

const DELIMITERS: Record<string, string> = { ",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars" };

export function CsvSource({ draft, change }: { draft: Draft; change: (part: Partial<Draft>) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setIsOver] = useState(false);
  const read = useMutation({
    mutationFn: async (file: File) => {
      const form = new FormData();
      form.append("file", file);
      const upload = await api.post<ImportPreview>("/v3/imports/preview", form);
      return { ...upload, fileName: file.name };
    },
    onSuccess: (upload) =>
      change({
        upload,
        fileColumns: upload.columns.map((column) => ({ column: column.name, name: column.name, kind: KINDS.some((kind) => kind.value === column.guess_kind) ? column.guess_kind : "text" })),
      }),
  });
  const take = (file: File | undefined) => file && read.mutate(file);
  const chooser = (
    <input ref={input} type="file" accept=".csv,.tsv,.txt,text/csv" hidden aria-label="CSV file" onChange={(event) => { take(event.target.files?.[0]); event.target.value = ""; }} />
  );
  const { upload } = draft;
  return (
    <>
      <header className={styles.intro}>
        <h1>CSV import</h1>
        <p className="muted prose">Rows that do not fit are kept aside with their reason; nothing is dropped silently.</p>
      </header>
      {chooser}
      {!upload && (
        <div
          className={styles.drop}
          data-over={isOver || undefined}
          onDragOver={(event) => { event.preventDefault(); setIsOver(true); }}
          onDragLeave={() => setIsOver(false)}
          onDrop={(event) => { event.preventDefault(); setIsOver(false); take(event.dataTransfer.files[0]); }}
        >
          <FileUp size={22} strokeWidth={1.6} aria-hidden />
          <b>Drop a CSV file here</b>
          <p className="muted">Any encoding and delimiter; the first line holds the column names.</p>
          <Button isBusy={read.isPending} onClick={() => input.current?.click()}>
            Choose a file
          </Button>
        </div>
      )}
      <InlineError error={read.error} />
      {upload && (
        <>
          <Panel isFlush>
            <div className={styles.file}>
              <FileSpreadsheet size={22} strokeWidth={1.6} aria-hidden />
              <div>
                <b>{upload.fileName}</b>
                <small>
                  {counted(upload.rows_seen, "row")} read, {counted(upload.columns.length, "column")}, {upload.encoding}, separated by {DELIMITERS[upload.delimiter] ?? upload.delimiter}
                </small>
              </div>
              <Button isBusy={read.isPending} onClick={() => input.current?.click()}>
                Another file
              </Button>
            </div>
          </Panel>
          <Mapping draft={draft} change={change} />
        </>
      )}
    </>
  );
}

function Mapping({ draft, change }: { draft: Draft; change: (part: Partial<Draft>) => void }) {
  const set = (column: string, part: Partial<FileColumn>) =>
    change({ fileColumns: draft.fileColumns.map((each) => (each.column === column ? { ...each, ...part } : each)) });
  const samples = new Map(draft.upload?.columns.map((column) => [column.name, column.samples]));
  return (
    <Panel title="Columns" hint="Turn off what is not needed; rename what should be called otherwise." isFlush>
      <Table
        label="Columns of the file"
        rows={draft.fileColumns}
        rowKey={(column) => column.column}
        columns={[
          {
            key: "take",
            heading: "In the file",
            cell: (column) => <CheckboxField label={column.column} isOn={column.name !== ""} onChange={(isOn) => set(column.column, { name: isOn ? column.column : "" })} />,
          },
          { key: "samples", heading: "Holds", cell: (column) => <div className={`${styles.samples} clip`}>{samples.get(column.column)?.filter(Boolean).join(", ") || "nothing"}</div> },
          {
            key: "name",
            heading: "Column in the table",
            width: 200,
            cell: (column) => (column.name === "" ? <span className="faint">Left out</span> : <TextField name={`Name of ${column.column}`} value={column.name} onChange={(name) => set(column.column, { name })} />),
          },
          {
            key: "kind",
            heading: "Kind",
            width: 130,
            cell: (column) => column.name !== "" && <SelectField name={`Kind of ${column.column}`} value={column.kind} onChange={(kind) => set(column.column, { kind })} options={KINDS} />,
          },
        ]}
      />
    </Panel>
  );
}
