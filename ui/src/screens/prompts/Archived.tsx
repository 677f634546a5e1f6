// Prompts that were put away, and the way back.
import { useMutation, useQuery } from "@tanstack/react-query";
import { ArchiveRestore } from "lucide-react";
import { api } from "../../api/client";
import { promptAddress, promptChanged, promptsQuery } from "../../api/promptQueries";
import type { PromptBrief } from "../../api/promptTypes";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { Drawer } from "../../shared/Dialog";
import { EmptyState, Loaded } from "../../shared/Placeholder";
import { toastError } from "../../shared/Toast";
import styles from "./Prompts.module.css";

export function Archived({ clientId, onClose }: { clientId: string; onClose: () => void }) {
  const query = useQuery(promptsQuery(true));
  const go = useGo();
  const mayWrite = useMay("prompts.write");
  const restore = useMutation({
    mutationFn: (prompt: PromptBrief) => api.patch(promptAddress(prompt.key), { is_active: true }),
    onSuccess: (_, prompt) => {
      promptChanged(prompt.key);
      go(paths.prompt(clientId, prompt.key));
    },
    onError: (error) => toastError("bring the prompt back", error),
  });
  return (
    <Drawer isOpen onClose={onClose} title="Archived prompts" subtitle="Out of the list; what names them by key still finds them.">
      <Loaded query={query} doing="load the archived prompts" size="panel">
        {({ data }) => {
          const archived = data.filter((each) => !each.is_active);
          if (archived.length === 0) return <EmptyState size="panel" title="Nothing is archived" />;
          return (
            <ul className={styles.rows}>
              {archived.map((each) => (
                <li key={each.id} className={styles.row}>
                  <div>
                    <b>{each.name}</b>
                    <code>{each.key}</code>
                  </div>
                  {mayWrite && (
                    <Button size="small" icon={ArchiveRestore} isBusy={restore.isPending && restore.variables.id === each.id} onClick={() => restore.mutate(each)}>
                      Bring back
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Drawer>
  );
}
