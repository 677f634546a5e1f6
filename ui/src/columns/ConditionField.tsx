// When a column runs: always, or only where another column is filled or empty.
import type { Condition } from "../api/types";
import { SelectField, TextField } from "../shared/Field";
import styles from "./columns.module.css";

interface Props {
  condition: Condition | undefined;
  names: string[];
  onChange: (condition: Condition) => void;
}

const WHEN = [
  { value: "always", label: "Always" },
  { value: "column_not_empty", label: "If a column is filled" },
  { value: "column_empty", label: "If a column is empty" },
  { value: "own", label: "By an expression" },
];

export function ConditionField({ condition = { type: "always" }, names, onChange }: Props) {
  const type = typeof condition === "string" ? "own" : condition.type;
  const column = typeof condition === "object" && condition.type !== "always" ? condition.column : "";
  function pick(next: string) {
    if (next === "own") onChange("!!{{" + (column || names[0] || "") + "}}");
    else if (next === "always") onChange({ type: "always" });
    else onChange({ type: next as "column_not_empty" | "column_empty", column: column || names[0] || "" });
  }
  return (
    <div className={styles.pair}>
      <SelectField label="Run" value={type} onChange={pick} options={WHEN} hint={type === "always" ? undefined : "Other rows cost nothing and say “condition not met”."} />
      {(type === "column_not_empty" || type === "column_empty") && (
        <SelectField label="Column" value={column} onChange={(next) => onChange({ type, column: next })} options={names.map((name) => ({ value: name, label: name }))} placeholder="Choose a column" />
      )}
      {type === "own" && <TextField label="Expression" isMono value={typeof condition === "string" ? condition : ""} onChange={onChange} placeholder='{{Country}} == "Germany" && !!{{Domain}}' />}
    </div>
  );
}
