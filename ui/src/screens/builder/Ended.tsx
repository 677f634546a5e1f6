// A version that came to its end without a script: why, and the way on.
import { Archive, Ban, TriangleAlert } from "lucide-react";
import type { Workflow, WorkflowVersion } from "../../api/workflowTypes";
import { EmptyState } from "../../shared/Placeholder";
import { failureText } from "../workflows/words";
import { EditButton } from "./EditButton";

export function Ended({ workflow, version }: { workflow: Workflow; version: WorkflowVersion }) {
  if (version.status === "rejected") {
    return (
      <EmptyState icon={Ban} title="A script cannot do this" action={<EditButton workflow={workflow} look="primary" />}>
        {version.rejection_reason ?? "No reason was given."} Edit keeps the files and the conversation, so you can ask for something else.
      </EmptyState>
    );
  }
  if (version.status === "failed") {
    return (
      <EmptyState icon={TriangleAlert} title="The script could not be built" action={<EditButton workflow={workflow} look="primary" />}>
        {failureText(version.failure) ?? "No reason was given."} Edit keeps the files and the conversation, so you can try again.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={Archive} title="The workflow is put away" action={<EditButton workflow={workflow} look="primary" />}>
      Nobody can run it. Edit keeps the files and the conversation, and goes on with the next version.
    </EmptyState>
  );
}
