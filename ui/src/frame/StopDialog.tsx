// Stop everything: one act that ends all of the account's work.
import { useQuery } from "@tanstack/react-query";
import { api } from "../api/client";
import { queryClient, runsQuery } from "../api/queries";
import { ConfirmDialog } from "../shared/Dialog";
import { counted } from "../shared/format";
import { toast } from "../shared/Toast";

export function StopDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { data } = useQuery({ ...runsQuery({ state: "running", limit: 20 }), enabled: isOpen });
  const running = data?.data ?? [];
  async function stop() {
    const { stopped_run_ids: stopped } = await api.post("/v3/stop");
    toast({ tone: "done", title: stopped.length ? `Stopping ${counted(stopped.length, "run")}` : "Nothing was running" });
    void queryClient.invalidateQueries({ queryKey: ["runs"] });
  }
  return (
    <ConfirmDialog isOpen={isOpen} onClose={onClose} title="Stop everything?" confirm="Stop everything" look="danger" onConfirm={stop}>
      <p>
        {running.length > 0 ? `${counted(running.length, "run")} of this account will stop` : "Nothing seems to be running; anything that is will stop"}: no new call
        leaves, what already left is finished and paid, and everything computed so far is kept. Stopped runs can be resumed.
      </p>
      {running.length > 0 && (
        <ul>
          {running.slice(0, 6).map((run) => (
            <li key={run.id} className="clip">
              {run.title}
            </li>
          ))}
        </ul>
      )}
    </ConfirmDialog>
  );
}
