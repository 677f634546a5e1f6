// What a step was given: each variable with where it came from, and the way there.
import { Calculator, ChevronRight, CornerUpLeft, Package, PencilLine, Sprout, Users, type LucideIcon } from "lucide-react";
import { useState } from "react";
import type { Json, Origin, Pipeline, PipelineStepRun } from "../../api/types";
import { LinkTo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { CodeBlock } from "../../shared/CodeBlock";
import { classes, count } from "../../shared/format";
import { Tooltip } from "../../shared/Tooltip";
import styles from "./StepPanel.module.css";

const SOURCES: Record<Origin["source"], { word: string; icon: LucideIcon; explanation: string }> = {
  client_config: { word: "Client", icon: Users, explanation: "From the client’s configuration, as it was when the run began." },
  step: { word: "Step", icon: CornerUpLeft, explanation: "What an earlier step gave." },
  context_pack: { word: "Context pack", icon: Package, explanation: "A short brief that an earlier step left for this one." },
  seed: { word: "Seed", icon: Sprout, explanation: "What the run was started with." },
  computed: { word: "Computed", icon: Calculator, explanation: "Worked out by Spadework from what the run had found by then." },
  override: { word: "Override", icon: PencilLine, explanation: "Typed by a person for this re-run, instead of what it was." },
};

const INLINE_CHARACTERS = 160;

interface Props {
  step: PipelineStepRun;
  run: Pipeline;
  clientId: string;
}

export function Variables({ step, run, clientId }: Props) {
  const variables = inOrder(Object.entries(step.input_variables ?? {}), step);
  if (variables.length === 0) return <p className={styles.nothing}>This step takes no input.</p>;
  return (
    <ul className={styles.variables} aria-label="Input variables">
      {variables.map(([name, value]) => (
        <Variable key={name} name={name} value={value} origin={step.lineage?.[name]} run={run} clientId={clientId} />
      ))}
    </ul>
  );
}

const ORDER: Origin["source"][] = ["override", "step", "context_pack", "seed", "computed", "client_config"];

/** What earlier steps gave first: that is what one comes to see. */
function inOrder(variables: [string, Json][], step: PipelineStepRun): [string, Json][] {
  const rank = ([name]: [string, Json]) => ORDER.indexOf(step.lineage?.[name]?.source ?? "client_config");
  return variables.toSorted((a, b) => rank(a) - rank(b));
}

interface VariableProps {
  name: string;
  value: Json;
  origin: Origin | undefined;
  run: Pipeline;
  clientId: string;
}

function Variable({ name, value, origin, run, clientId }: VariableProps) {
  const [isOpen, setIsOpen] = useState(false);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const isShort = text.length <= INLINE_CHARACTERS && !text.includes("\n");
  return (
    <li className={styles.variable}>
      <div className={styles.variableHead}>
        {isShort ? (
          <code className={styles.variableName}>{name}</code>
        ) : (
          <button type="button" className={styles.fold} aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            <ChevronRight size={14} aria-hidden />
            <code className={styles.variableName}>{name}</code>
            <small>{sizeOf(value, text)}</small>
          </button>
        )}
        {origin && <OriginLink name={name} origin={origin} run={run} clientId={clientId} />}
      </div>
      {isShort ? <p className={classes(styles.short, typeof value !== "string" && "mono")}>{text === "" ? <span className="faint">empty</span> : text}</p> : isOpen ? <CodeBlock value={value} /> : <p className={styles.preview}>{text.slice(0, 400)}</p>}
    </li>
  );
}

function sizeOf(value: Json, text: string): string {
  if (Array.isArray(value)) return `${count(value.length)} ${value.length === 1 ? "entry" : "entries"}`;
  return `${count(text.length)} characters`;
}

/** Where a variable came from; a link when there is somewhere to go. */
function OriginLink({ name, origin, run, clientId }: { name: string; origin: Origin; run: Pipeline; clientId: string }) {
  const source = SOURCES[origin.source];
  const step = origin.step;
  const to = step === null ? placeOf(origin, clientId) : paths.pipelineRun(clientId, runOf(step, run), step);
  const words = (
    <>
      <source.icon size={12} aria-hidden />
      <span className="clip">{step ?? source.word}</span>
      {origin.path && origin.path !== name && <span className={styles.path}>› {origin.path}</span>}
    </>
  );
  return (
    <Tooltip text={step === null ? source.explanation : `${source.word}. ${source.explanation}`}>
      {origin.source === "seed" ? (
        <a href="#seed" className={styles.origin} aria-label={`${name} comes from the seed`}>
          {words}
        </a>
      ) : to === null ? (
        <span className={styles.origin}>{words}</span>
      ) : (
        <LinkTo to={to} className={styles.origin} aria-label={`${name} comes from ${step ?? source.word.toLowerCase()}`}>
          {words}
        </LinkTo>
      )}
    </Tooltip>
  );
}

/** The run that holds the step run: of a part taken again, the steps before it stayed in the run it repeats. */
function runOf(key: string, run: Pipeline): string {
  const isHere = run.steps.some((each) => each.step === key);
  return !isHere && run.base_run_id ? run.base_run_id : run.id;
}

function placeOf(origin: Origin, clientId: string): string | null {
  return origin.source === "client_config" ? paths.client(clientId) : null;
}

