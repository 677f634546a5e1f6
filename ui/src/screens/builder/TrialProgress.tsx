// How far a running script is, with the last thing it said.
import { ProgressBar } from "../../shared/ProgressBar";
import type { Trial } from "./trials";
import styles from "./Workflow.module.css";

export function TrialProgress({ trial, label }: { trial: Trial; label: string }) {
  const line = trial.lines.at(-1)?.trim();
  return (
    <div className={styles.going}>
      <ProgressBar label={label} done={Math.round((trial.share ?? 0) * 100)} total={100} size="thin" />
      <code className="clip">{line || "…"}</code>
    </div>
  );
}
