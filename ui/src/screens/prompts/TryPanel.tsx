// What the prompt does on an input: the input at the left, what came of it at the right, and what comes now beside it.
import { useMutation, useQuery } from "@tanstack/react-query";
import { CirclePlay, FlaskConical, PencilLine, Play } from "lucide-react";
import { useEffect, useState } from "react";
import { api } from "../../api/client";
import { useOnce } from "../../api/once";
import { experimentQuery, lastRunQuery, promptAddress, promptRunQuery, promptRunsQuery, runsChanged, trialsChanged } from "../../api/promptQueries";
import type { Content, Origin, Prompt, PromptRun, PromptRunBrief, Started, Variables } from "../../api/promptTypes";
import { LinkTo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { SelectField } from "../../shared/Field";
import { ago } from "../../shared/format";
import { Panel } from "../../shared/Panel";
import { EmptyState, InlineError, Skeleton } from "../../shared/Placeholder";
import { StateBadge } from "../../shared/StateBadge";
import { Ago } from "../../shared/Time";
import { missingVariables } from "./draft";
import { Inputs } from "./Inputs";
import { KeepFixture } from "./KeepFixture";
import { useAnswering } from "./llm";
import { NeedsLlm } from "./NeedsLlm";
import { NewInput } from "./NewInput";
import { Outcome } from "./Outcome";
import { TestOutcome } from "./TestOutcome";
import styles from "./Try.module.css";

interface Props {
  clientId: string;
  prompt: Prompt;
  /** What is in the editor. */
  content: Content;
  /** The saved version that it is, null for a draft. */
  version: number | null;
}

export function TryPanel({ clientId, prompt, content, version }: Props) {
  const [chosen, setChosen] = useUrlState("run");
  const [testId, setTestId] = useUrlState("test");
  const [isAsking, setIsAsking] = useState(false);
  const answering = useAnswering(clientId);
  const mayRun = useMay("runs.start");
  const once = useOnce();
  const runs = useQuery(promptRunsQuery(prompt.key));
  const last = useQuery({ ...lastRunQuery(prompt.key), enabled: !chosen });
  const picked = useQuery({ ...promptRunQuery(prompt.key, chosen), enabled: Boolean(chosen) });
  const test = useQuery({ ...experimentQuery(testId), enabled: Boolean(testId) });
  const before: PromptRun | null = (chosen ? picked.data : last.data?.last_run) ?? null;
  const tried = test.data?.cases[0];
  // Once its answer is there, the test is the prompt's last run, whether or not the news of it came.
  const hasAnswer = (test.data?.trials.length ?? 0) > 0;
  useEffect(() => {
    if (hasAnswer) runsChanged(prompt.key);
  }, [hasAnswer, testId, prompt.key]);
  // A test of a new input stands alone; one of a captured input stands beside what that input gave before.
  const isBeside = !tried || tried.step_run_id === before?.step_run_id;
  const variables: Variables | null = tried && !isBeside ? tried.variables : (before?.input_variables ?? null);
  const start = useMutation({
    mutationFn: (given: { variables?: Variables; step_run_id?: string }) => {
      const wanted = version === null ? { draft: content } : { version };
      const body = { ...wanted, ...given, client_id: clientId };
      return once(JSON.stringify(body), (idempotencyKey) => api.post<Started>(`${promptAddress(prompt.key)}/test`, body, { idempotencyKey }));
    },
    onSuccess: (started, given) => {
      setIsAsking(false);
      // The input stays in sight while the newest run becomes the test itself.
      if (given.step_run_id) setChosen(given.step_run_id);
      setTestId(started.experiment_id);
      trialsChanged(prompt.key, started.experiment_id);
    },
  });
  const price = answering.price(content.config, content.text.length + JSON.stringify(variables ?? {}).length);
  const missing = variables ? missingVariables(content, variables) : [];
  const newest = runs.data?.data.find((run) => run.run_id !== test.data?.run_id);
  const isLast = !chosen || chosen === newest?.step_run_id;
  const what = version === null ? "the draft" : `version ${version}`;
  const canRun = mayRun && answering.isThere === true && !prompt.is_fragment;
  const pick = (stepRunId: string) => {
    setTestId("");
    setChosen(stepRunId);
  };
  if (prompt.is_fragment) return null;
  return (
    <Panel
      title={tried && !isBeside ? "New input" : isLast ? "Last run" : "Earlier run"}
      hint={before && isBeside ? <About run={before} clientId={clientId} producesClaims={prompt.produces_claims} /> : undefined}
      actions={
        <>
          {(runs.data?.data.length ?? 0) > 1 && <RunSelect runs={runs.data?.data ?? []} value={before?.step_run_id ?? ""} onPick={pick} />}
          <Button icon={PencilLine} disabled={!canRun} onClick={() => setIsAsking(true)}>
            Run with new input
          </Button>
          <Button look="primary" icon={Play} disabled={!canRun || !before || missing.length > 0} isBusy={start.isPending && !isAsking} priceMicroUsd={before ? price : undefined} title={`Tries ${what} on this input; nothing is saved`} onClick={() => before && start.mutate({ step_run_id: before.step_run_id })}>
            {isLast ? "Run with last input" : "Run with this input"}
          </Button>
        </>
      }
    >
      <div className={styles.try}>
        {answering.isThere === false && <NeedsLlm clientId={clientId} />}
        {missing.length > 0 && (
          <p className={styles.missing}>
            The text needs {missing.map((name) => `“${name}”`).join(", ")}, which this input does not have. Run with new input to give {missing.length === 1 ? "it" : "them"}, or make {missing.length === 1 ? "it" : "them"} optional.
          </p>
        )}
        {!isAsking && <InlineError error={start.error ?? picked.error} />}
        {variables === null && !testId ? (
          last.isPending && !chosen ? (
            <Skeleton height={120} />
          ) : (
            <EmptyState size="panel" icon={CirclePlay} title="It has not run yet">
              When a dossier’s step asks with it, what went in stands here at the left and what came out at the right. Run it with an input of your own to begin.
            </EmptyState>
          )
        ) : (
          <div className={styles.columns} data-three={testId && isBeside && before ? "" : undefined}>
            <section aria-label="Input">
              <header>
                <h3>Input</h3>
                {variables && <KeepFixture prompt={prompt} variables={variables} stepRunId={isBeside ? (before?.step_run_id ?? null) : null} />}
              </header>
              {variables && <Inputs variables={variables} lineage={isBeside ? before?.lineage : undefined} missing={missing} addressOf={(origin) => sourceOf(origin, before, clientId)} />}
            </section>
            {isBeside && before && (
              <section aria-label={testId ? "Before" : "Output"}>
                <header>
                  <h3>{testId ? "Before" : "Output"}</h3>
                  <span className="muted">{before.version === null ? "a draft" : `version ${before.version}`}</span>
                  <StateBadge state={before.state} look="plain" />
                </header>
                <Outcome came={before} />
              </section>
            )}
            {testId && (
              <section aria-label="Now">
                <TestOutcome query={test} onClose={() => setTestId("")} isNew={!isBeside} />
              </section>
            )}
          </div>
        )}
      </div>
      {isAsking && (
        <NewInput
          title={`Run ${what} with new input`}
          content={content}
          initial={variables ?? {}}
          confirm="Run"
          price={price}
          isBusy={start.isPending}
          error={start.error}
          onClose={() => setIsAsking(false)}
          onGive={(given) => start.mutate({ variables: given })}
        />
      )}
    </Panel>
  );
}

/** Where a value of a pipeline's input was made: the step run of the same pipeline. */
function sourceOf(origin: Origin, run: PromptRun | null, clientId: string): string | null {
  if (!run || run.is_test || origin.source !== "step" || !origin.step) return null;
  return paths.pipelineRun(run.client_id ?? clientId, run.run_id, origin.step);
}

function About({ run, clientId, producesClaims }: { run: PromptRun; clientId: string; producesClaims: boolean }) {
  return (
    <span className={styles.about}>
      {run.is_test && <FlaskConical size={13} aria-label="A test" />}
      {run.label} · <Ago at={run.started_at} /> ·{" "}
      <LinkTo className="link" to={run.is_test ? paths.run(run.client_id ?? clientId, run.run_id) : paths.pipelineRun(run.client_id ?? clientId, run.run_id)}>
        open the run
      </LinkTo>
      {producesClaims && !run.is_test && (
        <>
          {" · "}
          <LinkTo className="link" to={paths.claims(run.client_id ?? clientId, run.run_id)}>
            its claims
          </LinkTo>
        </>
      )}
    </span>
  );
}

function RunSelect({ runs, value, onPick }: { runs: PromptRunBrief[]; value: string; onPick: (stepRunId: string) => void }) {
  const option = (run: PromptRunBrief) => ({
    value: run.step_run_id,
    label: [run.version === null ? "draft" : `v${run.version}`, run.label, run.started_at && ago(run.started_at), run.state === "failed" && "failed"].filter(Boolean).join(" · "),
  });
  const groups = [
    { group: "Real work", options: runs.filter((run) => !run.is_test).map(option) },
    { group: "Tests", options: runs.filter((run) => run.is_test).map(option) },
  ].filter((group) => group.options.length > 0);
  const isListed = runs.some((run) => run.step_run_id === value);
  return <SelectField name="Whose input" className={styles.runs} value={value} placeholder={isListed ? undefined : "An earlier run"} options={groups} onChange={(next) => next && onPick(next)} />;
}
