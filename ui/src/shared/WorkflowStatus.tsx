// The status of a workflow's version; the same words stand for other states elsewhere, so it has names of its own.
import type { WorkflowStatus as Status } from "../api/workflowTypes";
import { StateBadge } from "./StateBadge";

interface Props {
  status: Status;
  note?: string | null;
  look?: "badge" | "plain";
  /** The last message is not answered yet: no question waits for anybody. */
  isAnswering?: boolean;
}

export function WorkflowStatus({ status, note, look, isAnswering = false }: Props) {
  return <StateBadge state={isAnswering ? "workflow_answering" : `workflow_${status}`} note={note} look={look} />;
}
