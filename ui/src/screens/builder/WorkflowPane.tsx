// The right side of a workflow that exists: what is being made, the extracts it was made from, and what has left.
import { useQuery } from "@tanstack/react-query";
import { ledgerQuery } from "../../api/workflowQueries";
import type { Workflow, WorkflowVersion } from "../../api/workflowTypes";
import { useUrlState } from "../../frame/urlState";
import { Tabs } from "../../shared/Tabs";
import { WorkflowStatus } from "../../shared/WorkflowStatus";
import { Building } from "./Building";
import { Ended } from "./Ended";
import { Ledger } from "./Ledger";
import { Result } from "./Result";
import { SentExtracts } from "./SentExtracts";
import frame from "./Builder.module.css";
import styles from "./Workflow.module.css";

interface Props {
  workflow: Workflow;
  isQuiet: boolean;
  onWatchOn: () => void;
}

export function WorkflowPane({ workflow, isQuiet, onWatchOn }: Props) {
  const version = workflow.current_version;
  const [tab, setTab] = useUrlState("tab", "now");
  const ledger = useQuery({ ...ledgerQuery(workflow.id), enabled: workflow.is_mine });
  if (!version) return <div className={frame.content}>This workflow has no version.</div>;
  const isTalking = ["validating", "validated", "clarifying"].includes(version.status);
  const files = { value: "files", label: "What was sent", count: version.file_extracts.length, content: <SentExtracts extracts={version.file_extracts} /> };
  const now = { value: "now", label: version.status === "building" ? "Build" : "Workflow", content: <Now workflow={workflow} version={version} isQuiet={isQuiet} onWatchOn={onWatchOn} /> };
  const left = { value: "left", label: "What left", count: ledger.data?.entries.length, content: <Ledger workflowId={workflow.id} /> };
  const tabs = [...(isTalking ? [{ ...files, value: "now" }] : [now, files]), ...(workflow.is_mine ? [left] : [])];
  return (
    <div className={frame.scroll}>
      <div className={frame.content}>
        <Tabs
          tabs={tabs}
          value={tabs.some((each) => each.value === tab) ? tab : "now"}
          onChange={setTab}
          aside={
            <span className={styles.version}>
              Version {version.version} <WorkflowStatus status={version.status} isAnswering={isTalking && workflow.messages.at(-1)?.is_in_flight === true} />
            </span>
          }
        />
      </div>
    </div>
  );
}

function Now({ workflow, version, isQuiet, onWatchOn }: Props & { version: WorkflowVersion }) {
  switch (version.status) {
    case "building":
      return <Building workflow={workflow} version={version} isQuiet={isQuiet} onWatchOn={onWatchOn} />;
    case "pending_user_approval":
    case "approved":
      return <Result workflow={workflow} version={version} />;
    default:
      return <Ended workflow={workflow} version={version} />;
  }
}
