// How a version is asked: the model, its freedom, the longest reply, the shape of the reply, the tools it may use.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { catalogQuery } from "../../api/queries";
import type { PromptConfig } from "../../api/promptTypes";
import { CodeEditor } from "../../shared/CodeEditor";
import { Labelled, NumberField, SelectField, TextField } from "../../shared/Field";
import { unitPrice } from "../../shared/format";
import { Picker } from "../../shared/Picker";
import styles from "./Edit.module.css";

interface Props {
  config: PromptConfig;
  isReadOnly: boolean;
  onChange: (config: PromptConfig) => void;
}

const TOOLS = ["search", "read_page", "research"];

export function ConfigPanel({ config, isReadOnly, onChange }: Props) {
  const set = (part: Partial<PromptConfig>) => onChange({ ...config, ...part });
  return (
    <fieldset className={styles.fields} disabled={isReadOnly}>
        <ModelField value={config.model} isReadOnly={isReadOnly} onChange={(model) => set({ model })} />
        <div className={styles.two}>
          <TemperatureField value={config.temperature} onChange={(temperature) => set({ temperature })} />
          <NumberField label="Longest reply" suffix="tokens" min={16} max={64_000} value={config.max_tokens} onChange={(tokens) => tokens !== null && set({ max_tokens: tokens })} />
        </div>
        <SchemaField value={config.output_schema} isReadOnly={isReadOnly} onChange={(schema) => set({ output_schema: schema })} />
        {isReadOnly ? (
          <Labelled label="Tools">{config.tools.length > 0 ? config.tools.join(", ") : <span className="muted">None</span>}</Labelled>
        ) : (
          <Picker label="Tools" placeholder="None" options={[{ values: TOOLS }]} chosen={config.tools} takesOwn onChange={(tools) => set({ tools })} hint="What its step may use while it answers." />
        )}
    </fieldset>
  );
}

function ModelField({ value, isReadOnly, onChange }: { value: string; isReadOnly: boolean; onChange: (model: string) => void }) {
  const { data } = useQuery(catalogQuery);
  const groups = (data?.llms ?? []).map((llm) => ({
    group: llm.has_key || llm.is_simulated ? llm.label : `${llm.label} (no key yet)`,
    options: llm.models.map((model) => ({
      value: model.id,
      label: model.input_micro_usd_per_mtok ? `${model.label}, ${unitPrice(model.input_micro_usd_per_mtok)} per million tokens in` : model.label,
    })),
  }));
  const isKnown = !value || groups.some((group) => group.options.some((each) => each.value === value));
  const options = isKnown ? groups : [{ value, label: `${value} (not in the catalogue)` }, ...groups];
  return <SelectField label="Model" value={value} placeholder="The client’s default model" isDisabled={isReadOnly} options={options} onChange={onChange} />;
}

function TemperatureField({ value, onChange }: { value: number | null; onChange: (value: number | null) => void }) {
  const [text, setText] = useState<string | null>(null);
  const shown = text ?? (value === null ? "" : String(value));
  const read = shown.trim() === "" ? null : Number(shown);
  const isOdd = read !== null && !(read >= 0 && read <= 2);
  function take(next: string) {
    setText(next);
    const number = next.trim() === "" ? null : Number(next);
    if (number === null || (number >= 0 && number <= 2)) onChange(number);
  }
  return (
    <TextField label="Temperature" inputMode="decimal" placeholder="Default" value={shown} onChange={take} onBlur={() => !isOdd && setText(null)} error={isOdd ? "A number from 0 to 2, or nothing." : null} />
  );
}

type SchemaProps = { value: PromptConfig["output_schema"]; isReadOnly: boolean; onChange: (schema: PromptConfig["output_schema"]) => void };

function SchemaField({ value, isReadOnly, onChange }: SchemaProps) {
  // Kept as written while it is no JSON, so that typing is never undone.
  const [text, setText] = useState<string | null>(null);
  const saved = value ? JSON.stringify(value, null, 2) : "";
  const isOdd = text !== null && text.trim() !== "" && !isObject(text);
  function take(next: string) {
    if (next === saved) return setText(null);
    setText(next);
    if (next.trim() === "") onChange(null);
    else if (isObject(next)) onChange(JSON.parse(next) as PromptConfig["output_schema"]);
  }
  const shown = text !== null && (isOdd || JSON.stringify(value) === (text.trim() ? JSON.stringify(JSON.parse(text)) : "null")) ? text : saved;
  return (
    <Labelled label="Shape of the reply" hint="A JSON Schema; empty asks for text." error={isOdd ? "This is no JSON object yet, so the last good one still counts." : null}>
      <CodeEditor mode="json" label="Shape of the reply as JSON Schema" value={shown} onChange={take} isReadOnly={isReadOnly} minHeight={40} maxHeight={132} placeholder={'{"type": "object", …}'} />
    </Labelled>
  );
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
