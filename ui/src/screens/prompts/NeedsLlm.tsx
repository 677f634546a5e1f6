// Says that nothing can answer yet, and the two ways on.
import { useMutation } from "@tanstack/react-query";
import { BotOff } from "lucide-react";
import { api } from "../../api/client";
import { queryClient } from "../../api/queries";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { Notice } from "../../shared/Panel";
import { toastError } from "../../shared/Toast";
import styles from "./Try.module.css";

export function NeedsLlm({ clientId }: { clientId: string }) {
  const go = useGo();
  const mayWrite = useMay("clients.write");
  const simulate = useMutation({
    mutationFn: () => api.patch(`/v3/clients/${clientId}`, { llm: "scripted", model: null }),
    onSuccess: () => {
      for (const key of ["clients", "client"]) void queryClient.invalidateQueries({ queryKey: [key] });
    },
    onError: (error) => toastError("choose the simulated model", error),
  });
  const ways = (
    <span className={styles.ways}>
      {mayWrite && (
        <Button size="small" isBusy={simulate.isPending} onClick={() => simulate.mutate()}>
          Use the simulated model
        </Button>
      )}
      <Button size="small" look="primary" onClick={() => go(paths.settings("llms"))}>
        Add a language model
      </Button>
    </span>
  );
  return (
    <Notice tone="attention" icon={<BotOff size={16} aria-hidden />} action={ways}>
      No language model is set up, so nothing can answer. Writing, comparing and saving versions work without one; the simulated model shows how a run looks, and its answers mean nothing.
    </Notice>
  );
}
