// Stopping a pipeline and letting it go on, wherever it is shown.
import { useMutation } from "@tanstack/react-query";
import { api } from "../../api/client";
import { useOnce } from "../../api/once";
import { queryClient } from "../../api/queries";
import type { PipelineBrief } from "../../api/types";
import { toastError } from "../../shared/Toast";

function changed(runId: string): void {
  void queryClient.invalidateQueries({ queryKey: ["pipelines"] });
  void queryClient.invalidateQueries({ queryKey: ["pipeline", runId] });
}

/** Goes on with what failed, was stopped or was not reached; nothing done is done again. */
export function useRetry() {
  const once = useOnce();
  return useMutation({
    mutationFn: (run: Pick<PipelineBrief, "id">) => once(`retry ${run.id}`, (idempotencyKey) => api.post(`/v2/pipeline/runs/${run.id}/retry`, undefined, { idempotencyKey })),
    onSuccess: (run) => changed(run.id),
    onError: (error) => toastError("go on with the run", error),
  });
}

/** Nothing new leaves afterwards; what is under way is recorded. */
export function useCancel() {
  return useMutation({
    mutationFn: (run: Pick<PipelineBrief, "id">) => api.post(`/v2/pipeline/runs/${run.id}/cancel`),
    onSuccess: (run) => changed(run.id),
    onError: (error) => toastError("stop the run", error),
  });
}
