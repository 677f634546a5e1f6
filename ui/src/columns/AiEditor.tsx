// An AI column: what to ask of each row, which fields come back, which model answers.
import { Plus, TriangleAlert, X } from "lucide-react";
import type { AnswerColumn, Catalog, JsonObject } from "../api/types";
import { LinkTo } from "../frame/LinkTo";
import { paths } from "../frame/paths";
import { Button } from "../shared/Button";
import { Labelled, SelectField, TextField } from "../shared/Field";
import { money } from "../shared/format";
import { Notice } from "../shared/Panel";
import { OUTPUT_TYPES, outputsOf, type AiOutput } from "./answer";
import { ReferenceField } from "./ReferenceField";
import styles from "./columns.module.css";

export interface EditorProps {
  column: AnswerColumn;
  names: string[];
  catalog: Catalog;
  onChange: (part: Partial<AnswerColumn>) => void;
}

export function AiEditor({ column, names, catalog, onChange }: EditorProps) {
  const usable = catalog.llms.filter((llm) => llm.has_key);
  const outputs = outputsOf(column);
  const setOutputs = (next: AiOutput[]) => onChange({ outputs: next.map((each) => ({ ...each }) as JsonObject) });
  const model = usable.flatMap((llm) => llm.models).find((each) => each.id === column.model);
  return (
    <>
      {usable.length === 0 && <NeedsLlm name={column.name} />}
      <ReferenceField
        label="Prompt"
        mode="prompt"
        value={column.prompt ?? ""}
        names={names}
        placeholder={"Is {{Company}} a fit for us? Look at {{Industries}} and {{Description}}."}
        hint="Type {{ for the list of columns. The row’s values are handed over as data; instructions inside them are not followed."
        onChange={(prompt) => onChange({ prompt })}
      />
      <Labelled label="Answer fields" hint={`“${column.name || "This column"}” shows the first; each other one becomes a column of its own.`}>
        <div className={styles.list}>
          {outputs.map((output, index) => {
            const set = (part: Partial<AiOutput>) => setOutputs(outputs.map((each, at) => (at === index ? { ...each, ...part } : each)));
            return (
              <div key={index} className={styles.output}>
                <TextField name="Field name" value={output.name} onChange={(name) => set({ name })} placeholder="Name" />
                <SelectField name="Field type" value={output.type} onChange={(type) => set({ type })} options={OUTPUT_TYPES} />
                <TextField name="What it holds" value={output.description} onChange={(description) => set({ description })} placeholder="What it holds" />
                <Button look="quiet" icon={X} aria-label={`Remove ${output.name}`} disabled={outputs.length === 1} onClick={() => setOutputs(outputs.filter((_, at) => at !== index))} />
              </div>
            );
          })}
          <div>
            <Button size="small" icon={Plus} onClick={() => setOutputs([...outputs, { name: "", type: "text", description: "" }])}>
              Add field
            </Button>
          </div>
        </div>
      </Labelled>
      {usable.length > 0 && (
        <SelectField
          label="Model"
          value={column.model ?? ""}
          onChange={(next) => onChange({ model: next || undefined })}
          placeholder="The client’s default"
          options={usable.map((llm) => ({ group: llm.label, options: llm.models.map((each) => ({ value: each.id, label: each.label })) }))}
          hint={model ? `${model.best_for ? `Best for ${model.best_for}. ` : ""}${pricesOf(model.input_micro_usd_per_mtok, model.output_micro_usd_per_mtok)}` : undefined}
        />
      )}
    </>
  );
}

function pricesOf(input: number | null, output: number | null): string {
  if (input === null || output === null) return "Its price is not known.";
  return `${money(input)} per million tokens in, ${money(output)} out.`;
}

export function NeedsLlm({ name }: { name: string }) {
  return (
    <Notice tone="attention" icon={<TriangleAlert size={16} aria-hidden />}>
      “{name || "This column"}” cannot run yet: no language model is connected. Connect one in{" "}
      <LinkTo className="link" to={paths.settings("llms")}>
        Settings › Language models
      </LinkTo>
      , or leave the column out. What you have filled in here is kept.
    </Notice>
  );
}
