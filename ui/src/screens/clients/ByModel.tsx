// Having the language model take an intake through its stages, and watching it do so.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Sparkles, TriangleAlert } from "lucide-react";
import { api } from "../../api/client";
import { useOnce } from "../../api/once";
import { pipelineNeedsQuery, queryClient, runQuery } from "../../api/queries";
import type { ClientIntake } from "../../api/types";
import { LinkTo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { SimulatedMark } from "../../shared/Marks";
import { Notice, Panel } from "../../shared/Panel";
import { InlineError } from "../../shared/Placeholder";
import { StateBadge } from "../../shared/StateBadge";
import { useRunNews } from "../dossiers/useRunNews";
import styles from "./Brief.module.css";

const OVER = new Set(["succeeded", "failed", "stopped"]);

/** Whether a run is at work on this intake, so that nobody writes beside it. */
export function useModelRun(intake: ClientIntake) {
  const run = useQuery({ ...runQuery(intake.run_id ?? ""), enabled: intake.run_id !== null });
  useRunNews(intake.run_id, "research-client", "run");
  return { run: run.data, isWorking: intake.run_id !== null && run.data !== undefined && !OVER.has(run.data.state) };
}

export function ByModel({ intake }: { intake: ClientIntake }) {
  const { run, isWorking } = useModelRun(intake);
  const needs = useQuery(pipelineNeedsQuery);
  const once = useOnce();
  const mayStart = useMay("runs.start");
  // An onboarding searches nothing, so of what a dossier needs only the model counts.
  const missing = needs.data?.missing.filter((each) => each.what === "llm");
  const isReady = missing?.length === 0;
  const start = useMutation({
    mutationFn: (isTraining: boolean) =>
      once(`onboard ${intake.id} ${isTraining}`, (idempotencyKey) => api.post<ClientIntake>(`/v2/onboardings/${intake.id}/run`, { is_training: isTraining }, { idempotencyKey })),
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: ["research-client", intake.client_id] }),
  });
  if (!mayStart) return null;
  if (isWorking && run) {
    return (
      <Notice tone="working" icon={<Sparkles size={16} aria-hidden />} action={run.is_simulated && <SimulatedMark />}>
        <b>The language model is at work on this intake.</b> Each stage shows here as it is done. <StateBadge state={run.state} look="plain" />{" "}
        <LinkTo className="link" to={paths.run(intake.client_id, run.id)}>
          Watch its steps
        </LinkTo>
      </Notice>
    );
  }
  return (
    <Panel
      title="Have the language model do it"
      hint="It reads the answers and materials once, writes the account, then the three configurations, then their shorter forms. You see and can change each of them."
    >
      <div className={styles.editor}>
        {run?.state === "failed" && (
          <Notice tone="failed" icon={<TriangleAlert size={16} aria-hidden />}>
            {run.error?.message ?? "The last try failed."} What was done is kept; start again to go on, or go on by hand below.
          </Notice>
        )}
        {missing && !isReady && <p className="muted">{missing.map((each) => each.message).join(" ")}</p>}
        <InlineError error={start.error} />
        <div className={styles.buttons}>
          {isReady && (
            <Button icon={Sparkles} isBusy={start.isPending} onClick={() => start.mutate(false)}>
              Let the model take it from here
            </Button>
          )}
          <Button icon={Sparkles} isBusy={start.isPending} onClick={() => start.mutate(true)}>
            Play the recorded example
          </Button>
          <span className="muted">The example is simulated, costs nothing and writes an invented company’s configurations.</span>
        </div>
      </div>
    </Panel>
  );
}
