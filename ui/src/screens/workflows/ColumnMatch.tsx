// Where a chosen file lacks a column that the script reads: which of its columns is meant.
import { Check, TriangleAlert } from "lucide-react";
import type { WorkflowField } from "../../api/workflowTypes";
import { SelectField } from "../../shared/Field";
import { counted } from "../../shared/format";
import styles from "./Run.module.css";

interface Props {
  field: WorkflowField;
  missing: string[];
  headers: string[];
  chosen: Record<string, string>;
  isDisabled: boolean;
  onChange: (chosen: Record<string, string>) => void;
}

// No header can be this: the empty choice says that nothing was chosen yet.
const NONE = "\u0000";

export function ColumnMatch({ field, missing, headers, chosen, isDisabled, onChange }: Props) {
  const isOpen = missing.some((column) => chosen[column] === undefined);
  return (
    <fieldset className={styles.match} data-open={isOpen || undefined}>
      <legend>
        {isOpen ? <TriangleAlert size={14} aria-hidden /> : <Check size={14} aria-hidden />}
        {isOpen ? `${counted(missing.length, "column")} the script reads ${missing.length === 1 ? "is" : "are"} not in this file` : `${counted(missing.length, "column")} under another name here`}
      </legend>
      {missing.map((column) => (
        <div key={column} className={styles.matchRow}>
          <code className="clip" title={column}>{column}</code>
          <span className="muted">is</span>
          <SelectField
            name={`Column meant by ${column} in ${field.label}`}
            size="small"
            isDisabled={isDisabled}
            value={chosen[column] === "" ? NONE : (chosen[column] ?? "")}
            placeholder="Choose a column"
            onChange={(header) => header !== "" && onChange({ [column]: header === NONE ? "" : header })}
            options={[...headers.map((header) => ({ value: header, label: header })), { value: NONE, label: "Not in the file, run anyway" }]}
          />
        </div>
      ))}
    </fieldset>
  );
}
