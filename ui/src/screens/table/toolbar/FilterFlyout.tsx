// Building filters: rules joined by "and" in a group, groups joined by "or".
import { ListFilter, Plus, Trash2, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Field, FilterOp, FilterRule, Filters, Json } from "../../../api/types";
import { Button } from "../../../shared/Button";
import { SelectField, TextField } from "../../../shared/Field";
import { lookOf, STATES } from "../../../shared/states";
import { filtersOf, finished, groupsOf, newRule, opsFor, opWords, ruleCount, takesValue } from "../filters";
import { Flyout } from "./Flyout";
import styles from "./Toolbar.module.css";

interface Props {
  fields: readonly Field[];
  filters: Filters;
  onChange: (filters: Filters) => void;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

const CELL_STATES = [
  "done", "no_data", "failed", "unknown", "over_budget", "invalid", "missing_input", "condition_not_met", "stale",
  "empty", "queued", "running", "waiting", "retrying", "rate_limited", "cancelled",
];
const TYPING_MS = 350;

export function FilterFlyout({ fields, filters, onChange, isOpen, onOpenChange }: Props) {
  const [draft, setDraft] = useState(() => groupsOf(filters));
  const key = JSON.stringify(filters);
  const applied = JSON.stringify(finished(filtersOf(draft)));
  const count = ruleCount(filters);

  // What came from elsewhere (a column's menu, another view) replaces what is being built; what was built here and
  // comes back does not, or rules that are not finished yet would go.
  const handedOn = useRef(key);
  useEffect(() => {
    if (key === handedOn.current) return;
    handedOn.current = key;
    setDraft(groupsOf(JSON.parse(key) as Filters));
  }, [key]);
  useEffect(() => {
    if (applied === JSON.stringify(finished(JSON.parse(key) as Filters))) return;
    const timer = setTimeout(() => {
      handedOn.current = applied;
      onChange(JSON.parse(applied) as Filters);
    }, TYPING_MS);
    return () => clearTimeout(timer);
    // `key` and `onChange` change as a result, and would start the wait anew.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [applied]);

  const first = fields[0];
  const groups = draft.length > 0 ? draft : first ? [[]] : [];
  const put = (at: number, group: FilterRule[]) => {
    const next = groups.map((each, index) => (index === at ? group : each));
    setDraft(next.length > 1 ? next.filter((each) => each.length > 0) : next);
  };

  return (
    <Flyout
      label="Filters"
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      width={560}
      trigger={<Button look="quiet" size="small" icon={ListFilter} data-on={count > 0 || undefined} className={styles.tool}>{count > 0 ? `Filter ${count}` : "Filter"}</Button>}
    >
      <div className={styles.groups}>
        {groups.map((group, at) => (
          <div key={at} className={styles.group}>
            {at > 0 && <span className={styles.or}>or</span>}
            {group.map((rule, index) => (
              <Rule
                key={index}
                word={index === 0 ? "Where" : "and"}
                rule={rule}
                fields={fields}
                onChange={(next) => put(at, group.map((each, place) => (place === index ? next : each)))}
                onRemove={() => put(at, group.filter((_, place) => place !== index))}
              />
            ))}
            {group.length === 0 && <p className="muted">All rows are shown. Add a rule to show only some.</p>}
            {first && <Button look="quiet" size="small" icon={Plus} onClick={() => put(at, [...group, newRule(first)])}>{group.length === 0 ? "Add a rule" : "And"}</Button>}
          </div>
        ))}
      </div>
      {groups.some((group) => group.length > 0) && (
        <div className={styles.flyoutFoot}>
          {first && <Button look="quiet" size="small" icon={Plus} onClick={() => setDraft([...groups, [newRule(first)]])}>Or another group</Button>}
          {count > 0 && <Button look="quiet" size="small" icon={Trash2} onClick={() => setDraft([])}>Clear all</Button>}
        </div>
      )}
    </Flyout>
  );
}

interface RuleProps {
  word: string;
  rule: FilterRule;
  fields: readonly Field[];
  onChange: (rule: FilterRule) => void;
  onRemove: () => void;
}

function Rule({ word, rule, fields, onChange, onRemove }: RuleProps) {
  const field = fields.find((each) => each.id === rule.field);
  const choices = [...(field ? [] : [{ value: rule.field, label: "A deleted column" }]), ...fields.map((each) => ({ value: each.id, label: each.name }))];
  function choose(id: string) {
    const next = fields.find((each) => each.id === id);
    if (next) onChange(opsFor(next).includes(rule.op) ? { ...rule, field: id } : newRule(next));
  }
  return (
    <div className={styles.rule}>
      <span className={styles.word}>{word}</span>
      <SelectField name="Column" size="small" value={rule.field} onChange={choose} options={choices} />
      {field && (
        <SelectField
          name="Comparison"
          size="small"
          value={rule.op}
          onChange={(op) => onChange({ ...rule, op: op as FilterOp, value: op === "state_is" ? "failed" : rule.op === "state_is" ? "" : rule.value })}
          options={opsFor(field).map((op) => ({ value: op, label: opWords(op, field) }))}
        />
      )}
      {field && takesValue(rule.op) ? <RuleValue field={field} rule={rule} onChange={(value) => onChange({ ...rule, value })} /> : <span />}
      <Button look="quiet" size="small" icon={X} aria-label="Remove the rule" onClick={onRemove} />
    </div>
  );
}

function RuleValue({ field, rule, onChange }: { field: Field; rule: FilterRule; onChange: (value: Json) => void }) {
  if (rule.op === "state_is") {
    return <SelectField name="State" size="small" value={String(rule.value ?? "")} onChange={onChange} options={CELL_STATES.filter((state) => state in STATES).map((state) => ({ value: state, label: lookOf(state).word }))} />;
  }
  if (field.kind === "boolean") {
    return <SelectField name="Value" size="small" value={String(rule.value ?? "")} placeholder="Choose" onChange={(text) => onChange(text === "" ? "" : text === "true")} options={[{ value: "true", label: "Yes" }, { value: "false", label: "No" }]} />;
  }
  const isNumber = field.storage === "number";
  return (
    <TextField
      name="Value"
      type={field.storage === "timestamp" ? "date" : "text"}
      inputMode={isNumber ? "decimal" : undefined}
      placeholder={isNumber ? "Number" : "Text"}
      value={rule.value === null || rule.value === undefined ? "" : String(rule.value)}
      onChange={(text) => onChange(isNumber && text !== "" && Number.isFinite(Number(text)) && !text.endsWith(".") ? Number(text) : text)}
    />
  );
}
