// An ICP rubric: weighted rules that give each row a score, a tier and a reason per rule.
import { Plus, X } from "lucide-react";
import { useState } from "react";
import type { Json } from "../api/types";
import { Button } from "../shared/Button";
import { CheckboxField, Labelled, SelectField, TextField } from "../shared/Field";
import type { EditorProps } from "./AiEditor";
import { named, rulesOf, type RubricRule, type RuleOp } from "./answer";
import styles from "./columns.module.css";

const OPS: { value: RuleOp; label: string }[] = [
  { value: "at_least", label: "is at least" },
  { value: "at_most", label: "is at most" },
  { value: "in_range", label: "is between" },
  { value: "contains_word", label: "contains a word" },
  { value: "equals", label: "equals" },
  { value: "is_filled", label: "is filled" },
];

const NUMBERS_OF: Partial<Record<RuleOp, number>> = { at_least: 1, at_most: 1, in_range: 2 };

export function RubricEditor({ column, names, onChange }: EditorProps) {
  const rules = rulesOf(column);
  const set = (next: RubricRule[]) => onChange({ settings: { ...column.settings, rules: next as unknown as Json } });
  const total = [...new Map(rules.filter((rule) => !rule.disqualifies).map((rule) => [rule.label, Math.max(...rules.filter((each) => each.label === rule.label && !each.disqualifies).map((each) => each.weight))])).values()].reduce((sum, weight) => sum + weight, 0);
  return (
    <Labelled
      label="Rules"
      aside={`${total} points in all`}
      hint="Rules with the same name are grades of one criterion: the best that holds counts. What a row does not tell counts neither way. The score is the share of the known points, from 0 to 100."
    >
      <div className={styles.list}>
        {rules.map((rule, index) => (
          <RuleRow
            key={index}
            rule={rule}
            names={names}
            isOnly={rules.length === 1}
            onChange={(part) => set(rules.map((each, at) => (at === index ? { ...each, ...part } : each)))}
            onRemove={() => set(rules.filter((_, at) => at !== index))}
          />
        ))}
        <div>
          <Button size="small" icon={Plus} onClick={() => set([...rules, { label: "", field: "", op: "is_filled", values: [], weight: 10 }])}>
            Add rule
          </Button>
        </div>
      </div>
    </Labelled>
  );
}

interface RowProps {
  rule: RubricRule;
  names: string[];
  isOnly: boolean;
  onChange: (part: Partial<RubricRule>) => void;
  onRemove: () => void;
}

function RuleRow({ rule, names, isOnly, onChange, onRemove }: RowProps) {
  const numbers = NUMBERS_OF[rule.op];
  function pickOp(op: string) {
    const next = op as RuleOp;
    const wanted = NUMBERS_OF[next];
    const kept = rule.values.filter((value) => (wanted ? typeof value === "number" : typeof value === "string"));
    onChange({ op: next, values: next === "is_filled" ? [] : wanted ? [...kept, null, null].slice(0, wanted) : kept });
  }
  return (
    <div className={styles.rule}>
      <TextField name="Criterion" placeholder="Criterion" value={rule.label} onChange={(label) => onChange({ label })} />
      <SelectField
        name="Column"
        value={named(rule.field)}
        onChange={(column) => onChange({ field: `{{${column}}}`, label: rule.label || column })}
        placeholder="Column"
        options={names.map((name) => ({ value: name, label: name }))}
      />
      <SelectField name="Test" value={rule.op} onChange={pickOp} options={OPS} />
      <span className={styles.bounds}>
        {numbers && Array.from({ length: numbers }, (_, at) => (
          <Bound key={at} name={numbers === 2 ? (at === 0 ? "From" : "To") : "Bound"} value={rule.values[at] as number | null} onChange={(value) => onChange({ values: Array.from({ length: numbers }, (_each, index) => (index === at ? value : (rule.values[index] ?? null))) })} />
        ))}
        {(rule.op === "contains_word" || rule.op === "equals") && <Words values={rule.values} onChange={(values) => onChange({ values })} />}
      </span>
      {rule.disqualifies ? <span className="muted">rules out</span> : <Bound name="Points" value={rule.weight} suffix="points" onChange={(weight) => onChange({ weight: weight ?? 0 })} />}
      <CheckboxField label={<span className={styles.small}>Rules out</span>} isOn={rule.disqualifies === true} onChange={(disqualifies) => onChange({ disqualifies })} />
      <Button look="quiet" icon={X} aria-label={`Remove ${rule.label || "the rule"}`} disabled={isOnly} onClick={onRemove} />
    </div>
  );
}

/** A number, grouped from 10,000 so that a year stays a year; it keeps what is being typed, "1." or "1,0" too. */
function Bound({ name, value, suffix, onChange }: { name: string; value: number | null | undefined; suffix?: string; onChange: (value: number | null) => void }) {
  const [text, setText] = useState<string | null>(null);
  const shown = text ?? (value === null || value === undefined ? "" : value.toLocaleString("en-US", { maximumFractionDigits: 6, useGrouping: Math.abs(value) >= 10_000 }));
  function take(next: string) {
    const cleaned = next.replace(/[,\s]/g, "");
    if (!/^-?\d*\.?\d*$/.test(cleaned)) return;
    setText(next);
    onChange(cleaned === "" || cleaned === "-" || cleaned === "." ? null : Number(cleaned));
  }
  return <TextField name={name} placeholder={name} inputMode="decimal" value={shown} suffix={suffix && <span className={styles.small}>{suffix}</span>} onChange={take} onBlur={() => setText(null)} />;
}

function Words({ values, onChange }: { values: RubricRule["values"]; onChange: (values: string[]) => void }) {
  const [text, setText] = useState<string | null>(null);
  return (
    <TextField
      name="Words, separated by commas"
      placeholder="software, internet"
      value={text ?? values.join(", ")}
      onChange={(next) => {
        setText(next);
        onChange(next.split(",").map((word) => word.trim()).filter(Boolean));
      }}
      onBlur={() => setText(null)}
    />
  );
}
