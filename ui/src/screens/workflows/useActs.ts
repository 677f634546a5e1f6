// What a person does with a workflow that they keep: change its words, share it, put it away, begin its next version.
import { useMutation } from "@tanstack/react-query";
import { api } from "../../api/client";
import { workflowChanged, workflowGone } from "../../api/workflowQueries";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { toast, toastError } from "../../shared/Toast";

export interface Words {
  name?: string;
  description?: string;
  label?: string | null;
  is_shared?: boolean;
}

/** Changes a workflow's words; what was shown before stays when the server refuses. */
export function useChange(workflowId: string) {
  return useMutation({
    mutationFn: (words: Words) => api.patch<unknown>(`/api/workflows/${workflowId}`, words),
    onSettled: () => workflowChanged(workflowId),
    onError: (error) => toastError("change the workflow", error),
  });
}

/** Begins the next version in the same conversation and goes there. */
export function useEdit(workflowId: string) {
  const go = useGo();
  return useMutation({
    mutationFn: () => api.post<{ workflow_id: string; version_id: string }>(`/api/workflows/${workflowId}/edit`),
    onSuccess: () => {
      workflowChanged(workflowId);
      go(paths.builder(workflowId));
    },
    onError: (error) => {
      workflowChanged(workflowId);
      toastError("begin the next version", error);
    },
  });
}

export async function archive(workflowId: string): Promise<void> {
  await api.post<unknown>(`/api/workflows/${workflowId}/archive`);
  workflowChanged(workflowId);
  toast({ tone: "done", title: "Archived" });
}

export async function remove(workflowId: string): Promise<void> {
  await api.delete<void>(`/api/workflows/${workflowId}`);
  workflowGone(workflowId);
  toast({ tone: "done", title: "Deleted" });
}
