// A new prompt: its key, where it belongs, and the first version of its text.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import { promptChanged } from "../../api/promptQueries";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { Button } from "../../shared/Button";
import { CodeEditor } from "../../shared/CodeEditor";
import { Drawer } from "../../shared/Dialog";
import { CheckboxField, Labelled, SelectField, TextField } from "../../shared/Field";
import { words } from "../../shared/format";
import { InlineError } from "../../shared/Placeholder";
import styles from "./Prompts.module.css";

const OWN = "own";

export function NewPrompt({ clientId, stages, onClose }: { clientId: string; stages: string[]; onClose: () => void }) {
  const [name, setName] = useState("");
  const [key, setKey] = useState<string | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [ownStage, setOwnStage] = useState("");
  const [text, setText] = useState("");
  const [isFragment, setIsFragment] = useState(false);
  const go = useGo();
  // The list may come in after this is opened.
  const stage = chosen ?? stages[0] ?? OWN;
  const shownKey = key ?? name.toLowerCase().replace(/[^a-z0-9.]+/g, "-").replace(/^-+|-+$/g, "");
  const make = useMutation({
    mutationFn: () => api.post("/v2/prompts", { key: shownKey, name, stage: stage === OWN ? ownStage : stage, text, is_fragment: isFragment }),
    onSuccess: (made) => {
      promptChanged(made.key);
      go(paths.prompt(clientId, made.key));
    },
  });
  const isReady = name.trim() && shownKey && text.trim() && (stage !== OWN || ownStage.trim());
  const footer = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button look="primary" disabled={!isReady} isBusy={make.isPending} onClick={() => make.mutate()}>
        Make the prompt
      </Button>
    </>
  );
  return (
    <Drawer isOpen onClose={onClose} title="New prompt" footer={footer} width={640}>
      <div className={styles.form}>
        <TextField label="Name" value={name} onChange={setName} placeholder="Reply checker" />
        <TextField label="Key" isMono value={shownKey} onChange={setKey} hint="Steps, columns and files name the prompt by it. It stays the same." />
        <SelectField label="Stage" value={stage} onChange={setChosen} options={[...stages.map((each) => ({ value: each, label: words(each.toLowerCase()) })), { value: OWN, label: "Another stage" }]} />
        {stage === OWN && <TextField label="Name of the stage" value={ownStage} onChange={setOwnStage} placeholder="FINAL" />}
        <Labelled label="Text" hint="Write {{name}} for a variable, {{#if name}} … {{/if}} for a part that needs one, {{> key}} for another prompt.">
          <CodeEditor mode="template" label="Text of the prompt" value={text} onChange={setText} minHeight={240} />
        </Labelled>
        <CheckboxField label="Only a part of other prompts" hint="It is not asked by itself; others take it in with {{> key}}." isOn={isFragment} onChange={setIsFragment} />
        <InlineError error={make.error} />
      </div>
    </Drawer>
  );
}
