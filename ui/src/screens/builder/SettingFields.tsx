// The fields of an operation's settings: files, columns, choices and lists of them, drawn from the JSON Schema.
import { Plus, Trash2 } from "lucide-react";
import type { FileExtract } from "../../api/workflowTypes";
import { Button } from "../../shared/Button";
import { CheckboxField, NumberField, SelectField, TextField } from "../../shared/Field";
import { Picker } from "../../shared/Picker";
import { columnsFor, extractName, firstValues, isIdle, resolved, settingsOf, type Schema, type Setting, type Values } from "./settings";
import styles from "./Side.module.css";

interface Props {
  object: Schema;
  root: Schema;
  values: Values;
  /** The whole form's values, which say which file a column belongs to. */
  all: Values;
  extracts: readonly FileExtract[];
  /** The setting the server refused. */
  wrong?: string;
  onChange: (values: Values) => void;
}

export function SettingFields({ object, root, values, all, extracts, wrong, onChange }: Props) {
  return (
    <>
      {settingsOf(object, root)
        .filter((setting) => !isIdle(setting, values))
        .map((setting) => (
          <Field key={setting.key} setting={setting} root={root} value={values[setting.key]} all={all} extracts={extracts} isWrong={wrong === setting.key} onChange={(value) => onChange({ ...values, [setting.key]: value })} />
        ))}
    </>
  );
}

interface FieldProps {
  setting: Setting;
  root: Schema;
  value: unknown;
  all: Values;
  extracts: readonly FileExtract[];
  isWrong: boolean;
  onChange: (value: unknown) => void;
}

function Field({ setting, root, value, all, extracts, isWrong, onChange }: FieldProps) {
  const { schema, isNullable } = setting;
  const label = schema.title ?? setting.key;
  const hint = schema.description;
  const error = isWrong ? (hint ?? "This does not fit the files.") : null;
  if (schema["x-kind"] === "file") {
    return <SelectField label={label} hint={hint} error={error} value={String(value)} onChange={(next) => onChange(Number(next))} options={extracts.map((extract, at) => ({ value: String(at), label: extractName(extract) }))} />;
  }
  if (schema.type === "array") {
    const item = resolved(schema.items ?? {}, root);
    if (item.type === "object") return <Rows label={label} hint={hint} item={item} schema={schema} root={root} values={value as Values[]} all={all} extracts={extracts} onChange={onChange} />;
    return <Picker label={label} hint={hint} placeholder="Choose columns" options={[{ values: columnsFor(schema, all, extracts) }]} chosen={value as string[]} onChange={onChange} />;
  }
  if (schema["x-kind"] === "column") {
    return <SelectField label={label} hint={hint} error={error} value={(value as string | null) ?? ""} placeholder={isNullable ? "None" : "Choose a column"} onChange={(next) => onChange(next === "" && isNullable ? null : next)} options={columnsFor(schema, all, extracts).map((column) => ({ value: column, label: column }))} />;
  }
  if (schema.type === "object") return <Optional label={label} hint={hint} schema={schema} root={root} value={value as Values | null} all={all} extracts={extracts} onChange={onChange} />;
  if (schema.enum) {
    return <SelectField label={label} hint={hint} error={error} value={String(value)} onChange={onChange} options={schema.enum.map((each) => ({ value: String(each), label: capital(schema["x-labels"]?.[String(each)] ?? String(each)) }))} />;
  }
  if (schema.type === "boolean") return <CheckboxField label={label} hint={hint} isOn={value === true} onChange={onChange} />;
  if (schema.type === "integer" || schema.type === "number") {
    return <NumberField label={label} hint={hint} error={error} min={schema.minimum} max={schema.maximum} value={(value as number | null) ?? null} onChange={(next) => onChange(next === null && !isNullable ? (schema.minimum ?? 0) : next)} />;
  }
  return <TextField label={label} hint={hint} error={error} maxLength={schema.maxLength} value={String(value ?? "")} onChange={onChange} />;
}

interface RowsProps {
  label: string;
  hint?: string;
  item: Schema;
  schema: Schema;
  root: Schema;
  values: Values[];
  all: Values;
  extracts: readonly FileExtract[];
  onChange: (values: Values[]) => void;
}

function Rows({ label, hint, item, schema, root, values, all, extracts, onChange }: RowsProps) {
  return (
    <div className={styles.rows} role="group" aria-label={label}>
      <div className={styles.heading}>
        <span>{label}</span>
        {values.length < (schema.maxItems ?? Infinity) && (
          <Button size="small" look="quiet" icon={Plus} onClick={() => onChange([...values, firstValues(item, root)])}>
            Add
          </Button>
        )}
      </div>
      {hint && <p className={styles.hint}>{hint}</p>}
      {values.map((each, at) => (
        <div key={at} className={styles.set}>
          {values.length > (schema.minItems ?? 0) && (
            <div className={styles.heading}>
              <span>{at + 1}</span>
              <Button size="small" look="quiet" icon={Trash2} aria-label={`Remove ${label.toLowerCase()} ${at + 1}`} onClick={() => onChange(values.filter((_, index) => index !== at))} />
            </div>
          )}
          <SettingFields object={item} root={root} values={each} all={all} extracts={extracts} onChange={(next) => onChange(values.map((before, index) => (index === at ? next : before)))} />
        </div>
      ))}
    </div>
  );
}

interface OptionalProps {
  label: string;
  hint?: string;
  schema: Schema;
  root: Schema;
  value: Values | null;
  all: Values;
  extracts: readonly FileExtract[];
  onChange: (value: Values | null) => void;
}

function Optional({ label, hint, schema, root, value, all, extracts, onChange }: OptionalProps) {
  return (
    <div className={styles.rows}>
      <CheckboxField label={label} hint={hint} isOn={value !== null} onChange={(isOn) => onChange(isOn ? firstValues(schema, root) : null)} />
      {value !== null && (
        <div className={styles.set}>
          <SettingFields object={schema} root={root} values={value} all={all} extracts={extracts} onChange={onChange} />
        </div>
      )}
    </div>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
