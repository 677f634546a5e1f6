// Which column answers which question of a source.
import { Labelled, SelectField } from "../shared/Field";
import { words } from "../shared/format";
import { named } from "./answer";
import styles from "./columns.module.css";

interface Props {
  inputs: { name: string; label?: string }[];
  values: Record<string, string>;
  names: string[];
  onChange: (name: string, reference: string) => void;
}

export function InputsFields({ inputs, values, names, onChange }: Props) {
  if (inputs.length === 0) return null;
  return (
    <Labelled label="What is sent, from which column">
      <div className={styles.inputs}>
        {inputs.map((input) => (
          <SelectField
            key={input.name}
            label={input.label ?? words(input.name)}
            value={named(values[input.name] ?? "")}
            onChange={(column) => onChange(input.name, column ? `{{${column}}}` : "")}
            placeholder="Not sent"
            options={names.map((name) => ({ value: name, label: name }))}
          />
        ))}
      </div>
    </Labelled>
  );
}
