// Running a workflow on one's own files: the form at the left, how it goes and what it made at the right.
import { Eye, FileInput, GitCompareArrows, TriangleAlert } from "lucide-react";
import { useEffect, useState } from "react";
import type { Workflow, WorkflowVersion } from "../../api/workflowTypes";
import { warm } from "../../python/door";
import { Button } from "../../shared/Button";
import { Notice, Panel } from "../../shared/Panel";
import { EmptyState } from "../../shared/Placeholder";
import { Desktop } from "./Desktop";
import { hasLookedAt, ScriptGate } from "./ScriptGate";
import { RunForm } from "./RunForm";
import { RunResult } from "./RunResult";
import { useMatches } from "./useMatches";
import type { Runner } from "./useRunner";
import styles from "./Run.module.css";

interface Props {
  workflow: Workflow;
  runner: Runner;
  onTab: (tab: string) => void;
}

export function RunTab({ workflow, runner, onTab }: Props) {
  const { version } = runner;
  if (version === null || workflow.active_version === null) return <NotYet workflow={workflow} onTab={onTab} />;
  return (
    <div className={styles.stack}>
      {runner.newer && <Moved runner={runner} version={version} newer={runner.newer} onTab={onTab} />}
      <Runnable key={version.id} workflow={workflow} version={version} runner={runner} onTab={onTab} />
    </div>
  );
}

interface RunnableProps extends Props {
  version: WorkflowVersion;
}

function Runnable({ workflow, version, runner, onTab }: RunnableProps) {
  const [hasLooked, setHasLooked] = useState(() => workflow.is_mine || hasLookedAt(version));
  const matches = useMatches(workflow, version, runner);
  const isLocal = version.execution?.engine === "local";
  const needsPython = hasLooked && !isLocal;
  useEffect(() => {
    if (needsPython) warm();
  }, [needsPython]);
  useEffect(() => {
    // A file dropped beside a field would make the browser leave the page for it.
    const stay = (event: DragEvent) => event.preventDefault();
    window.addEventListener("dragover", stay);
    window.addEventListener("drop", stay);
    return () => {
      window.removeEventListener("dragover", stay);
      window.removeEventListener("drop", stay);
    };
  }, []);
  if (!hasLooked) return <ScriptGate workflow={workflow} version={version} onLooked={() => setHasLooked(true)} />;
  return (
    <div className={styles.pair}>
      <div className={styles.given}>
        <RunForm version={version} runner={runner} matches={matches} />
      </div>
      <div className={styles.came}>
        {runner.going.state === "idle" ? (
          <Panel>
            <EmptyState icon={FileInput} size="panel" title={isLocal ? "This one runs on your own machine" : "The result shows here"}>
              {isLocal
                ? "Its script needs more than Python in a browser offers. The command at the left runs it on your files; nothing is uploaded."
                : "Your files stay on this machine: the script reads them inside this browser, without a network, and what it makes is yours to download."}
            </EmptyState>
          </Panel>
        ) : (
          <RunResult workflow={workflow} runner={runner} onTab={onTab} />
        )}
      </div>
      <div className={styles.aside}>
        <Desktop workflow={workflow} version={version} runner={runner} mapping={matches.mapping} />
      </div>
    </div>
  );
}

/** Another version was approved since this form was opened: the person decides, nothing is exchanged under them. */
function Moved({ runner, version, newer, onTab }: { runner: Runner; version: WorkflowVersion; newer: WorkflowVersion; onTab: (tab: string) => void }) {
  return (
    <Notice
      tone="attention"
      icon={<TriangleAlert size={15} aria-hidden />}
      action={
        <span className={styles.row}>
          <Button size="small" icon={GitCompareArrows} onClick={() => onTab("versions")}>What changed</Button>
          <Button size="small" look="primary" disabled={runner.going.state === "running"} onClick={runner.useNewer}>Use version {newer.version}</Button>
        </span>
      }
    >
      Version {newer.version} was approved while you were here. This form is still that of version {version.version}, which is not run any more.
    </Notice>
  );
}

function NotYet({ workflow, onTab }: { workflow: Workflow; onTab: (tab: string) => void }) {
  const status = workflow.current_version?.status;
  const isWaiting = status === "pending_user_approval";
  return (
    <EmptyState
      icon={Eye}
      size="panel"
      title={isWaiting ? "Waits for a yes" : status === "archived" ? "Archived" : "Nothing to run yet"}
      action={isWaiting && workflow.is_mine && <Button look="primary" onClick={() => onTab("script")}>Review and approve</Button>}
    >
      {isWaiting
        ? "The script is written. It runs on files once a person has read and approved it."
        : status === "archived"
          ? workflow.is_mine ? "No version of this workflow is in use any more. Edit takes it up again, with a next version to approve." : "No version of this workflow is in use any more."
          : "The script is not written yet."}
    </EmptyState>
  );
}
