// Pointing a label at a version: an open one moves at once, a protected one is asked for and shows its gate.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import { promptAddress, promptChanged } from "../../api/promptQueries";
import type { Label, Move, Prompt } from "../../api/promptTypes";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { SelectField, TextField } from "../../shared/Field";
import { Panel } from "../../shared/Panel";
import { InlineError } from "../../shared/Placeholder";
import { toast } from "../../shared/Toast";
import { GateCard } from "./GateCard";
import styles from "./Labels.module.css";

const OWN = "";

interface Props {
  clientId: string;
  prompt: Prompt;
  labels: Label[];
  /** Moves that were asked for and not decided. */
  waiting: Move[];
}

export function MoveLabel({ clientId, prompt, labels, waiting }: Props) {
  const [version, setVersion] = useUrlState("to", String(prompt.current_version));
  const [chosen, setChosen] = useState("production");
  const [own, setOwn] = useState("");
  const [note, setNote] = useState("");
  const name = chosen === OWN ? own.trim() : chosen;
  const label = labels.find((each) => each.name === name);
  // Production is protected before it first points anywhere; the server says the same.
  const isProtected = label ? label.is_protected : name === "production";
  const isThere = label?.number === Number(version);
  const isAsked = waiting.some((each) => each.label === name && each.number === Number(version));
  const move = useMutation({
    mutationFn: () => api.put<Move>(`${promptAddress(prompt.key)}/labels/${encodeURIComponent(name)}`, { version: Number(version), note }),
    onSuccess: (asked) => {
      promptChanged(prompt.key);
      setNote("");
      if (asked.state === "moved") toast({ tone: "done", title: `${name} points at version ${version}` });
    },
  });
  const names = [...new Set(["production", "staging", ...labels.map((each) => each.name)])];
  return (
    <Panel title="Move a label">
      <div className={styles.form}>
        <div className={styles.two}>
          <SelectField label="Label" value={chosen} onChange={setChosen} placeholder="Another label" options={names.map((each) => ({ value: each, label: each }))} />
          <SelectField label="To" value={version} onChange={setVersion} options={prompt.versions.map((each) => ({ value: String(each.number), label: `Version ${each.number}${each.notes ? `: ${each.notes}` : ""}` }))} />
        </div>
        {chosen === OWN && <TextField label="Name of the label" isMono value={own} onChange={setOwn} placeholder="client-a" />}
        {isProtected && !isThere && !isAsked && <GateCard clientId={clientId} prompt={prompt} number={Number(version)} label={name} />}
        <TextField label="Why" value={note} onChange={setNote} placeholder="What is better about it" />
        <InlineError error={move.error} />
        <div>
          <Button look="primary" disabled={!name || isThere || isAsked} isBusy={move.isPending} onClick={() => move.mutate()}>
            {isThere ? `${name} is there already` : isAsked ? "Asked for, waits above" : isProtected ? `Ask to move ${name}` : `Move ${name || "it"}`}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
