// The test that is made by itself: the script runs on files invented from the extracts, here in the sandbox.
import { CircleStop, RotateCw, Terminal } from "lucide-react";
import type { Workflow, WorkflowVersion } from "../../api/workflowTypes";
import { Button } from "../../shared/Button";
import { CopyButton } from "../../shared/Copy";
import { Notice, Panel } from "../../shared/Panel";
import { InlineError } from "../../shared/Placeholder";
import { isFileField } from "../workflows/inputs";
import { OutcomeView } from "./OutcomeView";
import { StepList } from "./StepList";
import { hasBeenTested, isGoing, stepsOf } from "./steps";
import { TrialProgress } from "./TrialProgress";
import { cancelTrial, trySynthetic, type Trial } from "./trials";
import styles from "./Workflow.module.css";

interface Props {
  workflow: Workflow;
  version: WorkflowVersion;
  trial: Trial | null;
  mayWrite: boolean;
}

export function AutoTest({ workflow, version, trial, mayWrite }: Props) {
  const isLocal = version.execution?.engine === "local";
  const going = isGoing(trial);
  const mayTest = mayWrite && !isLocal && version.status === "pending_user_approval";
  const hasPassed = version.tests.some((test) => test.result === "passed" && test.script_sha256 === version.script_sha256);
  // A test made in another tab, or before this page was loaded, left its figures at the server and its files nowhere.
  const hasFiguresOnly = mayTest && !going && !trial?.outcome && hasBeenTested(version);
  const again = (
    <Button size="small" icon={RotateCw} onClick={() => void trySynthetic(workflow, version, true)}>
      Test again
    </Button>
  );
  const stop = (
    <Button size="small" icon={CircleStop} onClick={() => cancelTrial(version, "synthetic")}>
      Stop
    </Button>
  );
  return (
    <Panel title="Test on invented files" hint="Files with the same columns, lengths and oddities, and nobody's values, made in this browser." actions={mayTest && (going ? trial?.phase === "running" && stop : (trial || hasFiguresOnly) && again)}>
      <div className={styles.stack}>
        <StepList steps={stepsOf(version, trial)} />
        {isLocal && <LocalOnly workflow={workflow} version={version} />}
        {trial && going && <TrialProgress trial={trial} label="Testing on invented files" />}
        {trial?.phase === "elsewhere" && version.test?.result === "not_run" && <Notice tone="working">Another tab of this browser is testing it; its result will show here.</Notice>}
        {trial?.phase === "stopped" && <Notice icon={<CircleStop size={16} aria-hidden />}>You stopped the test. Nothing was sent.</Notice>}
        {trial?.phase === "refused" && <InlineError error={new Error(`The test was not made. ${trial.error ?? ""}`)} />}
        {trial?.outcome && <OutcomeView outcome={trial.outcome} kind="synthetic" />}
        {version.status === "approved" && !hasPassed && <p className="muted">It was approved without a passed test.</p>}
        {hasFiguresOnly && <p className="muted">The files it made stayed in the tab that tested it. Test again makes the same ones here, to look at.</p>}
        {version.failure && version.status === "pending_user_approval" && <Notice tone="attention">{typeof version.failure === "string" ? version.failure : "The last repair gave no script, so the one before it stands."}</Notice>}
        {version.test?.result === "failed" && version.repairs_left === 0 && version.status === "pending_user_approval" && (
          <Notice tone="attention">
            {version.source === "form" ? "A form's script is not repaired by a language model. Change the form's settings instead." : "Three repairs were tried. Say at the left what should be different, which makes the next version."}
          </Notice>
        )}
      </div>
    </Panel>
  );
}

/** What needs more than a browser has says so before anybody approves it. */
function LocalOnly({ workflow, version }: { workflow: Workflow; version: WorkflowVersion }) {
  const test = `spadework run-workflow ${workflow.id} --test`;
  const files = (version.fields ?? []).filter(isFileField).map((field) => `${field.id}=FILE`);
  const run = `spadework run-workflow ${workflow.id} ${files.join(" ")} --output results`;
  return (
    <Notice tone="attention" icon={<Terminal size={16} aria-hidden />}>
      <p>This script needs {version.execution?.dependencies.join(", ") || "more than a browser has"}, so it runs on your own machine, in a sandbox there, and not in this browser.</p>
      <Command label="Test it on invented files now" text={test} />
      <Command label="Run it on your files once it is approved" text={run} />
    </Notice>
  );
}

function Command({ label, text }: { label: string; text: string }) {
  return (
    <div className={styles.command}>
      <span>{label}</span>
      <code>{text}</code>
      <CopyButton text={text} label={`Copy: ${label.toLowerCase()}`} />
    </div>
  );
}
