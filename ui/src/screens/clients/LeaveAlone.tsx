// Whom to leave alone: companies that are never researched, and those that must not be contacted.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import { putAnswer } from "../../api/queries";
import type { ResearchClient } from "../../api/types";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { counted } from "../../shared/format";
import { Panel } from "../../shared/Panel";
import { InlineError } from "../../shared/Placeholder";
import { toast } from "../../shared/Toast";
import { Lines } from "./ConfigForm";
import styles from "./Brief.module.css";

export function LeaveAlone({ client }: { client: ResearchClient }) {
  const [excluded, setExcluded] = useState<string[] | null>(null);
  const [doNotCall, setDoNotCall] = useState<string[] | null>(null);
  const mayWrite = useMay("clients.write");
  const save = useMutation({
    mutationFn: () => api.put<ResearchClient>(`/v2/clients/${client.id}`, { ...(excluded && { excluded }), ...(doNotCall && { do_not_call: doNotCall }) }),
    onSuccess: (saved) => {
      putAnswer(["research-client", client.id], saved);
      setExcluded(null);
      setDoNotCall(null);
      toast({ tone: "done", title: "Saved", body: "It counts from the next step of every run." });
    },
  });
  const own = excluded ?? client.excluded;
  const calls = doNotCall ?? client.do_not_call;
  return (
    <Panel title="Leave alone" hint="A run that finds one of these stops with a sentence saying so. A domain covers what is below it.">
      <div className={styles.editor}>
        <fieldset className={styles.form} disabled={!mayWrite}>
          <div className={styles.cell}>
            <Lines label={`Excluded companies (${counted(own.length, "entry", "entries")})`} hint="Names or domains, one a line." lines={own} rows={10} onChange={setExcluded} />
          </div>
          <div className={styles.cell}>
            <Lines label={`Do not call (${counted(calls.length, "entry", "entries")})`} hint="Names or domains, one a line." lines={calls} rows={10} onChange={setDoNotCall} />
          </div>
        </fieldset>
        <InlineError error={save.error} />
        {mayWrite && (
          <div className={styles.buttons}>
            <Button look="primary" disabled={!excluded && !doNotCall} isBusy={save.isPending} onClick={() => save.mutate()}>
              Save
            </Button>
          </div>
        )}
      </div>
    </Panel>
  );
}
