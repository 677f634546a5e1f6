// Tries one prompt's version on past runs: its steps, and all that depend on them, from what they were given then.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Repeat2 } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import { useOnce } from "../../api/once";
import { pipelinesQuery, plannedStepsQuery, promptVersionsQuery, queryClient } from "../../api/queries";
import type { PipelineBrief, PlannedSteps } from "../../api/types";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { Drawer } from "../../shared/Dialog";
import { CheckboxField, NumberField, SelectField } from "../../shared/Field";
import { counted } from "../../shared/format";
import { EmptyState, InlineError, Loaded } from "../../shared/Placeholder";
import { Segments } from "../../shared/Tabs";
import { STAGES } from "./steps";
import styles from "./Pipeline.module.css";

const RUNS_AT_MOST = 50;

export function ReplayDrawer({ clientId, onClose }: { clientId: string; onClose: () => void }) {
  const runs = useQuery(pipelinesQuery({ client_id: clientId, status: "completed", limit: RUNS_AT_MOST }));
  return (
    <Loaded query={runs} doing="load the past runs" skeleton={<span />}>
      {({ data }) => <Form clientId={clientId} past={data.filter((run) => !run.is_rerun)} onClose={onClose} />}
    </Loaded>
  );
}

function Form({ clientId, past, onClose }: { clientId: string; past: PipelineBrief[]; onClose: () => void }) {
  const go = useGo();
  const once = useOnce();
  const planned = useQuery(plannedStepsQuery);
  const [prompt, setPrompt] = useUrlState("prompt");
  const [version, setVersion] = useState("");
  const [which, setWhich] = useState<"newest" | "chosen">("newest");
  const [amount, setAmount] = useState<number | null>(Math.min(5, Math.max(1, past.length)));
  const [picked, setPicked] = useState<string[]>([]);
  const [withDependants, setWithDependants] = useState(true);
  const versions = useQuery({ ...promptVersionsQuery(prompt), enabled: prompt !== "" });
  const number = version || String(versions.data?.[0]?.number ?? "");
  const chosen = which === "chosen" ? past.filter((run) => picked.includes(run.id)) : past.slice(0, amount ?? 1);
  const cost = chosen.reduce((sum, run) => sum + run.cost_micro_usd, 0);
  const start = useMutation({
    mutationFn: () => {
      const body = {
        prompt, version: Number(number), client_id: clientId, with_dependants: withDependants,
        run_ids: chosen.map((run) => run.id), last_runs: Math.max(1, chosen.length),
      };
      return once(JSON.stringify(body), (idempotencyKey) => api.post("/v2/pipeline/replays", body, { idempotencyKey }));
    },
    onSuccess: (made) => {
      void queryClient.invalidateQueries({ queryKey: ["pipelines"] });
      go(paths.replay(clientId, made.replay_id));
    },
  });
  return (
    <Drawer
      isOpen
      onClose={onClose}
      title="Replay a prompt"
      subtitle="The steps that ask with it are taken again from what they were given then. Past runs stay as they are."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" icon={Repeat2} isBusy={start.isPending} disabled={!prompt || !number || chosen.length === 0} priceMicroUsd={cost || (chosen.length > 0 ? 0 : null)} isExactPrice={cost === 0} onClick={() => start.mutate()}>
            Replay {counted(chosen.length, "run")}
          </Button>
        </>
      }
    >
      {past.length === 0 ? (
        <EmptyState size="panel" title="No complete run yet">
          A replay needs a past run to take again. Start a dossier, then come back.
        </EmptyState>
      ) : (
        <div className={styles.form}>
          <InlineError error={start.error} />
          <SelectField
            label="Prompt"
            value={prompt}
            onChange={(next) => {
              setPrompt(next);
              setVersion("");
            }}
            placeholder="Choose a prompt"
            options={planned.data ? promptOptions(planned.data) : []}
          />
          {prompt && (
            <SelectField
              label="Version"
              value={number}
              onChange={setVersion}
              options={(versions.data ?? []).map((each) => ({ value: String(each.number), label: `v${each.number}${each.notes ? ` · ${each.notes.slice(0, 60)}` : ""}` }))}
            />
          )}
          <Segments name="Which runs" value={which} options={[{ value: "newest", label: "The newest runs" }, { value: "chosen", label: "Chosen runs" }]} onChange={setWhich} />
          {which === "newest" ? (
            <NumberField label="How many" value={amount} onChange={setAmount} min={1} max={Math.min(RUNS_AT_MOST, past.length)} hint={`${counted(past.length, "complete run")} to choose from.`} />
          ) : (
            <div className={styles.pick}>
              {past.map((run) => (
                <CheckboxField key={run.id} label={run.title} hint={new Date(run.created_at).toLocaleString("en")} isOn={picked.includes(run.id)} onChange={(isOn) => setPicked(isOn ? [...picked, run.id] : picked.filter((id) => id !== run.id))} />
              ))}
            </div>
          )}
          <CheckboxField label="Take the steps that depend on it again, too" hint="Then claims and costs can be compared to the end of the run." isOn={withDependants} onChange={setWithDependants} />
          {cost > 0 && <p className="muted">The price is what the whole runs cost; a part costs less.</p>}
        </div>
      )}
    </Drawer>
  );
}

function promptOptions({ data, shared_prompts }: PlannedSteps) {
  const groups = STAGES.map(([stage, word]) => ({
    group: word,
    options: data.filter((step) => step.stage === stage).flatMap((step) => step.asks.filter((ask) => !shared_prompts.includes(ask.prompt)).map((ask) => ({ value: ask.prompt, label: `${ask.label} (${ask.prompt})` }))),
  }));
  return [...groups, { group: "Shared by several steps", options: shared_prompts.map((key) => ({ value: key, label: key })) }];
}
