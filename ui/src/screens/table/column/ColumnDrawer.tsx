// Making a column, or changing the settings of one.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api } from "../../../api/client";
import { catalogQuery, tableQuery } from "../../../api/queries";
import type { Catalog, Field, JsonObject, Table } from "../../../api/types";
import { fittingInputs } from "../../../columns/answer";
import { Button } from "../../../shared/Button";
import { Drawer } from "../../../shared/Dialog";
import { CheckboxField, TextField } from "../../../shared/Field";
import { words } from "../../../shared/format";
import { InlineError, Loaded } from "../../../shared/Placeholder";
import { PromptEditor } from "./PromptEditor";
import { SettingsForm } from "./SettingsForm";
import { initial, stripped, type Schema } from "./schema";
import styles from "./ColumnForm.module.css";

export type ColumnTask = { task: "add"; kind: string; settings?: JsonObject; name?: string } | { task: "edit"; field: Field };

interface Props {
  table: Table;
  task: ColumnTask;
  mayWrite: boolean;
  onClose: () => void;
  onAdded: (field: Field) => void;
}

export function ColumnDrawer(props: Props) {
  const { task, onClose, mayWrite } = props;
  const catalog = useQuery(catalogQuery);
  const title = task.task === "edit" ? task.field.name : "New column";
  if (!catalog.data) {
    return <Drawer isOpen onClose={onClose} title={title}><Loaded query={catalog} doing="load the column kinds" size="panel">{() => null}</Loaded></Drawer>;
  }
  const key = task.task === "edit" ? task.field.kind : task.kind;
  const kind = catalog.data.columns.find((each) => each.key === key);
  return (
    <ColumnForm key={task.task === "edit" ? task.field.id : key} {...props} catalog={catalog.data} title={title} kindKey={key} kindLabel={kind?.label ?? key} isComputed={kind?.is_computed ?? false} schema={(kind?.settings_schema ?? {}) as Schema} summary={mayWrite ? kind?.summary : "You may look at the settings but not change them."} />
  );
}

interface FormProps extends Props {
  catalog: Catalog;
  title: string;
  kindKey: string;
  kindLabel: string;
  isComputed: boolean;
  schema: Schema;
  summary: string | undefined;
}

