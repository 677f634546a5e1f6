// The variables a version takes: which it must have, what each holds, which it does not use.
import { Plus, X } from "lucide-react";
import type { PromptInput } from "../../api/promptTypes";
import { Button } from "../../shared/Button";
import { CheckboxField, TextField } from "../../shared/Field";
import styles from "./Edit.module.css";

interface Props {
  inputs: PromptInput[];
  /** The variables the text names. */
  named: string[];
  unused: string[];
  isReadOnly: boolean;
  onChange: (inputs: PromptInput[]) => void;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,79}$/;

export function InputsPanel({ inputs, named, unused, isReadOnly, onChange }: Props) {
  const set = (at: number, part: Partial<PromptInput>) => onChange(inputs.map((each, index) => (index === at ? { ...each, ...part } : each)));
  const add = !isReadOnly && (
    <Button size="small" icon={Plus} onClick={() => onChange([...inputs, { name: nextName(inputs), description: "", is_required: true }])}>
      Add input
    </Button>
  );
  return (
    <div className={styles.fields}>
      {inputs.length === 0 && <p className={styles.hint}>It takes whatever the text names. List them here to have a misspelt one refused.</p>}
      {inputs.length === 0 ? (
        <p className={styles.named}>{named.length > 0 ? named.map((name) => <code key={name}>{name}</code>) : <span className="muted">The text names no variable.</span>}</p>
      ) : (
        <ul className={styles.inputs}>
          {inputs.map((input, index) => (
            <li key={index}>
              {isReadOnly ? (
                <Shown input={input} />
              ) : (
                <>
                  <div className={styles.input}>
                    <TextField name="Name of the input" isMono value={input.name} onChange={(name) => set(index, { name })} error={NAME.test(input.name) ? null : "Letters, digits, _ . and -"} />
                    <CheckboxField label="Required" isOn={input.is_required} onChange={(required) => set(index, { is_required: required })} />
                    <Button look="quiet" size="small" icon={X} aria-label={`Remove ${input.name}`} onClick={() => onChange(inputs.filter((_, at) => at !== index))} />
                  </div>
                  <TextField name={`What ${input.name} holds`} placeholder="What it holds" value={input.description} onChange={(description) => set(index, { description })} />
                </>
              )}
              {unused.includes(input.name) && <small className={styles.unused}>The text does not name it.</small>}
            </li>
          ))}
        </ul>
      )}
      {add && <div>{add}</div>}
    </div>
  );
}

function Shown({ input }: { input: PromptInput }) {
  return (
    <div>
      <code>{input.name}</code> {!input.is_required && <small className="muted">optional</small>}
      {input.description && <p className="muted">{input.description}</p>}
    </div>
  );
}

function nextName(inputs: PromptInput[]): string {
  const taken = new Set(inputs.map((each) => each.name));
  let number = 1;
  while (taken.has(`input_${number}`)) number += 1;
  return `input_${number}`;
}
