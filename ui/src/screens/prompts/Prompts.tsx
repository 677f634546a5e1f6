// Prompts: the list by stage at the left, the chosen prompt's workbench beside it.
import { useQuery } from "@tanstack/react-query";
import { SquareTerminal } from "lucide-react";
import { useLive } from "../../api/live";
import { promptChanged, promptsQuery, trialsChanged } from "../../api/promptQueries";
import { clientQuery, queryClient } from "../../api/queries";
import { useCrumbs } from "../../frame/crumbs";
import { paths } from "../../frame/paths";
import { EmptyState } from "../../shared/Placeholder";
import { ExperimentDetail } from "./ExperimentDetail";
import { PromptList } from "./PromptList";
import { Workbench } from "./Workbench";
import styles from "./Prompts.module.css";

interface Props {
  clientId: string;
  promptKey: string | null;
  experimentId: string | null;
}

interface PromptNews {
  type: "prompt" | "label" | "experiment";
  prompt_id: string;
  key?: string;
  experiment_id?: string;
}

export function Prompts({ clientId, promptKey, experimentId }: Props) {
  const client = useQuery(clientQuery(clientId));
  const list = useQuery(promptsQuery(false));
  const prompt = list.data?.data.find((each) => each.key === promptKey || each.id === promptKey);
  useLive<PromptNews>("prompts", ({ events, resync }) => {
    for (const event of events) {
      const key = event.key ?? list.data?.data.find((each) => each.id === event.prompt_id)?.key;
      if (!key) continue;
      if (event.type === "experiment") trialsChanged(key, event.experiment_id);
      else promptChanged(key);
    }
    if (!resync) return;
    for (const what of ["prompts", "prompt", "prompt-runs", "experiments", "experiment"]) void queryClient.invalidateQueries({ queryKey: [what] });
  });
  useCrumbs([
    { label: client.data?.name ?? "…", to: paths.workbooks(clientId) },
    { label: "Prompts", to: promptKey ? paths.prompts(clientId) : undefined },
    promptKey !== null && { label: prompt?.name ?? promptKey, to: experimentId ? paths.prompt(clientId, promptKey, "experiments") : undefined },
    experimentId !== null && { label: "Experiment" },
  ]);
  return (
    <div className={styles.frame}>
      <PromptList clientId={clientId} chosen={promptKey} query={list} />
      <div className={styles.main}>
        {promptKey === null ? (
          <EmptyState icon={SquareTerminal} title="Choose a prompt">
            Each step of a dossier asks with one of these. Open one to change it, try it on the input of its last run, and compare its versions.
          </EmptyState>
        ) : experimentId === null ? (
          <Workbench key={promptKey} clientId={clientId} promptKey={promptKey} />
        ) : (
          <ExperimentDetail key={experimentId} clientId={clientId} promptKey={promptKey} experimentId={experimentId} />
        )}
      </div>
    </div>
  );
}
