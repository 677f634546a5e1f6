// A list of fields over one object, for the forms of the onboarding.
import type { JsonObject } from "../../api/types";
import { Field } from "./ConfigForm";
import { at, withValue, type FieldSpec } from "./configs";
import styles from "./Brief.module.css";

interface Props {
  fields: FieldSpec[];
  value: JsonObject;
  onChange: (value: JsonObject) => void;
}

export function FieldList({ fields, value, onChange }: Props) {
  return (
    <div className={styles.form}>
      {fields.map((field) => (
        <div key={field.path} className={styles.cell}>
          <Field field={field} value={at(value, field.path)} onChange={(next) => onChange(withValue(value, field.path, next))} />
        </div>
      ))}
    </div>
  );
}
