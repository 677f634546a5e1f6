// The form a workflow asks for: files by drop or choice, texts, and which column is meant where one is missing.
import { Play } from "lucide-react";
import { useSyncExternalStore } from "react";
import type { WorkflowField, WorkflowVersion } from "../../api/workflowTypes";
import { onPhase, phase } from "../../python/door";
import { Button } from "../../shared/Button";
import { TextArea, TextField } from "../../shared/Field";
import { Panel } from "../../shared/Panel";
import { ColumnMatch } from "./ColumnMatch";
import { FileField } from "./FileField";
import { isFileField, isRequired, problemOfField } from "./inputs";
import type { Matches } from "./useMatches";
import type { Runner } from "./useRunner";
import styles from "./Run.module.css";

interface Props {
  version: WorkflowVersion;
  runner: Runner;
  matches: Matches;
}

export function RunForm({ version, runner, matches }: Props) {
  const fields = version.fields ?? [];
  const isLocal = version.execution?.engine === "local";
  const isRunning = runner.going.state === "running";
  const problem = problemNow();

  function problemNow(): string | null {
    for (const field of fields) {
      const wrong = problemOfField(field, runner.files[field.id] ?? [], runner.values[field.id] ?? "");
      if (wrong) return wrong;
    }
    return matches.open === null ? null : `Say which column is meant by “${matches.open}”.`;
  }

  return (
    <Panel
      title="Files and settings"
      hint={isLocal ? "Fill this in to see the command with your own files in it." : `Version ${version.version}, approved. Everything stays in this browser.`}
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (problem === null && !matches.isReading && !isRunning && !isLocal) runner.start(matches.mapping);
        }}
      >
        {fields.map((field) => (
          <div key={field.id} className={styles.field}>
            <OneField field={field} runner={runner} isDisabled={isRunning} />
            {matches.all.filter((match) => match.field.id === field.id).map((match) => (
              <ColumnMatch key={field.id} {...match} isDisabled={isRunning} onChange={(chosen) => runner.setMapping({ ...runner.mapping, [field.id]: { ...runner.mapping[field.id], ...chosen } })} />
            ))}
          </div>
        ))}
        {fields.length === 0 && <p className="muted">This workflow asks for nothing.</p>}
        {!isLocal && (
          <div className={styles.go}>
            <Button look="primary" type="submit" icon={Play} isBusy={matches.isReading || isRunning} disabled={problem !== null || runner.newer !== null}>Run</Button>
            <span className="muted" role="status">{isRunning ? "" : problem ?? <PythonPhase />}</span>
          </div>
        )}
      </form>
    </Panel>
  );
}

function OneField({ field, runner, isDisabled }: { field: WorkflowField; runner: Runner; isDisabled: boolean }) {
  if (isFileField(field)) return <FileField field={field} files={runner.files[field.id] ?? []} isDisabled={isDisabled} onChange={(files) => runner.setFiles(field.id, files)} />;
  const shared = {
    label: field.label,
    aside: isRequired(field) ? undefined : "optional",
    placeholder: field.placeholder ?? undefined,
    value: runner.values[field.id] ?? "",
    disabled: isDisabled,
    maxLength: 20_000,
    onChange: (value: string) => runner.setValue(field.id, value),
  };
  return field.type === "text_area" ? <TextArea {...shared} rows={4} /> : <TextField {...shared} />;
}

/** Python takes some seconds to start; it does so as soon as the form is open. */
function PythonPhase() {
  const now = useSyncExternalStore(onPhase, phase);
  if (now === "loading") return "Python is starting; you can press Run already.";
  if (now === "failed") return "Python did not start in this browser. Reload, or use the command below.";
  return "";
}
