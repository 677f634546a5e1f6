// Choosing what to try on which inputs, with what it is likely to cost.
import { useMutation, useQuery } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import { useOnce } from "../../api/once";
import { fixturesQuery, promptAddress, promptRunsQuery, trialsChanged } from "../../api/promptQueries";
import type { Prompt, Started } from "../../api/promptTypes";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { Button } from "../../shared/Button";
import { CheckboxField, NumberField, SwitchField, TextField } from "../../shared/Field";
import { counted } from "../../shared/format";
import { Panel } from "../../shared/Panel";
import { InlineError } from "../../shared/Placeholder";
import { contentOf, useDraft } from "./draft";
import { useAnswering } from "./llm";
import { NeedsLlm } from "./NeedsLlm";
import styles from "./Experiments.module.css";

const OFFERED = 8;

export function NewExperiment({ clientId, prompt, onClose }: { clientId: string; prompt: Prompt; onClose: () => void }) {
  const production = prompt.labels.find((each) => each.name === "production")?.number;
  const [versions, setVersions] = useState<number[]>(() => firstTwo(prompt, production));
  const [draft] = useDraft(prompt.id);
  const [withDraft, setWithDraft] = useState(draft !== null);
  const fixtures = useQuery(fixturesQuery(prompt.key)).data?.data ?? [];
  const real = (useQuery(promptRunsQuery(prompt.key)).data?.data ?? []).filter((each) => !each.is_test);
  const [left, setLeft] = useState<string[]>([]);
  const [past, setPast] = useState<number | null>(null);
  const [name, setName] = useState("");
  const [isFresh, setIsFresh] = useState(false);
  const answering = useAnswering(clientId);
  const once = useOnce();
  const go = useGo();
  const chosen = fixtures.filter((each) => !left.includes(each.id));
  const pastRuns = past ?? (fixtures.length === 0 ? Math.min(3, real.length) : 0);
  const candidates = versions.length + (withDraft && draft ? 1 : 0);
  const inputs = chosen.length + Math.min(pastRuns, real.length || pastRuns);
  const start = useMutation({
    mutationFn: () => {
      const body = {
        versions, drafts: withDraft && draft ? [contentOf(draft)] : [], fixture_ids: chosen.map((each) => each.id), past_runs: pastRuns, name, client_id: clientId, is_fresh: isFresh,
      };
      return once(JSON.stringify(body), (idempotencyKey) => api.post<Started>(`${promptAddress(prompt.key)}/experiments`, body, { idempotencyKey }));
    },
    onSuccess: ({ experiment_id: id }) => {
      trialsChanged(prompt.key, id);
      go(paths.experiment(clientId, prompt.key, id));
    },
  });
  const one = answering.price(prompt.current.config, prompt.current.text.length + 4000);
  const toggle = (number: number, isOn: boolean) => setVersions(isOn ? [...versions, number].sort((a, b) => a - b) : versions.filter((each) => each !== number));
  const offered = prompt.versions.filter((each, index) => index < OFFERED || versions.includes(each.number) || each.number === production);
  return (
    <Panel
      title="Compare versions"
      hint="Every version is tried on every input and judged by the prompt’s assertions."
      actions={
        <>
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button look="primary" icon={FlaskConical} disabled={candidates === 0 || inputs === 0 || !answering.isThere} isBusy={start.isPending} priceMicroUsd={one === null ? null : one * candidates * inputs} onClick={() => start.mutate()}>
            {candidates * inputs > 0 ? `Try ${counted(candidates, "version")} on ${counted(inputs, "input")}` : "Try"}
          </Button>
        </>
      }
    >
      <div className={styles.form}>
        {answering.isThere === false && <NeedsLlm clientId={clientId} />}
        <div className={styles.choices}>
          <fieldset>
            <legend>Versions</legend>
            {draft && <CheckboxField label="The draft in the editor" hint={`not saved, from version ${draft.base}`} isOn={withDraft} onChange={setWithDraft} />}
            {offered.map((each) => (
              <CheckboxField
                key={each.number}
                label={`Version ${each.number}`}
                hint={[each.branch !== "main" && each.branch, each.number === production && "production", each.notes].filter(Boolean).join(" · ")}
                isOn={versions.includes(each.number)}
                onChange={(isOn) => toggle(each.number, isOn)}
              />
            ))}
          </fieldset>
          <fieldset>
            <legend>Inputs</legend>
            {fixtures.length === 0 && <p className="muted">No fixture is kept yet; inputs of past runs do as well.</p>}
            {fixtures.map((each) => (
              <CheckboxField key={each.id} label={each.name} isOn={!left.includes(each.id)} onChange={(isOn) => setLeft(isOn ? left.filter((id) => id !== each.id) : [...left, each.id])} />
            ))}
            <NumberField label="And inputs of the newest runs" className={styles.number} min={0} max={200} value={past ?? pastRuns} onChange={(value) => setPast(value ?? 0)} hint={real.length === 0 ? "There is no run of real work yet." : "Tests do not count."} />
          </fieldset>
          <fieldset>
            <legend>How</legend>
            <TextField label="Name" value={name} onChange={setName} placeholder="Optional" />
            <SwitchField label="Ask again" hint="Buys an answer anew even where the same was asked before." isOn={isFresh} onChange={setIsFresh} />
          </fieldset>
        </div>
        <InlineError error={start.error} />
      </div>
    </Panel>
  );
}

/** The newest version and what it would replace. */
function firstTwo(prompt: Prompt, production: number | undefined): number[] {
  const newest = prompt.current_version;
  const other = production && production !== newest ? production : prompt.versions.find((each) => each.number === newest)?.parent;
  return [...new Set([other, newest])].filter((each): each is number => typeof each === "number");
}
