// The steps of a run: a list, and the chosen one's input beside its output.
import { TriangleAlert } from "lucide-react";
import type { Json, StepRun } from "../../api/types";
import { useUrlState } from "../../frame/urlState";
import { CodeBlock } from "../../shared/CodeBlock";
import { count, duration, money } from "../../shared/format";
import { Facts, Notice } from "../../shared/Panel";
import { SideBySide } from "../../shared/SideBySide";
import { StateBadge } from "../../shared/StateBadge";
import { Tabs, type Tab } from "../../shared/Tabs";
import { factsOf } from "./facts";
import styles from "./Runs.module.css";

export function RunSteps({ steps }: { steps: StepRun[] }) {
  const [picked, pick] = useUrlState("step");
  const chosen = steps.find((step) => String(step.no) === picked) ?? steps.find((step) => step.state === "failed") ?? steps[0];
  return (
    <div className={styles.steps}>
      <ol className={styles.stepList} data-list>
        {steps.map((step) => (
          <li key={step.id}>
            <button type="button" data-list-item className={styles.step} aria-current={step === chosen || undefined} onClick={() => pick(String(step.no))}>
              <StateBadge state={step.state} look="icon" note={step.error?.message} />
              <span className="clip">{step.label}</span>
              <small>{step.duration_ms !== null ? duration(step.duration_ms) : ""}</small>
            </button>
          </li>
        ))}
      </ol>
      {chosen && <StepDetail key={chosen.id} step={chosen} />}
    </div>
  );
}

function StepDetail({ step }: { step: StepRun }) {
  const input: Tab[] = [
    { value: "variables", label: step.interpolated_prompt ? "Input variables" : "Input", content: <Recorded value={step.input_variables} empty="This step takes no input." /> },
    ...asRecorded(step.input_variables),
    ...(step.interpolated_prompt ? [{ value: "prompt", label: "Prompt", content: <CodeBlock value={step.interpolated_prompt} /> }] : []),
    ...(step.lineage ? [{ value: "lineage", label: "Lineage", content: <CodeBlock value={step.lineage} /> }] : []),
  ];
  const isUnfinished = !step.finished_at;
  const output: Tab[] = [
    { value: "parsed", label: step.raw_output ? "Parsed output" : "Output", content: <Recorded value={step.parsed_output} empty={isUnfinished ? "Nothing yet." : "No output."} /> },
    ...asRecorded(step.parsed_output),
    ...(step.raw_output ? [{ value: "raw", label: "Raw output", content: <CodeBlock value={step.raw_output} /> }] : []),
  ];
  return (
    <div className={styles.stepDetail}>
      <div className={styles.stepHead}>
        <h3>
          {step.no}. {step.label}
        </h3>
        <StateBadge state={step.state} />
      </div>
      <StepFigures step={step} />
      {step.error && (
        <Notice tone="failed" icon={<TriangleAlert size={16} aria-hidden />}>
          {step.error.message}
        </Notice>
      )}
      <SideBySide
        leftTitle=""
        rightTitle=""
        left={<Tabs size="small" tabs={input} initial={step.interpolated_prompt ? "prompt" : "variables"} />}
        right={<Tabs size="small" tabs={output} />}
      />
    </div>
  );
}

function Recorded({ value, empty }: { value: Json; empty: string }) {
  const facts = factsOf(value);
  return facts ? <Facts facts={facts} /> : <CodeBlock value={value} empty={empty} />;
}

/** Where facts stand in its place, the JSON itself is one click away. */
function asRecorded(value: Json): Tab[] {
  return factsOf(value) ? [{ value: "json", label: "JSON", content: <CodeBlock value={value} /> }] : [];
}

function StepFigures({ step }: { step: StepRun }) {
  const figures: [string, string | null][] = [
    ["Took", step.duration_ms === null ? null : duration(step.duration_ms)],
    ["Cost", step.cost_micro_usd ? money(step.cost_micro_usd) : step.model ? money(0) : null],
    ["Model", step.model],
    ["Tokens in", step.input_tokens === null ? null : count(step.input_tokens)],
    ["Tokens out", step.output_tokens === null ? null : count(step.output_tokens)],
    ["Attempts", count(step.attempts)],
  ];
  return (
    <div className={styles.figures}>
      {figures.map(([name, value]) =>
        value === null ? null : (
          <span key={name}>
            {name} <b>{value}</b>
          </span>
        ),
      )}
    </div>
  );
}
