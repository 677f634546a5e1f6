// Keeps a step's input under a name, to test its prompt with.
import { useState } from "react";
import { api } from "../../api/client";
import type { PipelineStepRun } from "../../api/types";
import { ConfirmDialog } from "../../shared/Dialog";
import { TextField } from "../../shared/Field";
import { toast } from "../../shared/Toast";

export function KeepFixture({ step, onClose }: { step: PipelineStepRun; onClose: () => void }) {
  const [name, setName] = useState(step.label.slice(0, 100));
  async function keep() {
    await api.post("/v2/fixtures/capture", { step_run_id: step.id, name: name.trim() });
    toast({ tone: "done", title: "Input kept", body: `It is among the fixtures of ${step.prompt}.` });
  }
  return (
    <ConfirmDialog isOpen title="Keep this input as a fixture" confirm="Keep input" onConfirm={keep} onClose={onClose}>
      <p>New versions of {step.prompt} can then be tried on exactly what this step was given.</p>
      <TextField label="Name" value={name} onChange={setName} maxLength={120} error={name.trim() ? null : "Give it a name."} />
    </ConfirmDialog>
  );
}
