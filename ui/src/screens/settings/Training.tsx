// Training mode: real columns and runs, pretended vendors.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import { queryClient, sessionQuery } from "../../api/queries";
import { useMay, useSession } from "../../frame/session";
import { ConfirmDialog } from "../../shared/Dialog";
import { SwitchField } from "../../shared/Field";
import { SimulatedMark } from "../../shared/Marks";
import { Panel } from "../../shared/Panel";
import { toastError } from "../../shared/Toast";
import { Intro } from "./Intro";
import styles from "./Settings.module.css";

export function Training() {
  const { account } = useSession();
  const mayWrite = useMay("account.write");
  const [asks, setAsks] = useState(false);
  const set = useMutation({
    mutationFn: (isTraining: boolean) => api.patch("/v3/account", { is_training: isTraining }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey }),
    onError: (error) => toastError("change training mode", error),
  });
  return (
    <>
      <Intro title="Training mode">Try everything without a key, a cost or a real person’s details.</Intro>
      <Panel>
        <SwitchField
          label="New workbooks begin in training mode"
          hint="Each workbook has its own mode, so this never changes what an existing one does."
          isOn={account.is_training}
          isDisabled={!mayWrite || set.isPending}
          onChange={(isOn) => (isOn ? set.mutate(true) : setAsks(true))}
        />
      </Panel>
      <Panel title="What it means">
        <ul className={styles.form}>
          <li>Vendors are answered by a simulator on this machine, in the vendors’ own formats: found, not found, slow, out of credits, too fast. Calls cost nothing.</li>
          <li>
            Every value it gives carries <SimulatedMark /> in the table, and a column of its own beside it in exports. Its e-mail addresses end in .example, so they reach nobody.
          </li>
          <li>Companies from the directory, your own files and everything computed here are real in both modes.</li>
          <li>A real call that fails never falls back to a simulated answer.</li>
        </ul>
      </Panel>
      <ConfirmDialog isOpen={asks} onClose={() => setAsks(false)} title="Begin workbooks for real?" confirm="Turn training mode off" onConfirm={() => set.mutateAsync(false)}>
        <p>Columns of new workbooks will call the real vendors with your keys, which costs money. You still see and approve each plan and its price first, and budgets still hold.</p>
      </ConfirmDialog>
    </>
  );
}
