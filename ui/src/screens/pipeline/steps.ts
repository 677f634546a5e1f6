// What a run's steps come to: the state of each of the fourteen, the graph they stand in, the step to look at.
import type { PipelineBrief, PipelineStep, PlannedStep, StepDifference } from "../../api/types";

export const STAGES: [PlannedStep["stage"], string][] = [
  ["FIND_LEAD", "Find lead"],
  ["ENRICH_LEAD", "Enrich lead"],
  ["INSIGHT", "Insight"],
  ["FINAL", "Final"],
];

const RUN_STATES = { pending: "queued", running: "running", completed: "succeeded", failed: "failed", cancelled: "stopped" } as const;
const STEP_STATES = { pending: "queued", running: "running", completed: "succeeded", failed: "failed", skipped: "skipped" } as const;

/** The state as every screen of the product shows it. */
export function runState(run: Pick<PipelineBrief, "status" | "is_stopping">): string {
  return run.is_stopping ? "stopping" : RUN_STATES[run.status];
}

export function stepState(step: Pick<PipelineStep, "status">): string {
  return STEP_STATES[step.status];
}

export function isOver(run: Pick<PipelineBrief, "status">): boolean {
  return run.status === "completed" || run.status === "failed" || run.status === "cancelled";
}

/** One of the fourteen steps with what was recorded of it so far. */
export interface Node {
  step: PlannedStep;
  runs: PipelineStep[];
  /** A state of `states.ts`; "kept" was taken over from the run this one repeats a part of. */
  state: string;
  /** People, or questions put side by side: how many of them are through. */
  parts: { done: number; total: number } | null;
  costMicroUsd: number;
  durationMs: number | null;
}

interface Progress {
  status: PipelineBrief["status"];
  steps: PipelineStep[];
  only_steps: string[];
}

export function nodesOf(planned: PlannedStep[], run: Progress): Node[] {
  return planned.map((step) => {
    const runs = inReadingOrder(run.steps.filter((each) => each.of_step === step.key));
    return {
      step,
      runs,
      state: stateOf(step, runs, run),
      parts: partsOf(step, runs),
      costMicroUsd: runs.reduce((sum, each) => sum + each.cost_micro_usd, 0),
      durationMs: spanOf(runs),
    };
  });
}

const ENDED: ReadonlySet<string> = new Set(["succeeded", "kept", "skipped"]);

/** How many of the steps are through, or were taken over. */
export function endedOf(nodes: Node[]): number {
  return nodes.filter((node) => ENDED.has(node.state)).length;
}

function stateOf(step: PlannedStep, runs: PipelineStep[], run: Progress): string {
  if (runs.length === 0) {
    if (run.only_steps.length > 0 && !run.only_steps.includes(step.key)) return "kept";
    return run.status === "completed" ? "skipped" : "pending";
  }
  if (runs.some((each) => each.status === "running")) return "running";
  if (runs.some((each) => each.status === "failed")) return "failed";
  if (isOver(run) || isWhole(step, runs)) return "succeeded";
  return "running";
}

/** Whether everything a step is made of has ended well: its questions, their claims, its pack. */
function isWhole(step: PlannedStep, runs: PipelineStep[]): boolean {
  const ended = new Set(runs.filter((each) => each.status === "completed" || each.status === "skipped").map((each) => each.step));
  const wanted = step.asks.flatMap((ask) => (step.makes_claims ? [ask.key, `${ask.key}_claims_extraction`] : [ask.key]));
  if (step.makes_pack) wanted.push(`${step.key}_context_pack`);
  if (!step.is_per_contact) return wanted.every((key) => ended.has(key));
  return peopleOf(runs).every((index) => wanted.every((key) => ended.has(`${key}:${index}`)));
}

function partsOf(step: PlannedStep, runs: PipelineStep[]): Node["parts"] {
  if (runs.length === 0) return null;
  if (step.is_per_contact) {
    const people = peopleOf(runs);
    return { done: people.filter((index) => isPersonThrough(step, runs, index)).length, total: people.length };
  }
  if (step.asks.length < 2) return null;
  const keys = step.asks.map((ask) => ask.key);
  return { done: runs.filter((each) => keys.includes(each.step) && each.status === "completed").length, total: keys.length };
}

function isPersonThrough(step: PlannedStep, runs: PipelineStep[], index: number): boolean {
  return step.asks.every((ask) => runs.some((each) => each.step === `${ask.key}:${index}` && (each.status === "completed" || each.status === "skipped")));
}

export function peopleOf(runs: PipelineStep[]): number[] {
  return [...new Set(runs.flatMap((each) => (each.contact_index === null ? [] : [each.contact_index])))].sort((a, b) => a - b);
}

