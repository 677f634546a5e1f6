// The order of rows: by one column, then by others.
import { ArrowDownUp, ArrowUp, Plus, X } from "lucide-react";
import type { Field, SortRule } from "../../../api/types";
import { Button } from "../../../shared/Button";
import { SelectField } from "../../../shared/Field";
import { Flyout } from "./Flyout";
import styles from "./Toolbar.module.css";

interface Props {
  fields: readonly Field[];
  sorts: readonly SortRule[];
  onChange: (sorts: SortRule[]) => void;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

export function SortFlyout({ fields, sorts, onChange, isOpen, onOpenChange }: Props) {
  const left = fields.filter((field) => !sorts.some((sort) => sort.field === field.id));
  const next = left[0];
  const put = (at: number, change: Partial<SortRule>) => onChange(sorts.map((sort, index) => (index === at ? { ...sort, ...change } : sort)));
  return (
    <Flyout
      label="Sort"
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      width={440}
      trigger={<Button look="quiet" size="small" icon={ArrowDownUp} data-on={sorts.length > 0 || undefined} className={styles.tool}>{sorts.length > 0 ? `Sort ${sorts.length}` : "Sort"}</Button>}
    >
      <div className={styles.groups}>
        {sorts.length === 0 && <p className="muted">Rows are in the order they were added.</p>}
        {sorts.map((sort, at) => {
          const field = fields.find((each) => each.id === sort.field);
          const isOrdered = field?.storage === "number" || field?.storage === "timestamp";
          return (
            <div key={sort.field} className={styles.sortRule}>
              <span className={styles.word}>{at === 0 ? "By" : "then by"}</span>
              <SelectField name="Column" size="small" value={sort.field} onChange={(id) => put(at, { field: id })} options={fields.filter((each) => each.id === sort.field || left.includes(each)).map((each) => ({ value: each.id, label: each.name }))} />
              <SelectField
                name="Direction"
                size="small"
                value={sort.direction}
                onChange={(direction) => put(at, { direction: direction as SortRule["direction"] })}
                options={[{ value: "asc", label: isOrdered ? "smallest first" : "A to Z" }, { value: "desc", label: isOrdered ? "largest first" : "Z to A" }]}
              />
              <span className={styles.pair}>
                {at > 0 && <Button look="quiet" size="small" icon={ArrowUp} aria-label="Earlier" onClick={() => onChange(sorts.map((each, index) => (index === at - 1 ? sort : index === at ? sorts[at - 1]! : each)))} />}
                <Button look="quiet" size="small" icon={X} aria-label="Remove" onClick={() => onChange(sorts.filter((_, index) => index !== at))} />
              </span>
            </div>
          );
        })}
      </div>
      {next && (
        <div className={styles.flyoutFoot}>
          <Button look="quiet" size="small" icon={Plus} onClick={() => onChange([...sorts, { field: next.id, direction: "asc" }])}>
            {sorts.length === 0 ? "Sort by a column" : "Then by another"}
          </Button>
        </div>
      )}
    </Flyout>
  );
}
