// The form of a column's settings, made from its kind's schema, so that a new kind brings its own form.
import { ArrowDown, ArrowUp, Plus, X } from "lucide-react";
import { useState } from "react";
import type { Catalog, Field, Json, JsonObject, Table } from "../../../api/types";
import { Button } from "../../../shared/Button";
import { CheckboxField, MoneyField, SelectField, SwitchField, TextArea, TextField } from "../../../shared/Field";
import { words } from "../../../shared/format";
import { DOSSIER_SETTINGS, DossierFields } from "./DossierFields";
import { PromptEditor } from "./PromptEditor";
import { PROMPT_SETTINGS, PromptFields } from "./PromptFields";
import { SOURCE_SETTINGS, SourceFields } from "./SourceFields";
import { asObject, initial, inputKind, labelOf, listText, parseList, resolved, type Schema } from "./schema";
import { Around, useSurroundings } from "./surroundings";
import styles from "./ColumnForm.module.css";

interface FormProps {
  schema: Schema;
  value: JsonObject;
  onChange: (value: JsonObject) => void;
  table: Table;
  catalog: Catalog;
  fields: readonly Field[];
}

export function SettingsForm({ schema, value, onChange, table, catalog, fields }: FormProps) {
  return (
    <Around.Provider value={{ table, catalog, fields, root: schema }}>
      <ObjectFields schema={schema} value={value} onChange={onChange} />
    </Around.Provider>
  );
}

// Settings most columns are made by; the rest waits folded until somebody wants it.
const FIRST = new Set(["prompt", "expression", "result", "model", "output_fields", "inputs", "steps", "validator", "rules", "options", "outputs"]);

interface ObjectProps {
  schema: Schema;
  value: JsonObject;
  onChange: (value: JsonObject) => void;
  /** An entry of a list: everything at once, in two columns. */
  isEntry?: boolean;
}

function ObjectFields({ schema, value, onChange, isEntry }: ObjectProps) {
  const { root } = useSurroundings();
  const { properties = {}, required = [] } = resolved(schema, root);
  const isSource = "provider" in properties && "capability" in properties;
  const isPrompted = "prompt_key" in properties;
  const isDossier = "contacts_table_id" in properties;
  const drawn = [...(isSource ? SOURCE_SETTINGS : []), ...(isPrompted ? PROMPT_SETTINGS : []), ...(isDossier ? DOSSIER_SETTINGS : [])];
  const names = Object.keys(properties).filter((name) => !drawn.includes(name));
  // Choices only mean something where the value is one of them.
  const isShown = (name: string) => name !== "options" || value.type === undefined || value.type === "select";
  const first = names.filter((name) => isEntry || FIRST.has(name) || required.includes(name) || properties[name]!.default === undefined);
  const more = names.filter((name) => !first.includes(name));
  const input = (name: string) => (
    <Property key={name} name={name} schema={properties[name]!} value={value[name]} onChange={(next) => onChange({ ...value, [name]: next })} />
  );
  return (
    <div className={isEntry && !isSource ? styles.entryFields : styles.fields}>
      {isSource && <SourceFields properties={properties} value={value} onChange={onChange} />}
      {isPrompted && <PromptFields value={value} onChange={onChange} />}
      {isDossier && <DossierFields value={value} onChange={onChange} />}
      {first.filter(isShown).map(input)}
      {more.length > 0 && (
        <details className={styles.more}>
          <summary>More settings</summary>
          <div className={styles.fields}>{more.map(input)}</div>
        </details>
      )}
    </div>
  );
}

interface PropertyProps {
  name: string;
  schema: Schema;
  value: Json | undefined;
  onChange: (value: Json) => void;
}

