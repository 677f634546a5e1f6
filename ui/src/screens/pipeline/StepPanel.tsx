// One step of a run: what went in at the left, what came out at the right, and everything about how it went.
import { useQuery } from "@tanstack/react-query";
import { FlaskConical, Play, Repeat2, RotateCw, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { pipelineStepQuery } from "../../api/queries";
import type { Pipeline, PipelineStep, PipelineStepRun, PlannedStep } from "../../api/types";
import { LinkTo, useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { CodeBlock } from "../../shared/CodeBlock";
import { count, duration } from "../../shared/format";
import { SimulatedMark } from "../../shared/Marks";
import { Money } from "../../shared/Money";
import { Notice } from "../../shared/Panel";
import { Loaded, Skeleton } from "../../shared/Placeholder";
import { SideBySide } from "../../shared/SideBySide";
import { StateBadge } from "../../shared/StateBadge";
import { Tabs } from "../../shared/Tabs";
import { Ago, Elapsed } from "../../shared/Time";
import { asked, Calls } from "./Calls";
import { KeepFixture } from "./KeepFixture";
import { RerunDrawer } from "./RerunDrawer";
import { isOver, namesOf, nameWithin, stepState } from "./steps";
import { useRetry } from "./useRunActs";
import { Variables } from "./Variables";
import styles from "./StepPanel.module.css";

interface Props {
  run: Pipeline;
  clientId: string;
  planned: PlannedStep;
  runs: PipelineStep[];
  chosen: PipelineStep;
  onChoose: (key: string) => void;
}

export function StepPanel({ run, clientId, planned, runs, chosen, onChoose }: Props) {
  const names = namesOf(run.steps);
  const personOf = (each: PipelineStep) => (each.contact_index === null ? undefined : names.get(each.contact_index));
  return (
    <div className={styles.panel} data-single={runs.length === 1 || undefined}>
      {runs.length > 1 && (
        <ol className={styles.list} data-list aria-label={`Parts of ${planned.label}`}>
          {runs.map((each, index) => (
            <li key={each.step}>
              {each.contact_index !== null && each.contact_index !== runs[index - 1]?.contact_index && <h4 className={styles.person}>{personOf(each) ?? `Person ${each.contact_index}`}</h4>}
              <button type="button" data-list-item className={styles.item} aria-current={each.step === chosen.step || undefined} onClick={() => onChoose(each.step)}>
                <StateBadge state={stepState(each)} look="icon" note={each.error?.message} />
                <span className={styles.itemName}>{nameWithin(each, planned, personOf(each))}</span>
                <small>{each.duration_ms !== null && each.status !== "skipped" ? duration(each.duration_ms) : ""}</small>
              </button>
            </li>
          ))}
        </ol>
      )}
      <StepDetail key={chosen.step} run={run} clientId={clientId} planned={planned} brief={chosen} />
    </div>
  );
}

interface DetailProps {
  run: Pipeline;
  clientId: string;
  planned: PlannedStep;
  brief: PipelineStep;
}

function StepDetail({ run, clientId, planned, brief }: DetailProps) {
  const query = useQuery(pipelineStepQuery(run.id, brief.step));
  return (
    <article className={styles.detail} aria-label={brief.label} data-step={brief.step}>
      <header className={styles.head}>
        <div>
          <h3>{brief.label}</h3>
          <span className={styles.key}>
            <code>{brief.step}</code> · <Ago at={brief.started_at} />
          </span>
        </div>
        <StateBadge state={stepState(brief)} />
        {brief.is_simulated && <SimulatedMark />}
        <Acts run={run} planned={planned} brief={brief} step={query.data ?? null} clientId={clientId} />
      </header>
      <Figures brief={brief} clientId={clientId} />
      {brief.error && (
        <Notice tone={brief.status === "skipped" ? "plain" : "failed"} icon={<TriangleAlert size={16} aria-hidden />}>
          {brief.error.message}
        </Notice>
      )}
      <Loaded query={query} doing="open this step" size="panel" skeleton={<PairSkeleton />}>
        {(step) => (step === null ? null : <InputAndOutput step={step} run={run} clientId={clientId} />)}
      </Loaded>
    </article>
  );
}

/** Two panes, and only when it takes long enough to be seen. */
function PairSkeleton() {
  return (
    <div className={styles.loading} role="status" aria-label="Loading">
      <SideBySide leftTitle="" rightTitle="" left={<Skeleton height={160} />} right={<Skeleton height={160} />} />
    </div>
  );
}

/** Both beside each other; each side also has what was really sent and what really came back. */
function InputAndOutput({ step, run, clientId }: { step: PipelineStepRun; run: Pipeline; clientId: string }) {
  const [input, showInput] = useUrlState("in", "variables");
  const [output, showOutput] = useUrlState("out", "parsed");
  const isWaiting = step.status === "running" || step.status === "pending";
  const nothingYet = isWaiting ? "Nothing yet. It shows here as soon as it is there." : "Nothing.";
  return (
    <>
      <SideBySide
        leftTitle=""
        rightTitle=""
        left={
          <section aria-label="Input">
            <Tabs
              size="small"
              value={input}
              onChange={showInput}
              tabs={[
                { value: "variables", label: "Input variables", content: <Variables step={step} run={run} clientId={clientId} /> },
                { value: "prompt", label: "Interpolated prompt", content: <CodeBlock isVerbatim value={step.interpolated_prompt} maxHeight={640} empty={step.prompt ? "Not sent: see what the step says above." : "This step asks no language model."} /> },
              ]}
            />
          </section>
        }
        right={
          <section aria-label="Output" aria-live="polite" aria-busy={isWaiting}>
            <Tabs
              size="small"
              value={output}
              onChange={showOutput}
              tabs={[
                { value: "parsed", label: "Parsed output", content: isWaiting ? <Working step={step} /> : <CodeBlock value={step.parsed_output} maxHeight={640} empty={nothingYet} /> },
                { value: "raw", label: "Raw output", content: isWaiting ? <Working step={step} /> : <CodeBlock isVerbatim value={step.raw_output} maxHeight={640} empty={step.prompt ? nothingYet : "This step asks no language model."} /> },
              ]}
            />
          </section>
        }
      />
      {step.calls && step.calls.length > 0 && <Calls calls={step.calls} />}
    </>
  );
}

function Working({ step }: { step: PipelineStepRun }) {
  const task = step.calls?.find((call) => call.task_id && call.state === "waiting");
  const word = task ? "Waiting for the research service" : step.prompt ? "Waiting for the answer" : "Looking things up";
  return (
    <div className={styles.working}>
      <StateBadge state="running" word={word} />
      <span>
        <Elapsed from={task?.submitted_at ?? step.started_at} to={null} />
        {task && `, ${asked(task.polls)}`}
      </span>
    </div>
  );
}

function Figures({ brief, clientId }: { brief: PipelineStep; clientId: string }) {
  return (
    <dl className={styles.figures}>
      {brief.prompt && (
        <div>
          <dt>Prompt</dt>
          <dd>
            <LinkTo className="link" to={paths.prompt(clientId, brief.prompt)}>
              {brief.prompt}
            </LinkTo>
            {brief.prompt_version !== null && ` v${brief.prompt_version}`}
          </dd>
        </div>
      )}
      {brief.model && <Fact name="Model">{brief.model}</Fact>}
      {brief.tokens_in !== null && <Fact name="Tokens">{`${count(brief.tokens_in)} in, ${count(brief.tokens_out ?? 0)} out`}</Fact>}
      <Fact name="Cost">
        <Money microUsd={brief.cost_micro_usd} />
      </Fact>
      <Fact name="Took">
        <Elapsed from={brief.started_at} to={brief.completed_at} />
      </Fact>
      <Fact name="Attempts">{count(brief.attempts)}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Acts({ run, planned, brief, step, clientId }: DetailProps & { step: PipelineStepRun | null }) {
  const [open, setOpen] = useState<"rerun" | "fixture" | null>(null);
  const mayStart = useMay("runs.start");
  const mayResume = useMay("runs.resume");
  const mayKeep = useMay("prompts.write");
  const retry = useRetry();
  const go = useGo();
  const canRerun = mayStart && isOver(run) && run.base_run_id === null && brief.status !== "skipped";
  return (
    <div className={styles.acts}>
      {brief.status === "failed" && isOver(run) && mayResume && (
        <Button size="small" look="primary" icon={RotateCw} isBusy={retry.isPending} onClick={() => retry.mutate(run)}>
          Retry
        </Button>
      )}
      {mayKeep && step?.prompt && step.input_variables && (
        <Button size="small" icon={FlaskConical} onClick={() => setOpen("fixture")}>
          Keep input as fixture
        </Button>
      )}
      {mayStart && step?.prompt && (
        <Button size="small" icon={Repeat2} onClick={() => go(`${paths.pipeline(clientId)}?open=replay&prompt=${encodeURIComponent(step.prompt ?? "")}`)}>
          Replay prompt
        </Button>
      )}
      {canRerun && step && (
        <Button size="small" icon={Play} onClick={() => setOpen("rerun")}>
          Re-run
        </Button>
      )}
      {step && open === "rerun" && <RerunDrawer run={run} clientId={clientId} planned={planned} step={step} onClose={() => setOpen(null)} />}
      {step && open === "fixture" && <KeepFixture step={step} onClose={() => setOpen(null)} />}
    </div>
  );
}
