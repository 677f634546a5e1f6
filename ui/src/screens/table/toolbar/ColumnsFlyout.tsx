// Which columns are shown.
import { Columns3 } from "lucide-react";
import { useState } from "react";
import type { Field } from "../../../api/types";
import { Button } from "../../../shared/Button";
import { CheckboxField, SearchField } from "../../../shared/Field";
import { withHidden, type ViewColumn } from "../columns";
import { fieldIcon } from "../kinds";
import { Flyout } from "./Flyout";
import styles from "./Toolbar.module.css";

interface Props {
  fields: readonly Field[];
  columns: readonly ViewColumn[];
  onChange: (columns: ViewColumn[]) => void;
}

export function ColumnsFlyout({ fields, columns, onChange }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const [search, setSearch] = useState("");
  const byId = new Map(fields.map((field) => [field.id, field]));
  const hidden = columns.filter((each) => each.is_hidden).length;
  const found = columns.filter((each) => byId.get(each.field)?.name.toLowerCase().includes(search.toLowerCase()));
  const all = columns.map((each) => each.field);
  return (
    <Flyout
      label="Columns"
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      width={280}
      trigger={<Button look="quiet" size="small" icon={Columns3} data-on={hidden > 0 || undefined} className={styles.tool}>{hidden > 0 ? `${hidden} hidden` : "Columns"}</Button>}
    >
      {columns.length > 8 && <SearchField name="Search columns" value={search} onChange={setSearch} width={264} placeholder="Search columns" />}
      <div className={styles.columnList}>
        {found.map((each) => {
          const field = byId.get(each.field)!;
          const Icon = fieldIcon(field);
          return (
            <CheckboxField
              key={each.field}
              isOn={!each.is_hidden}
              onChange={(isOn) => onChange(withHidden(columns, [each.field], !isOn))}
              label={<span className={styles.columnName}><Icon size={14} aria-hidden /> {field.name}</span>}
            />
          );
        })}
      </div>
      <div className={styles.flyoutFoot}>
        <Button look="quiet" size="small" disabled={hidden === 0} onClick={() => onChange(withHidden(columns, all, false))}>Show all</Button>
        <Button look="quiet" size="small" disabled={hidden >= all.length - 1} onClick={() => onChange(withHidden(columns, all.slice(1), true))}>Hide all but the first</Button>
      </div>
    </Flyout>
  );
}
