// While a script is built: what has been done, how long it has taken, and a way on when it takes too long.
import { Hourglass, RotateCw } from "lucide-react";
import type { Workflow, WorkflowVersion } from "../../api/workflowTypes";
import { Button } from "../../shared/Button";
import { Notice, Panel } from "../../shared/Panel";
import { Elapsed } from "../../shared/Time";
import { StepList } from "./StepList";
import { stepsOf } from "./steps";
import styles from "./Workflow.module.css";

interface Props {
  workflow: Workflow;
  version: WorkflowVersion;
  isQuiet: boolean;
  onWatchOn: () => void;
}

export function Building({ version, isQuiet, onWatchOn }: Props) {
  const isRepair = version.tests.some((test) => test.result === "failed");
  return (
    <Panel
      title={isRepair ? "Repairing the script" : "Writing the script"}
      hint="The language model sees the extracts and the conversation, and nothing else of your files."
      actions={
        <span className={styles.clock}>
          <Elapsed from={version.build_started_at} to={null} />
        </span>
      }
    >
      <div className={styles.stack}>
        <StepList steps={stepsOf(version, null)} />
        {isQuiet && (
          <Notice
            tone="attention"
            icon={<Hourglass size={16} aria-hidden />}
            action={
              <Button size="small" icon={RotateCw} onClick={onWatchOn}>
                Look again
              </Button>
            }
          >
            It has taken a minute, so this page no longer asks each second. The build goes on, and the page still hears when it is done. A build that broke off is marked as failed by itself.
          </Notice>
        )}
      </div>
    </Panel>
  );
}
