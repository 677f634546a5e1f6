// A test under way or over: what comes back now, and whether it satisfies the assertions.
import type { UseQueryResult } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useLive } from "../../api/live";
import { api } from "../../api/client";
import { queryClient } from "../../api/queries";
import type { Experiment } from "../../api/promptTypes";
import { Button } from "../../shared/Button";
import { Notice } from "../../shared/Panel";
import { ErrorState, Skeleton } from "../../shared/Placeholder";
import { StateBadge } from "../../shared/StateBadge";
import { Elapsed } from "../../shared/Time";
import { toastError } from "../../shared/Toast";
import { Outcome } from "./Outcome";
import styles from "./Try.module.css";

interface Props {
  query: UseQueryResult<Experiment>;
  isNew: boolean;
  onClose: () => void;
}

export function TestOutcome({ query, isNew, onClose }: Props) {
  const test = query.data;
  useLive(test?.run_id ? `run:${test.run_id}` : null, () => void queryClient.invalidateQueries({ queryKey: ["experiment", test?.id] }));
  if (!test) return query.isError ? <ErrorState size="panel" error={query.error} doing="show the test" /> : <Skeleton height={120} />;
  const trial = test.trials[0];
  const candidate = test.candidates[0];
  const isOpen = test.run !== null && ["queued", "running", "waiting", "stopping"].includes(test.run.state);
  const stop = () => api.post(`/v3/runs/${test.run_id}/stop`).catch((error: unknown) => toastError("stop the test", error));
  return (
    <>
      <header>
        <h3>{isNew ? "Output" : "Now"}</h3>
        <span className="muted">{candidate?.number ? `version ${candidate.number}` : "the draft"}</span>
        {trial ? <StateBadge state={trial.is_passed ? "succeeded" : "failed"} look="plain" word={trial.error ? "Failed" : trial.verdicts.length === 0 ? "Done" : trial.is_passed ? "Passed" : "Assertions fail"} /> : <StateBadge state={test.run?.state ?? "queued"} look="plain" />}
        <span className={styles.push} />
        {isOpen && !trial ? (
          <Button size="small" onClick={() => void stop()}>
            Stop
          </Button>
        ) : (
          <Button look="quiet" size="small" icon={X} aria-label="Put this output away" onClick={onClose} />
        )}
      </header>
      {trial ? (
        <Outcome came={trial} assertions={test.assertions} />
      ) : isOpen ? (
        <p className={styles.waiting}>
          Asking, <Elapsed from={test.run?.started_at ?? test.created_at} to={null} />
        </p>
      ) : (
        <Notice tone="failed">{test.run?.error?.message ?? "It was stopped before anything came back; nothing was paid."}</Notice>
      )}
    </>
  );
}
