// What is running in this table, how far it is and what it cost, with the button that stops it.
import { CircleStop } from "lucide-react";
import { useState } from "react";
import type { RunBrief } from "../../../api/types";
import { LinkTo } from "../../../frame/LinkTo";
import { paths } from "../../../frame/paths";
import { Button } from "../../../shared/Button";
import { ProgressBar, ProgressLine } from "../../../shared/ProgressBar";
import { StateBadge } from "../../../shared/StateBadge";
import { SimulatedMark } from "../../../shared/Marks";
import styles from "./RunStrip.module.css";

interface Props {
  clientId: string;
  runs: readonly RunBrief[];
  mayStop: boolean;
  onStop: () => Promise<void>;
}

export function RunStrip({ clientId, runs, mayStop, onStop }: Props) {
  const [isBusy, setIsBusy] = useState(false);
  const run = runs[0];
  if (!run) return null;
  const isStopping = runs.every((each) => each.state === "stopping");
  async function stop() {
    setIsBusy(true);
    await onStop().finally(() => setIsBusy(false));
  }
  return (
    <div className={styles.strip} role="status" aria-label="Running now">
      <StateBadge state={run.state} />
      <LinkTo to={paths.run(clientId, run.id)} className={styles.title}>{runs.length > 1 ? `${run.title} and ${runs.length - 1} more` : run.title}</LinkTo>
      <div className={styles.bar}>
        <ProgressBar size="thin" done={run.progress.done} total={run.progress.total} byState={run.progress.by_state} label={run.title} />
      </div>
      <ProgressLine progress={run.progress} />
      {run.is_simulated && <SimulatedMark look="hatch" />}
      {mayStop && (
        <Button look="danger" size="small" icon={CircleStop} isBusy={isBusy} disabled={isStopping} onClick={() => void stop()}>
          {isStopping ? "Stopping" : "Stop"}
        </Button>
      )}
    </div>
  );
}
