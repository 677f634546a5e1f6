// Composing a batch: the seeds, how they are made, what that will cost, and when it begins.
import { useMutation, useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { api } from "../../api/client";
import { useOnce } from "../../api/once";
import { batchEstimateQuery, pipelineNeedsQuery, queryClient } from "../../api/queries";
import type { BatchBrief, BatchEstimate, BatchSchedule, NewBatch } from "../../api/types";
import { Button } from "../../shared/Button";
import { ConfirmDialog } from "../../shared/Dialog";
import { MoneyField, NumberField, SelectField, SwitchField, TextArea, TextField } from "../../shared/Field";
import { counted, money, words } from "../../shared/format";
import { Money } from "../../shared/Money";
import { Notice, Panel } from "../../shared/Panel";
import { InlineError } from "../../shared/Placeholder";
import { toast } from "../../shared/Toast";
import { cronOf, cronWords, DAYS, parseSeeds, RHYTHMS, type Rhythm, type Seed } from "./seeds";
import styles from "./Batches.module.css";

const MOST_SEEDS = 200;

export function Composer({ clientId, onBegun }: { clientId: string; onBegun: (batchId: string) => void }) {
  const [text, setText] = useState("");
  const [name, setName] = useState("");
  const [atOnce, setAtOnce] = useState<number | null>(3);
  const [hold, setHold] = useState<number | null>(0);
  const [most, setMost] = useState<number | null>(null);
  const [training, setTraining] = useState<boolean | null>(null);
  const [rhythm, setRhythm] = useState<Rhythm>("now");
  const [hour, setHour] = useState<number | null>(6);
  const [day, setDay] = useState("1");
  const [isAsking, setIsAsking] = useState(false);
  const needs = useQuery(pipelineNeedsQuery);
  const once = useOnce();

  const isTraining = training ?? (needs.data?.missing.length ?? 0) > 0;
  const seeds = parseSeeds(text);
  const batch: NewBatch = {
    client_id: clientId,
    seeds,
    name: name.trim(),
    is_training: isTraining,
    at_once: atOnce ?? 1,
    release_after_hours: hold ?? 0,
    budget_micro_usd_per_dossier: most,
  };
  const asked = useDeferredValue(batch);
  const isCountOk = seeds.length > 0 && seeds.length <= MOST_SEEDS;
  const estimate = useQuery({ ...batchEstimateQuery(asked), enabled: asked.seeds.length > 0 && asked.seeds.length <= MOST_SEEDS });
  const cron = cronOf(rhythm, hour ?? 0, Number(day));
  const found = isCountOk && !estimate.isError ? estimate.data : undefined;
  const isBlocked = !found || (found.blockers.length > 0 && !isTraining);

  const begin = useMutation({
    mutationFn: async () => {
      const intent = JSON.stringify([batch, cron]);
      if (cron) return once(intent, (idempotencyKey) => api.post<BatchSchedule>("/v2/batches/schedules", { ...batch, cron }, { idempotencyKey }));
      return once(intent, (idempotencyKey) => api.post<BatchBrief>("/v2/batches", batch, { idempotencyKey }));
    },
    onSuccess: (made) => {
      void queryClient.invalidateQueries({ queryKey: ["batches"] });
      setText("");
      setName("");
      if (cron) toast({ tone: "done", title: "Scheduled", body: cronWords(cron) });
      else onBegun(made.id);
    },
  });

  return (
    <Panel title="Compose a batch">
      <div className={styles.composer}>
        <div className={styles.seeds}>
          <TextArea
            label="Companies or hints"
            aside={seeds.length > 0 && counted(seeds.length, "dossier")}
            hint="One a line, pasted from a sheet if you like: the company, its domain, a hint. A sentence is a hint to look for a company by."
            error={seeds.length > MOST_SEEDS ? `A batch holds ${MOST_SEEDS} at most. Take ${seeds.length - MOST_SEEDS} out.` : null}
            rows={8}
            placeholder={"Kestrel Cold Storage, kestrelcold.example, new store in Georgia\nHarbor Foods | harborfoods.example"}
            value={text}
            onChange={setText}
          />
          {seeds.length > 0 && <Seeds seeds={seeds} />}
        </div>
        <div className={styles.options}>
          <TextField label="Name" aside="optional" value={name} onChange={setName} maxLength={120} />
          <div className={styles.pair}>
            <NumberField label="Side by side" value={atOnce} onChange={setAtOnce} min={1} max={5} hint="1 to 5 at once." />
            <NumberField label="Hold back" suffix="hours" value={hold} onChange={setHold} min={0} max={8760} hint="After it is ready." />
          </div>
          <MoneyField label="At most for one dossier" aside="optional" microUsd={most} onChange={setMost} hint="A dossier that would cost more stops and says so." />
          <div className={styles.pair}>
            <SelectField label="Begin" value={rhythm} onChange={(next) => setRhythm(next as Rhythm)} options={RHYTHMS} />
            {rhythm !== "now" && <NumberField label="Hour" suffix="UTC" value={hour} onChange={setHour} min={0} max={23} />}
          </div>
          {rhythm === "weekly" && <SelectField label="Day" value={day} onChange={setDay} options={DAYS.map((label, index) => ({ value: String(index), label }))} />}
          <SwitchField label="Training mode" hint="Plays the recorded example for each: free, and every value marked simulated." isOn={isTraining} onChange={setTraining} />
        </div>
      </div>
      <div className={styles.foot}>
        {found ? <Cost estimate={found} isTraining={isTraining} /> : <span className="muted">{isCountOk && estimate.isFetching ? "Working out the price." : "The price shows here before anything begins."}</span>}
        <InlineError error={isCountOk ? (estimate.error ?? begin.error) : begin.error} />
        <Button
          look="primary"
          disabled={isBlocked}
          isBusy={begin.isPending}
          priceMicroUsd={found ? found.expected_micro_usd : undefined}
          onClick={() => (found?.needs_confirmation && !isTraining ? setIsAsking(true) : begin.mutate())}
        >
          {`${cron ? "Schedule" : "Begin"}${seeds.length > 0 ? ` ${counted(seeds.length, "dossier")}` : ""}`}
        </Button>
      </div>
      {found && (
        <ConfirmDialog
          isOpen={isAsking}
          onClose={() => setIsAsking(false)}
          title={`${cron ? "Schedule" : "Begin"} ${counted(found.dossiers, "dossier")}?`}
          confirm={cron ? "Schedule" : "Begin"}
          priceMicroUsd={found.expected_micro_usd}
          onConfirm={() => begin.mutateAsync()}
        >
          <p>
            About {money(found.expected_micro_usd)} is expected and {money(found.worst_micro_usd)} is the most{cron ? " each time" : ""}. You can stop it where it is shown; what is done stays.
          </p>
        </ConfirmDialog>
      )}
    </Panel>
  );
}

function Seeds({ seeds }: { seeds: Seed[] }) {
  return (
    <ol className={styles.parsed} aria-label="As they are read">
      {seeds.slice(0, 8).map((seed, index) => (
        <li key={index}>
          <b>{String(seed.company ?? seed.domain ?? "Look for a company")}</b>
          {seed.company && seed.domain ? <span className="muted"> {String(seed.domain)}</span> : null}
          {seed.hint ? <span className="muted"> · {String(seed.hint)}</span> : null}
        </li>
      ))}
      {seeds.length > 8 && <li className="muted">and {seeds.length - 8} more</li>}
    </ol>
  );
}

function Cost({ estimate, isTraining }: { estimate: BatchEstimate; isTraining: boolean }) {
  const tight = estimate.budgets.filter((each) => !each.fits);
  if (isTraining) {
    return (
      <div className={styles.cost}>
        <p>
          <b>Free</b> for {counted(estimate.dossiers, "dossier")}. <span className="muted">The recorded example is played for each, so all of them tell of its company; everything is marked simulated.</span>
        </p>
      </div>
    );
  }
  return (
    <div className={styles.cost}>
      <p>
        <b>
          <Money microUsd={estimate.expected_micro_usd} isEstimate />
        </b>{" "}
        for {counted(estimate.dossiers, "dossier")}, <Money microUsd={estimate.expected_micro_usd_per_dossier} /> each; <Money microUsd={estimate.worst_micro_usd} /> at most.{" "}
        <span className="muted">{estimate.based_on_runs > 0 ? `From ${counted(estimate.based_on_runs, "past dossier")}.` : "From prices; no dossiers to go by yet."}</span>
      </p>
      {tight.map((each) => (
        <Notice key={each.scope} tone="attention" icon={<TriangleAlert size={16} aria-hidden />}>
          The {words(each.scope).toLowerCase()} budget has {money(each.left_micro_usd)} left, which is less than this is expected to cost.
        </Notice>
      ))}
      {estimate.blockers.map((each) => (
        <Notice key={each} tone="failed" icon={<TriangleAlert size={16} aria-hidden />}>
          {each}
        </Notice>
      ))}
      {estimate.warnings.map((each) => (
        <p key={each} className="muted">
          {each}
        </p>
      ))}
    </div>
  );
}
