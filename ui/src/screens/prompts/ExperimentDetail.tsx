// One experiment: its versions as columns, its inputs as rows, and for one input all outputs side by side.
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ArrowLeft, Check, CircleStop, X } from "lucide-react";
import { useLive } from "../../api/live";
import { api } from "../../api/client";
import { experimentQuery } from "../../api/promptQueries";
import { queryClient } from "../../api/queries";
import type { Experiment, SummaryLine, Trial } from "../../api/promptTypes";
import { LinkTo, useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { classes, counted, duration, words } from "../../shared/format";
import { SimulatedMark } from "../../shared/Marks";
import { Money } from "../../shared/Money";
import { Notice, Page, Panel } from "../../shared/Panel";
import { PageSkeleton } from "../../shared/PageSkeleton";
import { Loaded } from "../../shared/Placeholder";
import { ProgressBar } from "../../shared/ProgressBar";
import { StateBadge } from "../../shared/StateBadge";
import { Ago } from "../../shared/Time";
import { toastError } from "../../shared/Toast";
import { assertionTitle } from "./assertionTitle";
import { Inputs } from "./Inputs";
import { Outcome } from "./Outcome";
import styles from "./Experiments.module.css";

interface Props {
  clientId: string;
  promptKey: string;
  experimentId: string;
}

export function ExperimentDetail({ clientId, promptKey, experimentId }: Props) {
  const query = useQuery(experimentQuery(experimentId));
  const runId = query.data?.run_id;
  useLive(runId ? `run:${runId}` : null, () => void queryClient.invalidateQueries({ queryKey: ["experiment", experimentId] }));
  return (
    <Loaded query={query} doing="open this experiment" skeleton={<PageSkeleton />}>
      {(experiment) => <Opened clientId={clientId} promptKey={promptKey} experiment={experiment} />}
    </Loaded>
  );
}

function Opened({ clientId, promptKey, experiment }: { clientId: string; promptKey: string; experiment: Experiment }) {
  const [caseNo, setCaseNo] = useUrlState("case", "0");
  const go = useGo();
  const { run, trials, candidates, cases } = experiment;
  const total = candidates.length * cases.length;
  const isOpen = run !== null && ["queued", "running", "waiting", "stopping"].includes(run.state);
  const shown = cases[Number(caseNo)];
  const stop = () => api.post(`/v3/runs/${run?.id}/stop`).catch((error: unknown) => toastError("stop the experiment", error));
  return (
    <Page
      title={experiment.name}
      subtitle={
        <>
          {run && <StateBadge state={run.state} />}
          <span>{words(experiment.kind)}</span>
          <span>
            begun <Ago at={experiment.created_at} />
          </span>
          <span>
            {counted(candidates.length, "version")} on {counted(cases.length, "input")}
          </span>
          {trials.some((each) => each.is_simulated) && <SimulatedMark />}
          {run && (
            <LinkTo className="link" to={paths.run(run.client_id ?? clientId, run.id)}>
              the run
            </LinkTo>
          )}
        </>
      }
      actions={
        <>
          {isOpen && (
            <Button icon={CircleStop} onClick={() => void stop()}>
              Stop
            </Button>
          )}
          <Button icon={ArrowLeft} onClick={() => go(paths.prompt(clientId, promptKey, "experiments"))}>
            All experiments
          </Button>
        </>
      }
      width="full"
    >
      {run?.error && <Notice tone="failed">{run.error.message}</Notice>}
      {isOpen && <ProgressBar done={trials.length} total={total} label="Trials" />}
      {experiment.assertions.length === 0 && <Notice>There were no assertions when it began, so nothing judged the outputs; a trial passes when something usable came back.</Notice>}
      <Panel title="Results" hint="What passed is what gave a usable output that holds every assertion." isFlush>
        <Results experiment={experiment} caseNo={Number(caseNo)} onCase={(at) => setCaseNo(String(at))} />
      </Panel>
      {shown && (
        <Panel title={shown.name} hint="The same input, given to each.">
          <div className={styles.outputs}>
            <section aria-label="Input">
              <h3>Input</h3>
              <Inputs variables={shown.variables} />
            </section>
            {candidates.map((candidate, no) => {
              const trial = find(trials, no, Number(caseNo));
              return (
                <section key={no} aria-label={candidate.title}>
                  <h3>{candidate.title}</h3>
                  {trial ? <Outcome came={trial} assertions={experiment.assertions} /> : <p className="muted">{isOpen ? "Not tried yet." : "It was not tried."}</p>}
                </section>
              );
            })}
          </div>
        </Panel>
      )}
    </Page>
  );
}

function find(trials: Trial[], candidateNo: number, caseNo: number): Trial | undefined {
  return trials.find((each) => each.candidate_no === candidateNo && each.case_no === caseNo);
}

function Results({ experiment, caseNo, onCase }: { experiment: Experiment; caseNo: number; onCase: (at: number) => void }) {
  const { candidates, cases, trials, assertions } = experiment;
  const lines = candidates.map((candidate, no) => lineOf(experiment, no, candidate.title));
  const per = (line: number, index: number) => {
    const judged = trials.filter((each) => each.candidate_no === line && each.verdicts.length > 0);
    return { held: judged.filter((each) => each.verdicts[index]?.is_passed).length, of: judged.length };
  };
  return (
    <div className={styles.wrap}>
      <table className={styles.results} aria-label="Results by version">
        <thead>
          <tr>
            <th scope="col">&nbsp;</th>
            {lines.map((line, no) => (
              <th key={no} scope="col">
                {line.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Row name="Passed" cells={lines.map((line) => <b>{line.trials === 0 ? "–" : `${line.passed} of ${line.trials}`}</b>)} />
          <Row name="Cost" cells={lines.map((line) => <Money microUsd={line.cost_micro_usd} />)} />
          <Row name="Median time" cells={lines.map((line) => (line.trials === 0 ? "–" : duration(line.median_ms)))} />
        </tbody>
        {assertions.length > 0 && (
          <tbody>
            <Heading span={lines.length + 1}>Assertions</Heading>
            {assertions.map((assertion, index) => (
              <Row
                key={index}
                name={assertionTitle(assertion)}
                cells={lines.map((_, no) => {
                  const { held, of } = per(no, index);
                  return of === 0 ? <span className="faint">–</span> : <Held isAll={held === of}>{`${held} of ${of}`}</Held>;
                })}
              />
            ))}
          </tbody>
        )}
        <tbody>
          <Heading span={lines.length + 1}>Inputs</Heading>
          {cases.map((each, at) => (
            <tr key={at} data-list-item="" tabIndex={0} className={classes(styles.opens, at === caseNo && styles.open)} aria-selected={at === caseNo} onClick={() => onCase(at)} onKeyDown={(event) => event.key === "Enter" && onCase(at)}>
              <th scope="row">{each.name}</th>
              {candidates.map((_, no) => (
                <td key={no}>
                  <TrialCell trial={find(trials, no, at)} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ name, cells }: { name: string; cells: ReactNode[] }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      {cells.map((cell, index) => (
        <td key={index}>{cell}</td>
      ))}
    </tr>
  );
}

function Heading({ span, children }: { span: number; children: string }) {
  return (
    <tr className={styles.heading}>
      <th scope="colgroup" colSpan={span}>
        {children}
      </th>
    </tr>
  );
}

function Held({ isAll, children }: { isAll: boolean; children: string }) {
  const Icon = isAll ? Check : X;
  return (
    <span className={styles.held} data-all={isAll || undefined}>
      <Icon size={13} strokeWidth={2.4} aria-label={isAll ? "holds" : "fails"} />
      {children}
    </span>
  );
}

function TrialCell({ trial }: { trial: Trial | undefined }) {
  if (!trial) return <StateBadge state="queued" look="plain" />;
  const failed = trial.verdicts.filter((each) => !each.is_passed).length;
  const word = trial.error ? "No usable output" : trial.is_passed ? "Passed" : `${counted(failed, "assertion")} ${failed === 1 ? "fails" : "fail"}`;
  return (
    <span className={styles.trial}>
      <StateBadge state={trial.is_passed ? "succeeded" : "failed"} look="plain" word={word} note={trial.error?.message} />
      <small>{duration(trial.duration_ms)}</small>
      <small>
        <Money microUsd={trial.cost_micro_usd} />
      </small>
    </span>
  );
}

/** A version's line of the summary; worked out from the trials so far while it has not finished. */
function lineOf(experiment: Experiment, no: number, title: string): Pick<SummaryLine, "title" | "trials" | "passed" | "cost_micro_usd" | "median_ms"> {
  const known = experiment.summary?.candidates[no];
  if (known) return known;
  const trials = experiment.trials.filter((each) => each.candidate_no === no);
  const times = trials.map((each) => each.duration_ms).sort((a, b) => a - b);
  return {
    title, trials: trials.length, passed: trials.filter((each) => each.is_passed).length,
    cost_micro_usd: trials.reduce((sum, each) => sum + each.cost_micro_usd, 0), median_ms: times[Math.floor(times.length / 2)] ?? 0,
  };
}
