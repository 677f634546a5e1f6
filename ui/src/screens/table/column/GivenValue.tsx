// One value of a question or prompt taken from the row: a column, or a text with columns in it.
import { SelectField, TextField } from "../../../shared/Field";
import { useSurroundings } from "./surroundings";
import styles from "./ColumnForm.module.css";

interface Props {
  label: string;
  /** `{{Column}}`, or a text with such in it; blank for nothing. */
  text: string;
  onChange: (text: string) => void;
  hint?: string;
  isOptional?: boolean;
}

export function GivenValue({ label, text, onChange, hint, isOptional }: Props) {
  const { fields } = useSurroundings();
  const columns = fields.map((field) => ({ value: `{{${field.name}}}`, label: field.name }));
  const isColumn = text === "" || columns.some((column) => column.value === text);
  return (
    <div className={styles.inputRow}>
      <SelectField
        label={label}
        aside={isOptional ? "optional" : undefined}
        hint={hint}
        value={isColumn ? text : "text"}
        onChange={(next) => onChange(next === "text" ? " " : next)}
        placeholder="Nothing"
        options={[...columns, { value: "text", label: "A text…" }]}
      />
      {!isColumn && <TextField name={`${label} as text`} value={text.trimStart()} onChange={(next) => onChange(next || " ")} placeholder="Text, with {{Column}} in it" />}
    </div>
  );
}
