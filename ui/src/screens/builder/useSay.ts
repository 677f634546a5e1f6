// Sending what a person writes: the first words make the workflow from the approved extracts, then say them to it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, ApiError } from "../../api/client";
import { useOnce } from "../../api/once";
import { workflowChanged, workflowQuery } from "../../api/workflowQueries";
import type { Workflow } from "../../api/workflowTypes";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { deskOf, handOver, leavingFrom, type Waiting } from "./desk";

interface Said {
  status: string;
  message: string;
  suggestions?: string[];
}

/** Makes the workflow from the approved extracts and goes to it; what was to be said waits there. */
export function useBegin() {
  const go = useGo();
  const once = useOnce();
  return useMutation({
    mutationFn: async (waiting: Waiting) => {
      const body = { file_extracts: leavingFrom(deskOf(null).slots) };
      const made = await once(JSON.stringify(body), (idempotencyKey) => api.post<{ workflow_id: string }>("/api/workflows", body, { idempotencyKey }));
      return { workflowId: made.workflow_id, waiting };
    },
    onSuccess: ({ workflowId, waiting }) => {
      handOver(workflowId, waiting);
      workflowChanged(workflowId);
      go(paths.builder(workflowId), { replace: true });
    },
  });
}

interface Say {
  /** What is on its way and not in the workflow's messages yet. */
  pending: string | null;
  isSending: boolean;
  /** The words that could not be sent, to be put back into the box. */
  failed: string | null;
  error: unknown;
  say: (words: string) => void;
}

export function useSay(workflow: Workflow | null): Say {
  const queries = useQueryClient();
  const once = useOnce();
  const begin = useBegin();
  const [failed, setFailed] = useState<string | null>(null);
  const send = useMutation({
    mutationFn: ({ id, content }: { id: string; content: string }) => once(content, (idempotencyKey) => api.post<Said>(`/api/workflows/${id}/messages`, { content }, { idempotencyKey })),
    onMutate: () => setFailed(null),
    onError: (_, { content }) => setFailed(content),
    onSettled: (_, __, { id }) => queries.invalidateQueries({ queryKey: workflowQuery(id).queryKey }),
  });
  const id = workflow?.id;
  const { mutate } = send;
  // What was written before the workflow was there is said as soon as it is.
  useEffect(() => {
    if (id === undefined) return;
    const desk = deskOf(id);
    if (!desk.waiting || !("say" in desk.waiting)) return;
    const content = desk.waiting.say;
    desk.waiting = null;
    mutate({ id, content });
  }, [id, mutate]);
  const words = send.isPending ? send.variables.content : begin.isPending && "say" in begin.variables ? begin.variables.say : null;
  const last = workflow?.messages.findLast((message) => message.role === "user");
  return {
    pending: words !== null && last?.content !== words ? words : null,
    isSending: send.isPending || begin.isPending,
    failed: failed ?? (begin.isError && "say" in begin.variables ? begin.variables.say : null),
    error: explained(send.error ?? begin.error),
    say: (content) => {
      if (workflow) mutate({ id: workflow.id, content });
      else begin.mutate({ say: content });
    },
  };
}

/** A second message at once is refused; the words that say so are about both tabs. */
function explained(error: unknown): unknown {
  if (!(error instanceof ApiError) || error.status !== 409) return error;
  return new ApiError(409, error.code, `${error.message} What you wrote is still in the box.`, error.details, null);
}
