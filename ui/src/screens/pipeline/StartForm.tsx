// Starts a dossier: for whom, from what, and whether for real or as a recorded example; says what is missing.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Play, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import { useOnce } from "../../api/once";
import { clientNeedsQuery, clientsQuery, pipelinesQuery, queryClient } from "../../api/queries";
import { LinkTo, useGo } from "../../frame/LinkTo";
import { paths, type SettingsSection } from "../../frame/paths";
import { Button } from "../../shared/Button";
import { Labelled, NumberField, SelectField, TextArea, TextField } from "../../shared/Field";
import { money } from "../../shared/format";
import { Notice, Panel } from "../../shared/Panel";
import { InlineError, Loaded, Skeleton } from "../../shared/Placeholder";
import { Segments } from "../../shared/Tabs";
import { KIND_ORDER, KINDS } from "../clients/configs";
import { seedOfFields, seedOfJson } from "./seed";
import styles from "./Pipeline.module.css";

type Mode = "training" | "real";
interface Missing {
  what: string;
  message: string;
}

export function StartForm({ clientId }: { clientId: string }) {
  const [forClient, setForClient] = useState(clientId);
  const needs = useQuery(clientNeedsQuery(forClient));
  return (
    <Panel title="Start a dossier">
      <Loaded query={needs} doing="see what a run needs" size="panel" skeleton={<Skeleton height={140} />}>
        {({ missing }) => <Form clientId={clientId} forClient={forClient} onClient={setForClient} missing={missing} />}
      </Loaded>
    </Panel>
  );
}

function Form({ clientId, forClient, onClient, missing }: { clientId: string; forClient: string; onClient: (id: string) => void; missing: Missing[] }) {
  const go = useGo();
  const once = useOnce();
  const clients = useQuery(clientsQuery);
  const [mode, setMode] = useState<Mode>(missing.length > 0 ? "training" : "real");
  const [isJson, setIsJson] = useState(false);
  const [company, setCompany] = useState("");
  const [hint, setHint] = useState("");
  const [json, setJson] = useState("");
  const [hours, setHours] = useState<number | null>(0);
  const typical = useTypicalCost(clientId);
  const read = isJson ? seedOfJson(json) : seedOfFields(company, hint);
  const start = useMutation({
    mutationFn: () => {
      const body = { client_id: forClient, seed: read.seed ?? {}, is_training: mode === "training", release_after_hours: hours ?? 0 };
      return once(JSON.stringify(body), (idempotencyKey) => api.post("/v2/pipeline/start", body, { idempotencyKey }));
    },
    onSuccess: (run) => {
      void queryClient.invalidateQueries({ queryKey: ["pipelines"] });
      go(paths.pipelineRun(run.client_id ?? forClient, run.id));
    },
  });
  const isBlocked = mode === "real" && missing.length > 0;
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBlocked && read.problem === undefined) start.mutate();
      }}
    >
      {missing.length > 0 && <NeedsNotice clientId={forClient} missing={missing} />}
      <div className={styles.row}>
        <SelectField label="Client" value={forClient} onChange={onClient} options={(clients.data?.data ?? []).map((each) => ({ value: each.id, label: each.name }))} />
        {!isJson && (
          <>
            <TextField className={styles.wide} label="Company" placeholder="Left empty, the search is open" value={company} onChange={setCompany} maxLength={300} />
            <TextField className={styles.wide} label="Hint" placeholder="Such as: cold stores being built in Georgia" value={hint} onChange={setHint} maxLength={2000} />
          </>
        )}
        <Labelled label="Seed as">
          <Segments name="Seed as" value={isJson ? "json" : "text"} options={[{ value: "text", label: "Text" }, { value: "json", label: "JSON" }]} onChange={(value) => setIsJson(value === "json")} />
        </Labelled>
        <NumberField label="Release after" suffix="hours" value={hours} onChange={setHours} min={0} max={8760} size={4} />
      </div>
      {isJson && (
        <TextArea
          className={styles.json}
          label="Seed"
          rows={5}
          spellCheck={false}
          placeholder={'{"company": "Acme Example", "hint": "…"}'}
          value={json}
          onChange={setJson}
          error={read.problem}
          hint="An object; its names are variables for the prompts. Left empty, the search is open."
        />
      )}
      <div className={styles.choice}>
        <Segments name="Mode" value={mode} options={[{ value: "training", label: "Training" }, { value: "real", label: "Real run" }]} onChange={setMode} />
        <span>
          {mode === "training"
            ? "Plays a recorded example company whatever the seed says. Costs nothing; every value is marked simulated."
            : isBlocked
              ? "Needs what is listed above."
              : "Asks the language model and searches the web for real."}
        </span>
        <Button type="submit" look="primary" icon={Play} isBusy={start.isPending} disabled={isBlocked || read.problem !== undefined} priceMicroUsd={mode === "training" ? 0 : typical} isExactPrice={mode === "training"}>
          Start
        </Button>
        {mode === "real" && !isBlocked && typical === null && <span>No real run has finished yet to tell its price from; it stops at your budget.</span>}
        {mode === "real" && typical !== null && <span>Finished real runs cost {money(typical)} on average.</span>}
      </div>
      <InlineError error={start.error} />
    </form>
  );
}

const SETTINGS: Readonly<Record<string, SettingsSection | undefined>> = { llm: "llms", search: "keys" };

function NeedsNotice({ clientId, missing }: { clientId: string; missing: Missing[] }) {
  return (
    <Notice tone="attention" icon={<TriangleAlert size={16} aria-hidden />}>
      <div className={styles.needs}>
        <b>A real run cannot start yet.</b>
        {missing.map(({ what, message }) => {
          const section = SETTINGS[what];
          const kind = KIND_ORDER.find((each) => each === what);
          return (
            <span key={what}>
              {kind ? `The client’s brief says nothing yet under “${KINDS[kind].label}”, which the steps cannot do without.` : message}{" "}
              <LinkTo className="link" to={section ? paths.settings(section) : paths.client(clientId, kind)}>
                {section ? "Open Settings" : "Open the brief"}
              </LinkTo>
            </span>
          );
        })}
        <span>Until then, training mode shows a whole run.</span>
      </div>
    </Notice>
  );
}

/** What whole, real runs of this client have cost on average; null before the first. */
function useTypicalCost(clientId: string): number | null {
  const { data } = useQuery(pipelinesQuery({ client_id: clientId, status: "completed" }));
  const costs = (data?.data ?? []).filter((run) => !run.is_simulated && !run.is_rerun).map((run) => run.cost_micro_usd);
  return costs.length === 0 ? null : Math.round(costs.reduce((sum, cost) => sum + cost, 0) / costs.length);
}
