// One workflow: run it, read its script, compare its versions, look back at its runs.
import { useQuery } from "@tanstack/react-query";
import { Clock, Eye, MessageSquare, Play, Users } from "lucide-react";
import { useState } from "react";
import { workflowQuery, workflowsQuery } from "../../api/workflowQueries";
import type { Workflow } from "../../api/workflowTypes";
import { useCrumbs } from "../../frame/crumbs";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { Page } from "../../shared/Panel";
import { ErrorState, NoPermission } from "../../shared/Placeholder";
import { PageSkeleton } from "../../shared/PageSkeleton";
import { Tabs } from "../../shared/Tabs";
import { Ago } from "../../shared/Time";
import { WorkflowStatus } from "../../shared/WorkflowStatus";
import { HistoryTab } from "./HistoryTab";
import { InlineEdit } from "./InlineEdit";
import { RunTab } from "./RunTab";
import { minutes } from "./saved";
import { ScriptTab } from "./ScriptTab";
import { hasDraft, isUnderWay, mayEdit, nextOf } from "./standing";
import { useChange, useEdit } from "./useActs";
import { useRunner } from "./useRunner";
import { useWorkflowNews } from "./useWorkflowNews";
import { VersionsTab } from "./VersionsTab";
import { WorkflowMenu } from "./WorkflowMenu";
import styles from "./Workflow.module.css";

export function WorkflowScreen({ workflowId }: { workflowId: string }) {
  const mayRead = useMay("builder.read");
  const query = useQuery({ ...workflowQuery(workflowId), enabled: mayRead });
  useWorkflowNews();
  useCrumbs([{ label: "Builder", to: paths.workflows() }, { label: query.data ? (query.data.name ?? "Unnamed workflow") : "…" }]);
  if (!mayRead) return <NoPermission what="Your role does not include workflows. Ask an administrator of your account to change it." />;
  if (query.isError && !query.data) return <ErrorState error={query.error} doing="open this workflow" onRetry={() => void query.refetch()} />;
  if (!query.data) return <PageSkeleton />;
  return <Opened workflow={query.data} />;
}

function Opened({ workflow }: { workflow: Workflow }) {
  const mayWrite = useMay("builder.write") && workflow.is_mine;
  const [tab, setTab] = useUrlState("tab", nextOf(workflow) === "run" ? "run" : "script");
  const [editing, setEditing] = useState<"name" | "label" | null>(null);
  const labels = useQuery({ ...workflowsQuery(), enabled: mayWrite }).data?.workflows.map((each) => each.label).filter((each) => each !== null);
  const change = useChange(workflow.id);
  const go = useGo();
  // Here and not in its tab, so that reading the script does not stop a run.
  const runner = useRunner(workflow);
  const to = (field: "name" | "label") => (isOn: boolean) => setEditing(isOn ? field : null);
  return (
    <Page
      title={
        <InlineEdit look="title" name="Name" value={workflow.name ?? ""} placeholder="Unnamed workflow" maxLength={120} isRequired mayEdit={mayWrite} isEditing={editing === "name"} onEditing={to("name")} onSave={(name) => change.mutate({ name })} />
      }
      subtitle={
        <>
          <span className={styles.badges}>
            <Standing workflow={workflow} />
            {(mayWrite || workflow.label) && (
              <InlineEdit look="chip" name="Label" value={workflow.label ?? ""} placeholder="Label" maxLength={60} mayEdit={mayWrite} suggestions={[...new Set(labels)].sort()} isEditing={editing === "label"} onEditing={to("label")} onSave={(label) => change.mutate({ label: label === "" ? null : label })} />
            )}
          </span>
          {!workflow.is_mine && <span className={styles.fact}><Users size={14} aria-hidden /> Shared by {workflow.owner?.name ?? "somebody of your account"}</span>}
          {workflow.is_mine && workflow.is_shared && <span className={styles.fact}><Users size={14} aria-hidden /> Shared in this account</span>}
          {workflow.saved_minutes ? <span className={styles.fact} title="An estimate made with the script"><Clock size={14} aria-hidden /> saves about {minutes(workflow.saved_minutes)} a run</span> : null}
          <span className={styles.fact}>changed <Ago at={workflow.updated_at} /></span>
        </>
      }
      actions={
        <>
          <Steps workflow={workflow} mayWrite={mayWrite} tab={tab} onTab={setTab} />
          <WorkflowMenu workflow={workflow} mayWrite={mayWrite} onRename={() => setEditing("name")} onLabel={() => setEditing("label")} onDeleted={() => go(paths.workflows(), { replace: true })} />
        </>
      }
    >
      <div className={styles.about}>
        <InlineEdit name="Description" value={workflow.description ?? ""} placeholder="No description yet" maxLength={2000} mayEdit={mayWrite} onSave={(description) => change.mutate({ description })} />
      </div>
      <Tabs
        value={tab}
        onChange={setTab}
        tabs={[
          { value: "run", label: "Run", content: <RunTab workflow={workflow} runner={runner} onTab={setTab} /> },
          { value: "script", label: "Script", content: <ScriptTab workflow={workflow} mayWrite={mayWrite} /> },
          { value: "versions", label: "Versions", content: <VersionsTab workflow={workflow} /> },
          { value: "history", label: "History", content: <HistoryTab workflow={workflow} /> },
        ]}
      />
    </Page>
  );
}

function Standing({ workflow }: { workflow: Workflow }) {
  const { current_version: current, active_version: active } = workflow;
  return (
    <>
      {active && <WorkflowStatus status="approved" note={`Version ${active.version} is approved and can be run.`} />}
      {current && (!active || hasDraft(workflow)) && <WorkflowStatus status={current.status} note={active ? `Version ${current.version}; version ${active.version} stays usable until this one is approved.` : current.rejection_reason} />}
    </>
  );
}

interface StepsProps {
  workflow: Workflow;
  mayWrite: boolean;
  tab: string;
  onTab: (tab: string) => void;
}

/** The next step as the one primary button, unless its tab is open already. */
function Steps({ workflow, mayWrite, tab, onTab }: StepsProps) {
  const edit = useEdit(workflow.id);
  const go = useGo();
  const next = nextOf(workflow);
  return (
    <>
      {mayWrite && isUnderWay(workflow) && (
        <Button look={next === "continue" ? "primary" : "plain"} icon={MessageSquare} onClick={() => go(paths.builder(workflow.id))}>
          Continue in the Builder
        </Button>
      )}
      {mayWrite && mayEdit(workflow) && (
        <Button look={next === "edit" ? "primary" : "plain"} icon={MessageSquare} isBusy={edit.isPending} onClick={() => edit.mutate()}>
          Edit
        </Button>
      )}
      {next === "review" && tab !== "script" && (
        <Button look="primary" icon={Eye} onClick={() => onTab("script")}>
          Review and approve
        </Button>
      )}
      {next === "run" && tab !== "run" && (
        <Button look="primary" icon={Play} onClick={() => onTab("run")}>
          Run
        </Button>
      )}
    </>
  );
}
