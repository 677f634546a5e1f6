// Follows the workflows of the account over the one socket: lists and details are fetched again when one changed.
import { useLive } from "../../api/live";
import { queryClient } from "../../api/queries";
import { workflowChanged } from "../../api/workflowQueries";

interface WorkflowNews {
  workflow_id: string;
}

export function useWorkflowNews(): void {
  useLive<WorkflowNews>("workflows", ({ events, resync }) => {
    for (const id of new Set(events.map((event) => event.workflow_id))) workflowChanged(id);
    if (!resync) return;
    void queryClient.invalidateQueries({ queryKey: ["workflows"] });
    void queryClient.invalidateQueries({ queryKey: ["workflow"] });
  });
}
