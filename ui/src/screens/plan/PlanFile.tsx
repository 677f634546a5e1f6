// The plan as a file: edited by hand and compiled again by the server.
import { useMutation } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api } from "../../api/client";
import { putAnswer } from "../../api/queries";
import type { Plan } from "../../api/types";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { CodeEditor } from "../../shared/CodeEditor";
import { CopyButton } from "../../shared/Copy";
import { InlineError } from "../../shared/Placeholder";
import { toast } from "../../shared/Toast";
import styles from "./PlanPreview.module.css";

export function PlanFile({ plan }: { plan: Plan }) {
  const stored = useMemo(() => JSON.stringify(plan.document, null, 2), [plan.document]);
  const [text, setText] = useState(stored);
  const mayEdit = useMay("plans.write") && (plan.state === "draft" || plan.state === "failed");
  const problem = problemOf(text);
  const isChanged = text !== stored;
  const save = useMutation({
    mutationFn: () => api.patch<Plan>(`/v3/plans/${plan.id}`, { document: JSON.parse(text) }),
    onSuccess: (next) => {
      putAnswer(["plan", plan.id], next);
      toast({ tone: "done", title: "Compiled again", body: "Cost, order and references were checked anew." });
    },
  });
  return (
    <>
      <CodeEditor label="Plan file" mode="json" value={text} onChange={setText} minHeight={360} maxHeight={560} isReadOnly={!mayEdit} />
      <InlineError error={save.error} />
      <div className={styles.editorBar}>
        <span role="status">{problem ?? (isChanged ? "Changed; the costs above are of the plan as stored." : "The same file makes the same plan anywhere.")}</span>
        <CopyButton text={text} label="Copy the plan file" />
        {mayEdit && isChanged && <Button onClick={() => setText(stored)}>Discard changes</Button>}
        {mayEdit && (
          <Button look="primary" disabled={!isChanged || problem !== null} isBusy={save.isPending} onClick={() => save.mutate()}>
            Check and save
          </Button>
        )}
      </div>
    </>
  );
}

function problemOf(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `Not JSON yet: ${(error as Error).message}`;
  }
}
