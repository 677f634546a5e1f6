// The first stage of an onboarding: the client's answers, its materials, and whom not to call.
import { useMutation } from "@tanstack/react-query";
import { FileText, Plus, Upload, X } from "lucide-react";
import { useRef, useState } from "react";
import { api } from "../../api/client";
import { queryClient } from "../../api/queries";
import type { ClientIntake, JsonObject, ResearchClient } from "../../api/types";
import { Button } from "../../shared/Button";
import { TextArea, TextField } from "../../shared/Field";
import { count } from "../../shared/format";
import { Panel } from "../../shared/Panel";
import { InlineError } from "../../shared/Placeholder";
import { toastError } from "../../shared/Toast";
import { Lines } from "./ConfigForm";
import { FieldList } from "./FieldList";
import { asIntake, QUESTIONS, type Material } from "./intake";
import styles from "./Brief.module.css";

const MOST_CHARACTERS = 200_000;

export function IntakeStage({ client, onBegun }: { client: ResearchClient; onBegun: (intake: ClientIntake) => void }) {
  const [answers, setAnswers] = useState<JsonObject>({});
  const [materials, setMaterials] = useState<Material[]>([]);
  const [doNotCall, setDoNotCall] = useState<string[]>([]);
  const intake = asIntake(answers, doNotCall);
  const begin = useMutation({
    mutationFn: () => api.post<ClientIntake>(`/v2/clients/${client.id}/onboardings`, { intake, materials: materials.filter((each) => each.text.trim()) }),
    onSuccess: (made) => {
      void queryClient.invalidateQueries({ queryKey: ["research-client", client.id] });
      onBegun(made);
    },
  });
  return (
    <>
      <Panel title="What the client says" hint="Answer what is known; nothing is needed. The answers are kept as they are given.">
        <FieldList fields={QUESTIONS} value={answers} onChange={setAnswers} />
      </Panel>
      <Materials materials={materials} onChange={setMaterials} />
      <Panel title="Do not call" hint="Companies or domains this client wants left alone. They count from now on, whatever becomes of the rest.">
        <Lines label="One a line" hint="A name or a domain." rows={4} lines={doNotCall} onChange={setDoNotCall} />
      </Panel>
      <InlineError error={begin.error} />
      <div className={styles.buttons}>
        <Button look="primary" disabled={Object.keys(intake).length === 0} isBusy={begin.isPending} onClick={() => begin.mutate()}>
          Keep the intake and go on
        </Button>
      </div>
    </>
  );
}

function Materials({ materials, onChange }: { materials: Material[]; onChange: (materials: Material[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const change = (index: number, part: Partial<Material>) => onChange(materials.map((each, place) => (place === index ? { ...each, ...part } : each)));
  async function take(files: FileList | null) {
    const read: Material[] = [];
    for (const file of files ?? []) {
      const text = await file.text();
      if (text.includes("\u0000")) toastError(`read ${file.name}`, new Error("It is no text file. Copy its text and paste it instead."));
      else if (text.length > MOST_CHARACTERS) toastError(`read ${file.name}`, new Error(`It has ${count(text.length)} characters; ${count(MOST_CHARACTERS)} are the most. Paste the part that matters.`));
      else read.push({ title: file.name, text });
    }
    onChange([...materials, ...read]);
  }
  return (
    <Panel
      title="Materials"
      hint="Call transcripts, brochures, lists: their text. It is read as data and never followed as an instruction."
      actions={
        <>
          <input ref={input} type="file" hidden multiple accept=".txt,.md,.csv,.json,text/*" onChange={(event) => void take(event.target.files)} />
          <Button size="small" icon={Upload} onClick={() => input.current?.click()}>
            Add text files
          </Button>
          <Button size="small" icon={Plus} onClick={() => onChange([...materials, { title: "", text: "" }])}>
            Paste a text
          </Button>
        </>
      }
    >
      {materials.length === 0 ? (
        <p className="muted">
          <FileText size={14} aria-hidden style={{ display: "inline", verticalAlign: -2 }} /> None yet. An intake works without any.
        </p>
      ) : (
        <div className={styles.materials}>
          {materials.map((material, index) => (
            <div key={index} className={styles.material}>
              <TextField name={`Title of material ${index + 1}`} placeholder="Title, such as Call of 3 March" value={material.title} onChange={(title) => change(index, { title })} />
              <Button look="quiet" icon={X} aria-label={`Remove material ${index + 1}`} onClick={() => onChange(materials.filter((_, place) => place !== index))} />
              <TextArea className={styles.full} name={`Text of material ${index + 1}`} rows={4} maxLength={MOST_CHARACTERS} value={material.text} onChange={(text) => change(index, { text })} />
            </div>
          ))}
        </div>
      )}
    </Panel>
  );
}