function spanOf(runs: PipelineStep[]): number | null {
  const starts = runs.flatMap((each) => (each.started_at ? [Date.parse(each.started_at)] : []));
  const ends = runs.flatMap((each) => (each.completed_at ? [Date.parse(each.completed_at)] : []));
  if (starts.length === 0 || ends.length < starts.length) return null;
  return Math.max(...ends) - Math.min(...starts);
}

/** The nodes of one stage in the waves they run in; those of one wave run side by side. */
export function wavesOf(nodes: Node[]): Node[][] {
  const depth = new Map<string, number>();
  const waves: Node[][] = [];
  for (const node of nodes) {
    const before = node.step.after.flatMap((id) => depth.get(id) ?? []);
    const at = before.length === 0 ? 0 : Math.max(...before) + 1;
    depth.set(node.step.key, at);
    (waves[at] ??= []).push(node);
  }
  return waves;
}

/**
 * The step run to show when nobody has chosen one: what failed, else the first. While it works, and after that for
 * whoever has watched it (`wasWatched`), the newest that was not skipped, so that the end moves nothing away.
 */
export function stepToShow(run: Progress, wasWatched: boolean): PipelineStep | undefined {
  if (!isOver(run)) return run.steps.findLast((each) => each.status === "running") ?? run.steps.at(-1);
  const failed = run.steps.find((each) => each.status === "failed");
  const newest = run.steps.findLast((each) => each.status !== "skipped") ?? run.steps.at(-1);
  return failed ?? (wasWatched ? newest : run.steps[0]);
}

/** The step run that stands for a whole step: what failed, else its own question, else whatever there is. */
export function mainRun(node: Node): PipelineStep | undefined {
  const { runs, step } = node;
  return (
    runs.find((each) => each.status === "failed") ??
    runs.find((each) => each.step === step.key || each.step === step.asks[0]?.key) ??
    runs.find((each) => !isAid(each, step)) ??
    runs[0]
  );
}

/** Whether a step run only serves its step's questions, such as pages read or claims extracted. */
function isAid(run: PipelineStep, step: PlannedStep): boolean {
  const bare = run.step.split(":")[0];
  return !step.asks.some((ask) => ask.key === bare);
}

/** A step run's name within its step, and within its person where there is one: "Pages read". */
export function nameWithin(run: PipelineStep, step: PlannedStep, person?: string): string {
  const [first, ...others] = run.label.split(": ").filter((part) => part !== step.label && part !== person);
  if (first === undefined) return step.label;
  const name = [first, ...others].join(": ");
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Who the people of a run are, by their place in it, as the labels of their steps say. */
export function namesOf(steps: PipelineStep[]): Map<number, string> {
  const names = new Map<number, string>();
  for (const each of steps) {
    const name = each.label.split(": ")[1];
    if (each.contact_index !== null && name && !names.has(each.contact_index)) names.set(each.contact_index, name);
  }
  return names;
}

/** Step runs in the order to read them in: person by person, else as they began. */
export function inReadingOrder(runs: PipelineStep[]): PipelineStep[] {
  return runs.toSorted((a, b) => (a.contact_index ?? 0) - (b.contact_index ?? 0));
}

/** What to re-run for a step run: itself, or the whole step for what only belongs to one, such as its claims. */
export function rerunKey(run: PipelineStep, step: PlannedStep): string {
  return isAid(run, step) ? run.of_step : run.step;
}

/** What a step, and those that depend on it, cost in this run. */
export function pastCost(planned: PlannedStep[], steps: PipelineStep[], id: string, withDependants: boolean): number {
  const wanted = new Set([id]);
  if (withDependants) for (const each of planned) if (each.after.some((before) => wanted.has(before))) wanted.add(each.key);
  return steps.filter((each) => wanted.has(each.of_step)).reduce((sum, each) => sum + each.cost_micro_usd, 0);
}

/** "Final · Enrich contact" for the step run a run is at. */
export function placeOf(planned: PlannedStep[], key: string | null): string {
  if (key === null) return "";
  const bare = key.split(":")[0] ?? key;
  const belongs = (id: string) => bare === id || bare.startsWith(`${id}_`);
  const step = planned.find((each) => belongs(each.key) || each.asks.some((ask) => belongs(ask.key)));
  if (!step) return key;
  return `${STAGES.find(([stage]) => stage === step.stage)?.[1]} · ${step.label}`;
}

/** How a step of a repeated run compares: "same", "different", "failed", or "new" when the old run had none. */
export function differenceOf(step: StepDifference): "same" | "different" | "failed" | "new" {
  if (step.error) return "failed";
  if (step.old_id === null) return "new";
  return step.is_same ? "same" : "different";
}