function Property({ name, schema, value, onChange }: PropertyProps) {
  const { root, fields } = useSurroundings();
  const label = labelOf(name);
  const { description, minimum, maximum, enum: values, isNullable, default: usual } = resolved(schema, root);
  const text = value === null || value === undefined ? "" : String(value);
  if (name === "expression") return <PromptEditor label={label} rows={3} value={text} onChange={onChange} fields={fields} placeholder={"{{Revenue}} / {{Employees}}"} hint="JavaScript; a column without a value is undefined." />;
  if (name === "model") return <ModelField value={text} onChange={onChange} />;
  if (name === "field") return <ColumnField label="Column" value={text} onChange={onChange} />;
  if (name === "required") return <RequiredFields value={value} onChange={onChange} />;
  if (/_micro_usd(_|$)/.test(name)) return <MoneyField label={label} aside={isNullable ? "optional" : undefined} microUsd={typeof value === "number" ? value : null} onChange={onChange} hint={description} />;
  switch (inputKind(schema, root)) {
    case "boolean":
      return <SwitchField label={label} hint={description} isOn={value === true} onChange={onChange} />;
    case "number":
      return <NumberInput label={label} hint={description} value={typeof value === "number" ? value : null} minimum={minimum} maximum={maximum} placeholder={typeof usual === "number" ? String(usual) : undefined} onChange={onChange} />;
    case "choice":
      return <SelectField label={label} hint={description} value={text} onChange={(next) => onChange(next === "" ? null : next)} placeholder={isNullable ? "None" : undefined} options={(values ?? []).map((each) => ({ value: String(each), label: words(String(each)) }))} />;
    case "choices":
      return <Choices label={label} schema={schema} value={value} onChange={onChange} />;
    case "texts":
      return <ListInput label={label} hint={description ?? "Separate with commas."} schema={schema} value={value} onChange={onChange} />;
    case "objects":
      return <ObjectList name={name} schema={schema} value={value} onChange={onChange} />;
    case "object":
      return <OptionalObject label={label} schema={schema} value={value} onChange={onChange} />;
    case "long":
      return <TextArea label={label} hint={description} value={text} onChange={onChange} rows={4} />;
    case "text":
      return <TextField label={label} hint={description} value={text} onChange={onChange} />;
    default:
      return <JsonInput label={label} value={value} onChange={onChange} />;
  }
}

function ModelField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { catalog } = useSurroundings();
  const known = catalog.llms.flatMap((llm) => llm.models.map((model) => model.id));
  const groups = catalog.llms.map((llm) => ({
    group: llm.has_key || llm.is_simulated ? llm.label : `${llm.label} (no key stored)`,
    options: llm.models.map((model) => ({ value: model.id, label: model.best_for ? `${model.label}: ${model.best_for}` : model.label })),
  }));
  return (
    <SelectField
      label="Model"
      value={value}
      onChange={onChange}
      placeholder="The client's default"
      options={[...(value && !known.includes(value) ? [{ value, label: value }] : []), ...groups]}
    />
  );
}

