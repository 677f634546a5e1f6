// Stop, resume and retry a pipeline, where it is shown.
import { CircleStop, Play, RotateCw } from "lucide-react";
import type { PipelineBrief } from "../../api/types";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { isOver } from "./steps";
import { useCancel, useRetry } from "./useRunActs";

interface Props {
  run: PipelineBrief;
  /** A complete run may still have a person who failed; that part can be tried again. */
  hasFailedSteps?: boolean;
  size?: "normal" | "small";
}

export function PipelineActions({ run, hasFailedSteps = false, size }: Props) {
  const mayStop = useMay("runs.stop");
  const mayResume = useMay("runs.resume");
  const cancel = useCancel();
  const retry = useRetry();
  if (run.is_stopping) {
    return (
      <Button size={size} isBusy disabled>
        Stopping
      </Button>
    );
  }
  if (!isOver(run)) {
    return mayStop ? (
      <Button size={size} icon={CircleStop} isBusy={cancel.isPending} onClick={() => cancel.mutate(run)}>
        Cancel
      </Button>
    ) : null;
  }
  if (!mayResume || (run.status === "completed" && !hasFailedSteps)) return null;
  return (
    <Button size={size} look={size === "small" ? "plain" : "primary"} icon={run.status === "cancelled" ? Play : RotateCw} isBusy={retry.isPending} onClick={() => retry.mutate(run)}>
      {run.status === "cancelled" ? "Resume" : "Retry what failed"}
    </Button>
  );
}
