// Where a workflow stands and what comes next for it: pure.
import type { WorkflowStatus } from "../../api/workflowTypes";

interface Standing {
  is_mine: boolean;
  current_version: { version: number; status: WorkflowStatus } | null;
  active_version: { version: number } | null;
}

export type Next = "run" | "review" | "continue" | "edit" | "look";

const UNDER_WAY: WorkflowStatus[] = ["validating", "validated", "clarifying", "building"];
const EDITABLE: WorkflowStatus[] = ["pending_user_approval", "approved", "rejected", "failed", "archived"];

/** Whether its newest version is one that nobody can run yet, beside or instead of one that can be run. */
export function hasDraft(workflow: Standing): boolean {
  const { current_version: current, active_version: active } = workflow;
  return current !== null && current.status !== "archived" && current.version !== active?.version;
}

/** The one thing to do next, the others stand in the menu. */
export function nextOf(workflow: Standing): Next {
  const { current_version: current, active_version: active } = workflow;
  if (!workflow.is_mine) return active ? "run" : "look";
  if (hasDraft(workflow) && current?.status === "pending_user_approval") return "review";
  if (active) return "run";
  if (current && UNDER_WAY.includes(current.status)) return "continue";
  if (current && EDITABLE.includes(current.status)) return "edit";
  return "look";
}

/** Whether a next version may be begun: not while one is being made; one that is put away is taken up again so. */
export function mayEdit(workflow: Standing): boolean {
  return workflow.is_mine && workflow.current_version !== null && EDITABLE.includes(workflow.current_version.status);
}

export function isUnderWay(workflow: Standing): boolean {
  return workflow.current_version !== null && UNDER_WAY.includes(workflow.current_version.status);
}
