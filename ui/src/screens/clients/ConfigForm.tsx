// A configuration as a form; what the form has no field for is kept, and what does not fit a field is shown as JSON.
import { Plus, X } from "lucide-react";
import { Fragment, useState } from "react";
import type { ConfigKind, Json, JsonObject } from "../../api/types";
import { Button } from "../../shared/Button";
import { CodeBlock } from "../../shared/CodeBlock";
import { Labelled, SelectField, TextArea, TextField } from "../../shared/Field";
import { at, fits, isObject, KINDS, withValue, type Column, type FieldSpec } from "./configs";
import styles from "./Brief.module.css";

interface Props {
  kind: ConfigKind;
  config: JsonObject;
  problems: Record<string, string>;
  onChange: (config: JsonObject) => void;
}

export function ConfigForm({ kind, config, problems, onChange }: Props) {
  return (
    <div className={styles.form}>
      {KINDS[kind].fields.map((field) => (
        <Fragment key={field.path}>
          {field.heading && <h3 className={styles.heading}>{field.heading}</h3>}
          <div className={styles.cell} data-wide={field.kind === "rows" || field.kind === "numbers" || field.kind === "area" || undefined}>
            <Field field={field} value={at(config, field.path)} error={problems[field.path]} onChange={(value) => onChange(withValue(config, field.path, value))} />
          </div>
        </Fragment>
      ))}
    </div>
  );
}

interface FieldProps {
  field: FieldSpec;
  value: Json | undefined;
  error?: string;
  onChange: (value: Json) => void;
}

export function Field({ field, value, error, onChange }: FieldProps) {
  const shell = { label: field.label, hint: field.hint, error };
  if (!fits(value, field)) {
    return (
      <Labelled {...shell} hint="This holds more than the form can show. Change it as JSON.">
        <CodeBlock value={value} maxHeight={160} />
      </Labelled>
    );
  }
  if (field.kind === "lines") return <Lines {...shell} lines={(value as string[] | undefined) ?? []} onChange={onChange} />;
  if (field.kind === "rows") return <Rows {...shell} columns={field.columns ?? []} rows={(value as JsonObject[] | undefined) ?? []} onChange={onChange} />;
  if (field.kind === "numbers") return <Numbers {...shell} field={field} values={isObject(value) ? value : {}} onChange={onChange} />;
  const text = typeof value === "string" ? value : "";
  if (field.kind === "choice") return <SelectField {...shell} value={text || (field.options?.[0]?.value ?? "")} onChange={onChange} options={field.options ?? []} />;
  if (field.kind === "area") return <TextArea {...shell} rows={3} value={text} onChange={(next) => onChange(next || null)} />;
  return <TextField {...shell} value={text} onChange={(next) => onChange(next || null)} />;
}

interface LinesProps {
  label: string;
  hint?: string;
  error?: string;
  lines: string[];
  rows?: number;
  onChange: (lines: string[]) => void;
}

/** One entry a line. What is being typed stays as typed; blank lines are no entries. */
export function Lines({ lines, onChange, rows, hint, ...shell }: LinesProps) {
  const [text, setText] = useState<string | null>(null);
  const joined = lines.join("\n");
  const shown = text !== null && tidy(text).join("\n") === joined ? text : joined;
  return (
    <TextArea
      {...shell}
      hint={hint ?? "One a line."}
      rows={rows ?? Math.min(8, Math.max(3, lines.length + 1))}
      value={shown}
      onChange={(next) => {
        setText(next);
        onChange(tidy(next));
      }}
    />
  );
}

function tidy(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

interface RowsProps {
  label: string;
  hint?: string;
  error?: string;
  columns: Column[];
  rows: JsonObject[];
  onChange: (rows: JsonObject[]) => void;
}

function Rows({ label, hint, error, columns, rows, onChange }: RowsProps) {
  const change = (index: number, name: string, value: Json) => onChange(rows.map((row, place) => (place === index ? withValue(row, name, value) : row)));
  return (
    <Labelled label={label} hint={hint} error={error}>
      <table className={styles.rows}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" style={{ width: column.width }}>
                {column.label}
              </th>
            ))}
            <th className={styles.remove}>
              <span className="visually-hidden">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {columns.map((column) => (
                <td key={column.name}>
                  <Entry column={column} line={index + 1} value={row[column.name]} onChange={(value) => change(index, column.name, value)} />
                </td>
              ))}
              <td className={styles.remove}>
                <Button look="quiet" size="small" icon={X} aria-label={`Remove line ${index + 1}`} onClick={() => onChange(rows.filter((_, place) => place !== index))} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div>
        <Button size="small" icon={Plus} onClick={() => onChange([...rows, Object.fromEntries(columns.map((column) => [column.name, column.kind === "choice" ? (column.options?.[0]?.value ?? "") : column.kind === "number" ? (rows.length < 25 ? 10 : 0) : ""]))])}>
          Add a line
        </Button>
      </div>
    </Labelled>
  );
}

function Entry({ column, line, value, onChange }: { column: Column; line: number; value: Json | undefined; onChange: (value: Json) => void }) {
  const name = `${column.label}, line ${line}`;
  if (column.kind === "choice") return <SelectField name={name} value={String(value ?? "")} onChange={onChange} options={column.options ?? []} />;
  if (column.kind === "number") return <NumberEntry name={name} value={value} onChange={onChange} />;
  return <TextField name={name} value={String(value ?? "")} onChange={onChange} />;
}

function NumberEntry({ name, value, onChange, placeholder }: { name: string; value: Json | undefined; onChange: (value: Json) => void; placeholder?: string }) {
  return (
    <TextField
      name={name}
      inputMode="decimal"
      placeholder={placeholder}
      value={value === undefined || value === null ? "" : String(value)}
      onChange={(text) => {
        if (text === "") onChange(null);
        else if (/^\d+(\.\d*)?$/.test(text)) onChange(text.endsWith(".") ? text : Number(text));
      }}
    />
  );
}

function Numbers({ label, hint, error, field, values, onChange }: { label: string; hint?: string; error?: string; field: FieldSpec; values: JsonObject; onChange: (value: Json) => void }) {
  return (
    <Labelled label={label} hint={hint} error={error}>
      <div className={styles.numbers}>
        {field.numbers?.map(({ name, label: own, usual }) => (
          <label key={name}>
            <span>{own}</span>
            <NumberEntry name={own} placeholder={String(usual)} value={values[name]} onChange={(value) => onChange(withValue(values, name, value))} />
          </label>
        ))}
      </div>
    </Labelled>
  );
}
