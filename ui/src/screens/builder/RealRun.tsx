// The person's yes or no to a run on their own files: which file goes where, what came of it, what of a failure may leave.
import { CircleStop, Play, Plus, Send, ShieldCheck } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import type { Workflow, WorkflowField, WorkflowVersion } from "../../api/workflowTypes";
import { Button } from "../../shared/Button";
import { CheckboxField, SelectField, TextArea, TextField } from "../../shared/Field";
import { Notice, Panel } from "../../shared/Panel";
import { InlineError } from "../../shared/Placeholder";
import { keptNames } from "../../shared/keptNames";
import { toastError } from "../../shared/Toast";
import { accepts, isFileField, problemOfField } from "../workflows/inputs";
import { deskOf, usePicked, useSlots } from "./desk";
import { fit } from "./fitting";
import { ownFiles, renamesFor, type OwnFile } from "./ownFiles";
import { OutcomeView } from "./OutcomeView";
import { TrialProgress } from "./TrialProgress";
import { cancelTrial, tellFailure, tryReal, useTrial } from "./trials";
import styles from "./Workflow.module.css";

interface Props {
  workflow: Workflow;
  version: WorkflowVersion;
  isTested: boolean;
}

export function RealRun({ workflow, version, isTested }: Props) {
  const desk = deskOf(workflow.id);
  const slots = useSlots(desk);
  const picked = usePicked(desk);
  const kept = useMemo(() => keptNames(workflow.id), [workflow.id]);
  const [changed, setChanged] = useState<Record<string, number[]>>({});
  const [values, setValues] = useState<Record<string, string>>({});
  const [isSending, setIsSending] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const trial = useTrial(version, "real");
  const own = useMemo(() => ownFiles(slots, picked, kept), [slots, picked, kept]);
  const fields = version.fields ?? [];
  const chosen = { ...fit(fields, own.map((each) => each.file), version.file_extracts), ...changed };
  if (version.execution?.engine !== "pyodide") return null;

  const filesOf = (field: WorkflowField) => (chosen[field.id] ?? []).map((at) => own[at]).filter((each) => each !== undefined);
  const problem = fields.map((field) => problemOfField(field, filesOf(field).map((each) => each.file), values[field.id] ?? "")).find((each) => each !== null) ?? null;
  const isGoing = trial !== null && (trial.phase === "making" || trial.phase === "running");

  function start() {
    const uploads = fields.filter(isFileField);
    const files = Object.fromEntries(uploads.map((field) => [field.id, filesOf(field).map((each) => each.file)]));
    const texts = Object.fromEntries(fields.filter((field) => !isFileField(field)).map((field) => [field.id, values[field.id] ?? ""]));
    const renames = Object.fromEntries(uploads.map((field) => [field.id, renamesFor(filesOf(field))]).filter(([, names]) => Object.keys(names as object).length > 0));
    void tryReal(workflow, version, files, texts, renames as Record<string, Record<string, string>>);
  }

  async function send() {
    setIsSending(true);
    try {
      await tellFailure(workflow, version);
    } catch (error) {
      toastError("send the masked error", error);
    } finally {
      setIsSending(false);
    }
  }

  return (
    <Panel
      title="Run on your own files"
      hint="They stay on this machine. What is noted at the server: whether it worked, the time it took, how many rows went in and came out."
      actions={
        isGoing ? (
          <Button icon={CircleStop} onClick={() => cancelTrial(version, "real")}>
            Stop
          </Button>
        ) : (
          <Button look={isTested && !trial ? "primary" : "plain"} icon={Play} disabled={problem !== null} onClick={start}>
            {trial ? "Run again" : "Run on my files"}
          </Button>
        )
      }
    >
      <div className={styles.stack}>
        <input
          ref={input}
          type="file"
          multiple
          hidden
          aria-label="Your own files"
          onChange={(event) => {
            const files = [...(event.target.files ?? [])];
            event.target.value = "";
            setChanged({});
            desk.pick(files);
          }}
        />
        <div className={styles.fields}>
          {fields.map((field) =>
            isFileField(field) ? (
              <FileChoice key={field.id} field={field} own={own} chosen={chosen[field.id] ?? []} onChange={(at) => setChanged({ ...changed, [field.id]: at })} />
            ) : field.type === "text_area" ? (
              <TextArea key={field.id} label={field.label} placeholder={field.placeholder ?? undefined} value={values[field.id] ?? ""} onChange={(value) => setValues({ ...values, [field.id]: value })} />
            ) : (
              <TextField key={field.id} label={field.label} placeholder={field.placeholder ?? undefined} value={values[field.id] ?? ""} onChange={(value) => setValues({ ...values, [field.id]: value })} />
            ),
          )}
        </div>
        <div className={styles.row}>
          <Button size="small" icon={Plus} onClick={() => input.current?.click()}>
            {own.length === 0 ? "Choose your files" : "Add a file"}
          </Button>
          {own.length === 0 ? <span className="muted">This tab no longer has the files; a page never keeps them.</span> : problem && <span className="muted">{problem}</span>}
        </div>
        {own.some((each) => each.isChanged) && (
          <Notice tone="attention">
            {own.filter((each) => each.isChanged).map((each) => `“${each.realName}”`).join(", ")} changed since its extract was approved. The run reads it as it is now; if its columns changed, begin a new workflow with it.
          </Notice>
        )}
        {isGoing && <TrialProgress trial={trial} label="Running on your own files" />}
        {trial?.outcome && <OutcomeView outcome={trial.outcome} kind="real" />}
        {trial?.phase === "stopped" && <Notice icon={<CircleStop size={16} aria-hidden />}>You stopped the run. Nothing was sent.</Notice>}
        {trial?.error && <InlineError error={new Error(trial.error)} />}
        {trial?.outcome && !trial.outcome.success && version.status === "pending_user_approval" && (
          <div className={styles.row}>
            <Button icon={Send} look="primary" isBusy={isSending} disabled={trial.isTold || version.repairs_left === 0} onClick={() => void send()}>
              {trial.isTold ? "Sent to the builder" : "Send the masked error to the builder"}
            </Button>
            <span className="muted">
              <ShieldCheck size={14} aria-hidden className={styles.inline} /> {version.repairs_left === 0 ? "No repair is left. Say at the left what should be different." : `${version.repairs_left} of 3 repairs left. Nothing else of the error leaves.`}
            </span>
          </div>
        )}
      </div>
    </Panel>
  );
}

interface ChoiceProps {
  field: WorkflowField;
  own: OwnFile[];
  chosen: number[];
  onChange: (chosen: number[]) => void;
}

function FileChoice({ field, own, chosen, onChange }: ChoiceProps) {
  const open = own.map((_, at) => at).filter((at) => accepts(field, own[at]!.file));
  if (field.type === "file_upload") {
    return (
      <SelectField
        label={field.label}
        value={chosen[0] === undefined ? "" : String(chosen[0])}
        placeholder="Choose a file"
        onChange={(value) => onChange(value === "" ? [] : [Number(value)])}
        options={open.map((at) => ({ value: String(at), label: own[at]!.realName }))}
      />
    );
  }
  return (
    <fieldset className={styles.choices}>
      <legend>{field.label}</legend>
      {open.map((at) => (
        <CheckboxField key={at} label={own[at]!.realName} isOn={chosen.includes(at)} onChange={(isOn) => onChange(isOn ? [...chosen, at].sort((a, b) => a - b) : chosen.filter((each) => each !== at))} />
      ))}
      {open.length === 0 && <p className="muted">No file that fits is here yet.</p>}
    </fieldset>
  );
}
