// An input written by hand: one box for each variable the prompt takes.
import { useState } from "react";
import type { Content, Variables } from "../../api/promptTypes";
import type { Json } from "../../api/types";
import { Button, type ButtonProps } from "../../shared/Button";
import { Drawer } from "../../shared/Dialog";
import { TextArea, TextField } from "../../shared/Field";
import { InlineError, EmptyState } from "../../shared/Placeholder";
import { wantedInputs } from "./draft";
import styles from "./Prompts.module.css";

interface Props {
  title: string;
  content: Content;
  initial: Variables;
  confirm: string;
  price?: ButtonProps["priceMicroUsd"];
  /** Asks for a name too. */
  isNamed?: boolean;
  isBusy: boolean;
  error: unknown;
  onClose: () => void;
  onGive: (variables: Variables, name: string) => void;
}

export function NewInput({ title, content, initial, confirm, price, isNamed, isBusy, error, onClose, onGive }: Props) {
  const wanted = wantedInputs(content);
  const others = Object.keys(initial).filter((name) => !wanted.some((each) => each.name === name));
  const [texts, setTexts] = useState<Record<string, string>>(() => Object.fromEntries(Object.entries(initial).map(([name, value]) => [name, written(value)])));
  const [name, setName] = useState("");
  const lacking = wanted.filter((each) => each.is_required && !texts[each.name]?.trim());
  const give = () => onGive(Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== "").map(([each, text]) => [each, read(text)])), name);
  const footer = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button look="primary" isBusy={isBusy} disabled={lacking.length > 0 || (isNamed && !name.trim())} priceMicroUsd={price} onClick={give}>
        {confirm}
      </Button>
    </>
  );
  return (
    <Drawer isOpen onClose={onClose} title={title} subtitle="Text as it is; an object or list as JSON." footer={footer} width={600}>
      <div className={styles.form}>
        {isNamed && <TextField label="Name" value={name} onChange={setName} placeholder="A plant with two owners" />}
        {wanted.map((each) => (
          <TextArea
            key={each.name}
            label={<code>{each.name}</code>}
            aside={each.is_required ? "required" : "optional"}
            hint={each.description}
            rows={rowsFor(texts[each.name] ?? "")}
            value={texts[each.name] ?? ""}
            onChange={(text) => setTexts({ ...texts, [each.name]: text })}
          />
        ))}
        {wanted.length === 0 && <EmptyState size="panel" title="It takes no variables">The text names none, so it is sent as it is.</EmptyState>}
        {others.length > 0 && <p className="muted">Also in the input, and not named by the prompt: {others.join(", ")}.</p>}
        {lacking.length > 0 && <p className="muted">Still missing: {lacking.map((each) => each.name).join(", ")}.</p>}
        <InlineError error={error} />
      </div>
    </Drawer>
  );
}

function written(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

/** JSON where it is an object or a list; anything else is text, so that "42" stays what was typed. */
function read(text: string): Json {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function rowsFor(text: string): number {
  return Math.min(12, Math.max(2, text.split("\n").length));
}
