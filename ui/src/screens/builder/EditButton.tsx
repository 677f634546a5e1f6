// Beginning the next version: the same conversation and extracts, and the way out of a version at its end.
import { useMutation } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import { api } from "../../api/client";
import { workflowChanged } from "../../api/workflowQueries";
import type { Workflow } from "../../api/workflowTypes";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { toastError } from "../../shared/Toast";
import { mayEdit } from "../workflows/standing";

export function EditButton({ workflow, look = "plain" }: { workflow: Workflow; look?: "plain" | "primary" }) {
  const mayWrite = useMay("builder.write");
  const edit = useMutation({
    mutationFn: () => api.post(`/api/workflows/${workflow.id}/edit`),
    onSuccess: () => workflowChanged(workflow.id),
    onError: (error) => toastError("begin the next version", error),
  });
  if (!mayWrite || !mayEdit(workflow)) return null;
  return (
    <Button icon={Pencil} look={look} isBusy={edit.isPending} onClick={() => edit.mutate()}>
      Edit as version {(workflow.current_version?.version ?? 0) + 1}
    </Button>
  );
}
