// Stop, resume and retry, where the run is shown.
import { useMutation } from "@tanstack/react-query";
import { CircleStop, Play, RotateCw } from "lucide-react";
import { api } from "../../api/client";
import { useOnce } from "../../api/once";
import { queryClient } from "../../api/queries";
import type { RunBrief } from "../../api/types";
import { applyRun } from "../../frame/liveUpdates";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { toastError } from "../../shared/Toast";

type Act = "stop" | "resume" | "retry";
const AGAIN: ReadonlySet<string> = new Set(["failed", "unknown", "over_budget"]);

export function RunActions({ run, size }: { run: RunBrief; size?: "normal" | "small" }) {
  const mayStop = useMay("runs.stop");
  const mayResume = useMay("runs.resume");
  const once = useOnce();
  const act = useMutation({
    mutationFn: (what: Act) => once(`${run.id} ${what}`, (idempotencyKey) => api.post<RunBrief | undefined>(`/v3/runs/${run.id}/${what}`, {}, { idempotencyKey })),
    onSuccess: (next) => {
      if (next?.state) applyRun(next);
      void queryClient.invalidateQueries({ queryKey: ["run", run.id] });
      void queryClient.invalidateQueries({ queryKey: ["runs"] });
    },
    onError: (error, what) => toastError(`${what} the run`, error),
  });
  const isActive = run.state === "running" || run.state === "queued" || run.state === "waiting";
  const hasFailed = run.state === "failed" || Object.entries(run.progress.by_state).some(([state, amount]) => amount && AGAIN.has(state));
  return (
    <>
      {isActive && mayStop && (
        <Button size={size} icon={CircleStop} isBusy={act.isPending} onClick={() => act.mutate("stop")}>
          Stop
        </Button>
      )}
      {run.state === "stopping" && (
        <Button size={size} isBusy disabled>
          Stopping
        </Button>
      )}
      {!isActive && mayResume && run.state !== "stopping" && hasFailed && (
        <Button size={size} look={run.state === "failed" ? "primary" : "plain"} icon={RotateCw} isBusy={act.isPending} onClick={() => act.mutate("retry")}>
          Retry what failed
        </Button>
      )}
      {run.state === "stopped" && mayResume && (
        <Button size={size} look="primary" icon={Play} isBusy={act.isPending} onClick={() => act.mutate("resume")}>
          Resume
        </Button>
      )}
    </>
  );
}