/** One column, as `{{Name}}`. */
export function ColumnField({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const { fields } = useSurroundings();
  const options = fields.map((field) => ({ value: `{{${field.name}}}`, label: field.name }));
  const isKnown = value === "" || options.some((option) => option.value === value);
  return <SelectField label={label} value={value} onChange={onChange} placeholder="Choose a column" options={isKnown ? options : [{ value, label: value }, ...options]} error={isKnown ? null : "This column is not in the table any more."} />;
}

function RequiredFields({ value, onChange }: { value: Json | undefined; onChange: (value: Json) => void }) {
  const { fields } = useSurroundings();
  const chosen = Array.isArray(value) ? value.map(String) : [];
  return (
    <fieldset className={styles.checks}>
      <legend>Only where these are filled</legend>
      {fields.map((field) => (
        <CheckboxField key={field.id} label={field.name} isOn={chosen.includes(field.ref)} onChange={(isOn) => onChange(isOn ? [...chosen, field.ref] : chosen.filter((each) => each !== field.ref))} />
      ))}
    </fieldset>
  );
}

function Choices({ label, schema, value, onChange }: { label: string; schema: Schema; value: Json | undefined; onChange: (value: Json) => void }) {
  const { root } = useSurroundings();
  const chosen = Array.isArray(value) ? value : [];
  const values = resolved(resolved(schema, root).items ?? {}, root).enum ?? [];
  return (
    <fieldset className={styles.checks}>
      <legend>{label}</legend>
      {values.map((each) => (
        <CheckboxField key={String(each)} label={words(String(each))} isOn={chosen.includes(each)} onChange={(isOn) => onChange(isOn ? [...chosen, each] : chosen.filter((one) => one !== each))} />
      ))}
    </fieldset>
  );
}

interface NumberInputProps {
  label: string;
  hint?: string;
  value: number | null;
  minimum?: number;
  maximum?: number;
  placeholder?: string;
  onChange: (value: number | null) => void;
}

function NumberInput({ label, hint, value, minimum, maximum, placeholder, onChange }: NumberInputProps) {
  const [text, setText] = useState<string | null>(null);
  const number = text === null || text.trim() === "" ? null : Number(text);
  const isOdd = number !== null && !Number.isFinite(number);
  const isOut = value !== null && ((minimum !== undefined && value < minimum) || (maximum !== undefined && value > maximum));
  const error = isOdd ? "Write a number." : isOut ? `Between ${minimum ?? "any"} and ${maximum ?? "any"}.` : null;
  function take(next: string) {
    setText(next);
    if (next.trim() === "") onChange(null);
    else if (Number.isFinite(Number(next))) onChange(Number(next));
  }
  return <TextField label={label} hint={hint} error={error} inputMode="decimal" placeholder={placeholder} value={text ?? (value === null ? "" : String(value))} onChange={take} />;
}

function ListInput({ label, hint, schema, value, onChange }: { label: string; hint?: string; schema: Schema; value: Json | undefined; onChange: (value: Json) => void }) {
  const { root } = useSurroundings();
  const [text, setText] = useState(() => listText(value));
  return (
    <TextField
      label={label}
      hint={hint}
      value={text}
      onChange={(next) => {
        setText(next);
        onChange(parseList(next, resolved(schema, root), root));
      }}
    />
  );
}

function JsonInput({ label, value, onChange }: { label: string; value: Json | undefined; onChange: (value: Json) => void }) {
  const [text, setText] = useState(() => (value === undefined ? "" : JSON.stringify(value, null, 2)));
  const [isOdd, setIsOdd] = useState(false);
  return (
    <TextArea
      label={label}
      aside="JSON"
      error={isOdd ? "This is no JSON yet." : null}
      value={text}
      onChange={(next) => {
        setText(next);
        try {
          onChange(next.trim() === "" ? null : (JSON.parse(next) as Json));
          setIsOdd(false);
        } catch {
          setIsOdd(true);
        }
      }}
    />
  );
}

function OptionalObject({ label, schema, value, onChange }: { label: string; schema: Schema; value: Json | undefined; onChange: (value: Json) => void }) {
  const { root } = useSurroundings();
  const { isNullable } = resolved(schema, root);
  const object = asObject(value);
  return (
    <fieldset className={styles.nested}>
      {isNullable ? <SwitchField label={label} isOn={object !== null} onChange={(isOn) => onChange(isOn ? initial(schema, root) : null)} /> : <legend>{label}</legend>}
      {object && <ObjectFields schema={schema} value={object} onChange={onChange} />}
    </fieldset>
  );
}

const ONE: Record<string, string> = { steps: "Step", rules: "Rule", tiers: "Tier", output_fields: "Output" };

function ObjectList({ name, schema, value, onChange }: PropertyProps) {
  const { root } = useSurroundings();
  const list = Array.isArray(value) ? value.map((each) => asObject(each) ?? {}) : [];
  const item = resolved(schema, root).items ?? {};
  const one = ONE[name] ?? "Entry";
  const isOrdered = name === "steps";
  const put = (next: JsonObject[]) => onChange(next);
  const swap = (at: number, other: number) => put(list.map((each, index) => (index === at ? list[other]! : index === other ? list[at]! : each)));
  return (
    <section className={styles.list} aria-label={labelOf(name)}>
      <h3>{labelOf(name)}</h3>
      {isOrdered && <p className={styles.hint}>Asked in this order; the first valid answer ends it, so later ones cost nothing.</p>}
      {list.map((each, at) => (
        <div key={at} className={styles.entry}>
          <div className={styles.entryTop}>
            <span>{one} {at + 1}</span>
            {at > 0 && <Button look="quiet" size="small" icon={ArrowUp} aria-label={`Move ${one.toLowerCase()} ${at + 1} up`} onClick={() => swap(at, at - 1)} />}
            {at < list.length - 1 && <Button look="quiet" size="small" icon={ArrowDown} aria-label={`Move ${one.toLowerCase()} ${at + 1} down`} onClick={() => swap(at, at + 1)} />}
            <Button look="quiet" size="small" icon={X} aria-label={`Remove ${one.toLowerCase()} ${at + 1}`} onClick={() => put(list.filter((_, index) => index !== at))} />
          </div>
          <ObjectFields isEntry schema={item} value={each} onChange={(next) => put(list.map((old, index) => (index === at ? next : old)))} />
        </div>
      ))}
      <div>
        <Button size="small" icon={Plus} onClick={() => put([...list, isOrdered && list.length > 0 ? { ...initial(item, root), ...kept(list.at(-1)!) } : initial(item, root)])}>
          Add {one === "Output" || one === "Entry" ? "an" : "a"} {one.toLowerCase()}
        </Button>
      </div>
    </section>
  );
}

// The next step of a waterfall asks the same question of somebody else, from the same columns.
function kept(step: JsonObject): JsonObject {
  return { capability: step.capability ?? "", inputs: step.inputs ?? {} };
}
