// Whether the assertions let a version through to a protected label, what fails where, and the evaluation that shows it.
import { useMutation, useQuery } from "@tanstack/react-query";
import { FlaskConical, ShieldAlert, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import { useOnce } from "../../api/once";
import { experimentQuery, experimentsQuery, gateQuery, promptAddress, trialsChanged } from "../../api/promptQueries";
import type { Experiment, Prompt, Started } from "../../api/promptTypes";
import { LinkTo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { SimulatedMark } from "../../shared/Marks";
import { Notice } from "../../shared/Panel";
import { InlineError, Loaded, Skeleton } from "../../shared/Placeholder";
import { useAnswering } from "./llm";
import { assertionTitle } from "./assertionTitle";
import styles from "./Labels.module.css";

const SHOWN = 6;

interface Props {
  clientId: string;
  prompt: Prompt;
  number: number;
  label: string;
}

export function GateCard({ clientId, prompt, number, label }: Props) {
  const query = useQuery(gateQuery(prompt.key, number));
  const experiments = useQuery(experimentsQuery(prompt.key));
  const answering = useAnswering(clientId);
  const mayRun = useMay("runs.start");
  const once = useOnce();
  const [started, setStarted] = useState<string | null>(null);
  const going = experiments.data?.data.find((each) => each.id === started && each.finished_at === null);
  const evaluate = useMutation({
    mutationFn: () => {
      const body = { versions: [number], client_id: clientId };
      return once(`evaluate ${prompt.key} ${number}`, (idempotencyKey) => api.post<Started>(`${promptAddress(prompt.key)}/experiments`, body, { idempotencyKey }));
    },
    onSuccess: ({ experiment_id: id }) => {
      setStarted(id);
      trialsChanged(prompt.key, id);
    },
  });
  const button = mayRun && (
    <Button size="small" icon={FlaskConical} disabled={!answering.isThere} isBusy={evaluate.isPending || going !== undefined} onClick={() => evaluate.mutate()}>
      {going ? "Evaluating" : `Evaluate version ${number}`}
    </Button>
  );
  return (
    <Loaded query={query} doing="look at the gate" size="panel" skeleton={<Skeleton height={60} />}>
      {(gate) => (
        <div className={styles.gate} role="group" aria-label={`Gate of ${label}`}>
          <Notice tone={gate.is_open ? "done" : "attention"} icon={gate.is_open ? <ShieldCheck size={16} aria-hidden /> : <ShieldAlert size={16} aria-hidden />} action={button}>
            <b>{gate.is_open ? "The gate is open." : "The gate is closed."}</b> {gate.reason} {gate.is_simulated && <SimulatedMark />}
          </Notice>
          {gate.experiment_id && <Proof clientId={clientId} prompt={prompt} number={number} experimentId={gate.experiment_id} />}
          <InlineError error={evaluate.error} />
        </div>
      )}
    </Loaded>
  );
}

function Proof({ clientId, prompt, number, experimentId }: { clientId: string; prompt: Prompt; number: number; experimentId: string }) {
  const { data } = useQuery(experimentQuery(experimentId));
  if (!data) return null;
  const failures = failuresOf(data, number);
  return (
    <div className={styles.proof}>
      {failures.length > 0 && (
        <ul aria-label="What fails">
          {failures.slice(0, SHOWN).map((each, index) => (
            <li key={index}>
              <b>{each.case}</b> {each.what}
              {each.why && <small>{each.why}</small>}
            </li>
          ))}
          {failures.length > SHOWN && <li className="muted">and {failures.length - SHOWN} more</li>}
        </ul>
      )}
      <LinkTo className="link" to={paths.experiment(clientId, prompt.key, experimentId)}>
        The evaluation that shows it
      </LinkTo>
    </div>
  );
}

function failuresOf(experiment: Experiment, number: number): { case: string; what: string; why: string }[] {
  return experiment.trials
    .filter((trial) => experiment.candidates[trial.candidate_no]?.number === number && !trial.is_passed)
    .flatMap((trial) => {
      const name = experiment.cases[trial.case_no]?.name ?? "An input";
      if (trial.error) return [{ case: name, what: "gave no usable output", why: trial.error.message }];
      return trial.verdicts.flatMap((verdict, index) => {
        const assertion = experiment.assertions[index];
        return verdict.is_passed ? [] : [{ case: name, what: assertion ? assertionTitle(assertion) : verdict.kind, why: verdict.reason }];
      });
    });
}
