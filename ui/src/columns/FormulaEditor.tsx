// A formula: one JavaScript expression over the row's columns.
import { SelectField } from "../shared/Field";
import type { EditorProps } from "./AiEditor";
import { ReferenceField } from "./ReferenceField";

const RESULTS = [
  { value: "text", label: "Text" },
  { value: "number", label: "Number" },
  { value: "timestamp", label: "Date" },
  { value: "json", label: "JSON" },
];

export function FormulaEditor({ column, names, onChange }: EditorProps) {
  return (
    <>
      <ReferenceField
        label="Formula"
        mode="formula"
        minHeight={72}
        value={String(column.settings?.expression ?? "")}
        names={names}
        placeholder={"{{Revenue (USD)}} / {{Employees}}"}
        hint="One JavaScript expression. domainOf(text) gives the host of an address, clean(text) trims; an empty column is undefined."
        onChange={(expression) => onChange({ settings: { ...column.settings, expression } })}
      />
      <SelectField label="Result" value={String(column.settings?.result ?? "text")} onChange={(result) => onChange({ settings: { ...column.settings, result } })} options={RESULTS} />
    </>
  );
}
