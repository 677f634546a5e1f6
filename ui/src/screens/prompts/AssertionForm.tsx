// One assertion: what its kind means, and a field for each of its settings.
import { Bot, X } from "lucide-react";
import { useState } from "react";
import type { Assertion, AssertionKind, SettingSchema } from "../../api/promptTypes";
import type { Json } from "../../api/types";
import { Button } from "../../shared/Button";
import { CodeEditor } from "../../shared/CodeEditor";
import { Labelled, MoneyField, NumberField, SwitchField, TextArea, TextField } from "../../shared/Field";
import { plainly, settingName } from "./assertionTitle";
import styles from "./Assertions.module.css";

interface Props {
  assertion: Assertion;
  kind: AssertionKind | undefined;
  isReadOnly: boolean;
  onChange: (settings: Record<string, Json>) => void;
  onRemove: () => void;
}

const HINTS: Record<string, string> = {
  path: "Such as claims.*.quote; empty looks at the whole output.",
  json_schema: "Empty takes the prompt’s own shape of the reply.",
  variable: "Empty looks in all inputs.",
  value: "Text, or JSON for a number, list or object.",
};
const LONG = new Set(["criterion"]);

export function AssertionForm({ assertion, kind, isReadOnly, onChange, onRemove }: Props) {
  const { properties = {} } = kind?.settings_schema ?? {};
  const set = (name: string, value: Json | undefined) => {
    const next = { ...assertion.settings };
    if (value === undefined) delete next[name];
    else next[name] = value;
    onChange(next);
  };
  const label = kind?.label ?? assertion.kind;
  return (
    <li className={styles.assertion} aria-label={label}>
      <header>
        <h3>{label}</h3>
        {kind?.asks_llm && (
          <span className={styles.asks}>
            <Bot size={13} aria-hidden /> asks a model, which costs
          </span>
        )}
        {!isReadOnly && <Button look="quiet" size="small" icon={X} aria-label={`Remove ${label}`} onClick={onRemove} />}
      </header>
      <p>{kind ? plainly(kind.summary) : "This kind is not known here. It was written by a newer Spadework, or by hand."}</p>
      <fieldset className={styles.fields} disabled={isReadOnly}>
        {Object.entries(properties).sort(([, one], [, other]) => Number(one.type === "boolean") - Number(other.type === "boolean")).map(([name, schema]) => (
          <Setting key={name} name={name} schema={schema} value={assertion.settings[name] ?? schema.default} isReadOnly={isReadOnly} onChange={(value) => set(name, value)} />
        ))}
      </fieldset>
    </li>
  );
}

interface SettingProps {
  name: string;
  schema: SettingSchema;
  value: Json | undefined;
  isReadOnly: boolean;
  onChange: (value: Json | undefined) => void;
}

function Setting({ name, schema, value, isReadOnly, onChange }: SettingProps) {
  const label = settingName(name);
  const hint = name === "value" && schema.type === "string" ? undefined : HINTS[name];
  const text = typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);
  if (name === "max_micro_usd") return <MoneyField label={label} microUsd={typeof value === "number" ? value : null} onChange={(amount) => amount !== null && onChange(amount)} />;
  if (schema.type === "boolean") return <SwitchField label={label} isOn={value === true} onChange={onChange} />;
  if (schema.type === "integer") return <NumberField label={label} suffix={name === "max_ms" ? "ms" : undefined} value={typeof value === "number" ? value : null} onChange={(number) => number !== null && onChange(number)} min={schema.minimum ?? schema.exclusiveMinimum} max={schema.maximum} />;
  if (schema.type === "number") return <ShareField label={label} value={typeof value === "number" ? value : 1} onChange={onChange} />;
  if (schema.type === "string" && LONG.has(name)) return <TextArea label={label} hint={hint} rows={3} value={text} onChange={onChange} className={styles.whole} />;
  if (schema.type === "string") return <TextField label={label} hint={hint} isMono={name !== "value" && name !== "model"} value={text} onChange={onChange} />;
  if (schema.anyOf?.some((each) => each.type === "object")) return <JsonField label={label} hint={hint} value={value} isReadOnly={isReadOnly} onChange={onChange} />;
  return <TextField label={label} hint={hint} value={text} onChange={(next) => onChange(jsonOrText(next))} />;
}

/** A share kept as 0 to 1 and written in per cent. */
function ShareField({ label, value, onChange }: { label: string; value: number; onChange: (value: number) => void }) {
  return <NumberField label={label} suffix="%" min={1} max={100} value={Math.round(value * 100)} onChange={(percent) => percent !== null && percent > 0 && onChange(percent / 100)} />;
}

function JsonField({ label, hint, value, isReadOnly, onChange }: { label: string; hint?: string; value: Json | undefined; isReadOnly: boolean; onChange: (value: Json | undefined) => void }) {
  const [text, setText] = useState(value ? JSON.stringify(value, null, 2) : "");
  const isOdd = text.trim() !== "" && typeof parse(text) !== "object";
  return (
    <Labelled label={label} hint={hint} error={isOdd ? "This is no JSON object yet." : null} className={styles.whole}>
      <CodeEditor
        mode="json"
        label={label}
        value={text}
        isReadOnly={isReadOnly}
        minHeight={72}
        maxHeight={200}
        onChange={(next) => {
          setText(next);
          if (next.trim() === "") onChange(undefined);
          else if (typeof parse(next) === "object") onChange(parse(next));
        }}
      />
    </Labelled>
  );
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function jsonOrText(text: string): Json {
  return /^\s*(?:[[{]|-?\d+(?:\.\d+)?\s*$|(?:true|false|null)\s*$)/.test(text) ? (parse(text) ?? text) : text;
}
