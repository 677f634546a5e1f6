// The script of one version with what a static look found, what the auto-test said, and the yes that makes it usable.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Check as Tick, Download, FileCode2, FileJson, FlaskConical, TriangleAlert } from "lucide-react";
import { api } from "../../api/client";
import { versionsQuery, workflowChanged } from "../../api/workflowQueries";
import type { Workflow, WorkflowVersion } from "../../api/workflowTypes";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { CopyButton } from "../../shared/Copy";
import { download } from "../../shared/download";
import { SelectField } from "../../shared/Field";
import { counted } from "../../shared/format";
import { Menu } from "../../shared/Menu";
import { Facts, Notice, Panel } from "../../shared/Panel";
import { EmptyState } from "../../shared/Placeholder";
import { Script } from "../../shared/Script";
import { lookOf } from "../../shared/states";
import { WorkflowStatus } from "../../shared/WorkflowStatus";
import { toast, toastError } from "../../shared/Toast";
import { Checks } from "./Checks";
import { dependencyWords, failureText } from "./words";
import styles from "./Workflow.module.css";

export function ScriptTab({ workflow, mayWrite }: { workflow: Workflow; mayWrite: boolean }) {
  const list = useQuery({ ...versionsQuery(workflow.id), enabled: workflow.is_mine });
  const known = list.data?.versions ?? [workflow.current_version, workflow.active_version].filter((each) => each !== null);
  const newest = workflow.current_version;
  const [chosen, setChosen] = useUrlState("version");
  const wanted = chosen === "" ? newest?.version : Number(chosen);
  // The newest as the workflow itself tells it: its list may be a moment behind.
  const version = wanted === newest?.version ? newest : known.find((each) => each.version === wanted);
  if (!version) return <EmptyState size="panel" title="There is no such version">Choose another one under Versions.</EmptyState>;
  return (
    <div className={styles.stack}>
      <Panel
        title={`Version ${version.version}`}
        hint={version.source === "form" ? "Made from a form" : "Written in the conversation"}
        actions={
          <>
            {known.length > 1 && (
              <SelectField
                className={styles.choice}
                name="Version"
                value={String(version.version)}
                onChange={(value) => setChosen(value === String(newest?.version) ? "" : value)}
                options={[...known].sort((a, b) => b.version - a.version).filter((each, index, all) => all[index - 1]?.version !== each.version).map((each) => ({ value: String(each.version), label: `Version ${each.version} · ${lookOf(`workflow_${each.status}`).word}` }))}
              />
            )}
            <WorkflowStatus status={version.status} />
            {version.execution && <Exports workflowId={workflow.id} version={version} />}
          </>
        }
      >
        <VersionBody workflow={workflow} version={version} mayWrite={mayWrite} />
      </Panel>
    </div>
  );
}

function VersionBody({ workflow, version, mayWrite }: { workflow: Workflow; version: WorkflowVersion; mayWrite: boolean }) {
  const { execution } = version;
  if (!execution) {
    return (
      <EmptyState size="panel" title={version.status === "building" ? "The script is being written" : "There is no script yet"}>
        {version.rejection_reason ?? failureText(version.failure) ?? (version.status === "building" ? "It shows here as soon as it is done." : "It is written once everything about the task is known. Continue in the Builder.")}
      </EmptyState>
    );
  }
  return (
    <div className={styles.script}>
      <div className={styles.overview}>
        <Facts
          facts={[
            ["Runs", execution.engine === "local" ? "only on your own machine, with the local runner" : "in this browser or on your own machine"],
            ["Needs", dependencyWords(execution.dependencies)],
            ["Makes", execution.outputFilename ? <code>{execution.outputFilename}</code> : "one file, or several in a zip"],
            ["SHA-256", version.script_sha256 ? <Fingerprint sha256={version.script_sha256} /> : "–"],
          ]}
        />
        <TestLine version={version} />
        {version.failure && <Notice tone="failed" icon={<TriangleAlert size={15} aria-hidden />}>{failureText(version.failure)}</Notice>}
      </div>
      <Checks checks={version.checks} />
      {version.status === "pending_user_approval" && mayWrite && <Approval key={version.script_sha256} workflow={workflow} version={version} />}
      <Script text={execution.script} checks={version.checks} label={`Script of version ${version.version}`} maxHeight={620} />
    </div>
  );
}

function Fingerprint({ sha256 }: { sha256: string }) {
  return (
    <span className={styles.fingerprint}>
      <code>{sha256}</code>
      <CopyButton text={sha256} label="Copy the fingerprint" />
    </span>
  );
}

/** One press approves exactly the script that is shown, by its fingerprint. */
function Approval({ workflow, version }: { workflow: Workflow; version: WorkflowVersion }) {
  const approve = useMutation({
    mutationFn: () => api.post<WorkflowVersion>(`/api/workflows/${workflow.id}/approve`, { version_id: version.id, script_sha256: version.script_sha256 }),
    onSuccess: () => toast({ tone: "done", title: `Version ${version.version} is approved`, body: "It can be run now." }),
    // As a note and not beside the button: the script that is there by then may be another one.
    onError: (error) => toastError(`approve version ${version.version}`, error),
    // Also when it was refused: somebody else may have approved it, or the script is another one by now.
    onSettled: () => workflowChanged(workflow.id),
  });
  const older = workflow.active_version;
  return (
    <div className={styles.approval}>
      <p>
        You approve exactly the {counted(version.execution?.script.trimEnd().split("\n").length ?? 0, "line")} below. Only these run, on your files, without a network.
        {older && ` Version ${older.version} is archived then.`}
      </p>
      <Button look="primary" icon={Tick} isBusy={approve.isPending} onClick={() => approve.mutate()}>
        Approve version {version.version}
      </Button>
    </div>
  );
}

function TestLine({ version }: { version: WorkflowVersion }) {
  const { test } = version;
  if (!test || test.result === "not_run") {
    return <Notice icon={<FlaskConical size={15} aria-hidden />}>This script was not tested yet. The auto-test in the Builder runs it on made-up files, and on yours if you agree.</Notice>;
  }
  const on = test.kind === "real" ? "real files" : "made-up files";
  if (test.result === "failed") return <Notice tone="failed" icon={<TriangleAlert size={15} aria-hidden />}>The auto-test on {on} failed{test.failure ? `: ${failureText(test.failure)}` : "."}</Notice>;
  return (
    <Notice tone="done" icon={<FlaskConical size={15} aria-hidden />}>
      The auto-test on {on} passed{test.rows_in != null && test.rows_out != null ? `: ${counted(test.rows_in, "row")} in, ${counted(test.rows_out, "row")} out` : ""}.
    </Notice>
  );
}

function Exports({ workflowId, version }: { workflowId: string; version: WorkflowVersion }) {
  const address = `/api/workflows/${workflowId}/versions/${version.id}`;
  return (
    <Menu
      minWidth={250}
      trigger={<Button icon={Download}>Export</Button>}
      groups={[
        {
          actions: [
            { label: "A .py file", icon: FileCode2, detail: "Runs anywhere, without Spadework", onSelect: () => download(`${address}/script.py`) },
            { label: "workflow.json", icon: FileJson, detail: "For spadework run-workflow", onSelect: () => download(`${address}/workflow.json`) },
          ],
        },
      ]}
    />
  );
}