function ColumnForm({ table, task, mayWrite, onClose, onAdded, catalog, title, kindKey, kindLabel, isComputed, schema, summary }: FormProps) {
  const client = useQueryClient();
  const before = task.task === "edit" ? task.field : null;
  const [name, setName] = useState(before?.name ?? (task.task === "add" ? (task.name ?? "") : ""));
  const [settings, setSettings] = useState<JsonObject>(() => ({ ...initial(schema, schema), ...(before?.settings ?? (task.task === "add" ? withInputs(task.settings, catalog, table) : undefined)) }));
  const [condition, setCondition] = useState(before?.condition ?? "");
  const fixed = schema["x-outputs"] ?? [];
  // The first output is the value of the column itself; those a kind always has are there to be asked for.
  const [unwanted, setUnwanted] = useState<string[]>(() => [...outputNames(settings).slice(0, 1), ...fixed]);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  // A column cannot read itself; what it fills is made by it.
  const fields = useMemo(() => table.fields.filter((field) => field.id !== before?.id && field.output_of !== before?.id), [table.fields, before?.id]);
  const outputs = [...outputNames(settings), ...fixed];
  const isOutput = before !== null && before.output_of !== null;
  const hasSettings = Object.keys(schema.properties ?? {}).length > 0 && !isOutput;

  async function save() {
    setIsBusy(true);
    setError(null);
    const body = {
      name: name.trim(),
      ...(!isOutput && { settings: stripped(settings, schema, schema) }),
      ...(isComputed && !isOutput && { condition: condition.trim() || null }),
    };
    try {
      if (before) {
        await api.patch(`/v3/fields/${before.id}`, body);
      } else {
        const wanted = outputs.filter((each) => !unwanted.includes(each)).map((each) => ({ name: outputColumnName(name.trim(), each), output_name: each }));
        const made = await api.post<Field>(`/v3/tables/${table.id}/fields`, { ...body, kind: kindKey, ...(wanted.length > 0 && { outputs: wanted }) });
        onAdded(made);
      }
      await client.invalidateQueries({ queryKey: tableQuery(table.id).queryKey });
      onClose();
    } catch (problem) {
      setError(problem);
    } finally {
      setIsBusy(false);
    }
  }

  return (
    <Drawer
      isOpen
      onClose={onClose}
      width={560}
      title={title}
      subtitle={`${kindLabel}${summary ? ` · ${summary}` : ""}`}
      footer={
        mayWrite ? (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button look="primary" isBusy={isBusy} disabled={name.trim() === ""} onClick={() => void save()}>{before ? "Save the settings" : "Add the column"}</Button>
          </>
        ) : (
          <Button onClick={onClose}>Close</Button>
        )
      }
    >
      <fieldset className={styles.fields} disabled={!mayWrite}>
        <TextField label="Name" value={name} onChange={setName} maxLength={120} autoFocus={before === null} placeholder="Name of the column" />
        {isOutput && <p className={styles.hint}>Filled by the column {table.fields.find((field) => field.id === before.output_of)?.name ?? "it belongs to"}, as its output “{before.output_name}”.</p>}
        {hasSettings && <SettingsForm schema={schema} value={settings} onChange={setSettings} table={table} catalog={catalog} fields={fields} />}
        {before === null && outputs.length > 1 && kindKey !== "enrichment" && (
          <fieldset className={styles.checks}>
            <legend>Outputs as columns of their own</legend>
            {fixed.length === 0 && <p className={styles.hint}>The column itself shows {outputs[0]}.</p>}
            {outputs.map((each) => (
              <CheckboxField key={each} label={fixed.includes(each) ? words(each) : each} isOn={!unwanted.includes(each)} onChange={(isOn) => setUnwanted(isOn ? unwanted.filter((one) => one !== each) : [...unwanted, each])} />
            ))}
          </fieldset>
        )}
        {isComputed && !isOutput && (
          <PromptEditor label="Only run if" value={condition} onChange={setCondition} fields={fields} placeholder={'!!{{Domain}} && {{ICP score}} == "high"'} hint="Where it is false nothing is asked and nothing paid. Use !!{{Column}}, !{{Column}}, ==, !=, && and ||. Blank runs in every row." />
        )}
        {error !== null && <div ref={intoView}><InlineError error={error} /></div>}
      </fieldset>
    </Drawer>
  );
}

// The form is long: what was refused is shown where the person is looking, not below the fold.
function intoView(element: HTMLElement | null) {
  element?.scrollIntoView({ block: "nearest" });
}

/** A source chosen beforehand is given the columns that fit, as when it is chosen in the form. */
function withInputs(settings: JsonObject | undefined, catalog: Catalog, table: Table): JsonObject | undefined {
  const asked = catalog.providers.find((each) => each.key === settings?.provider)?.capabilities.find((each) => each.key === settings?.capability);
  return asked ? { ...settings, inputs: fittingInputs(asked.inputs, table.fields.map((field) => field.name)) } : settings;
}

/** What a column of these settings returns by name: its output fields, or the outputs chosen of a source. */
export function outputNames(settings: JsonObject): string[] {
  const { output_fields, outputs } = settings;
  if (Array.isArray(output_fields)) {
    return output_fields.flatMap((each) => (typeof each === "object" && each !== null && !Array.isArray(each) && typeof each.name === "string" && each.name ? [each.name] : []));
  }
  return typeof outputs === "object" && outputs !== null && !Array.isArray(outputs) ? Object.keys(outputs) : [];
}

function outputColumnName(column: string, output: string): string {
  // "Dossier ID" under "Dossier", not "Dossier dossier ID".
  return output.startsWith(`${column.toLowerCase()}_`) ? words(output) : `${column} ${output.replaceAll("_", " ")}`;
}
