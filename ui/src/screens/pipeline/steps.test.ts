import { describe, expect, it } from "vitest";
import type { PipelineStep, PlannedStep } from "../../api/types";
import { inReadingOrder, mainRun, nameWithin, namesOf, nodesOf, pastCost, placeOf, rerunKey, stepToShow, wavesOf } from "./steps";

const planned = (id: string, after: string[], more: Partial<PlannedStep> = {}): PlannedStep => ({
  key: id, label: id.replace(/^[\d.]+[ab]?-/, ""), stage: "FINAL", mode: "sync", after, asks: [{ key: id, label: id, prompt: id }],
  makes_claims: false, makes_pack: null, is_per_contact: false, ...more,
});

const ran = (step: string, status: PipelineStep["status"], more: Partial<PipelineStep> = {}): PipelineStep => ({
  id: step, step, of_step: step.split(":")[0]!.split("_")[0]!, label: step, contact_index: null, status, model: null, prompt: null,
  prompt_version: null, tokens_in: null, tokens_out: null, cost_micro_usd: 0, attempts: 1, is_simulated: true, error: null,
  started_at: null, completed_at: null, duration_ms: null, ...more,
});

const PLAN = [planned("1-a", []), planned("2-b", ["1-a"], { makes_claims: true }), planned("3-c", ["1-a"]), planned("4-d", ["3-c"], { is_per_contact: true })];
const run = (status: "running" | "completed" | "failed", steps: PipelineStep[], only_steps: string[] = []) => ({ status, steps, only_steps });
const states = (...args: Parameters<typeof run>) => nodesOf(PLAN, run(...args)).map((node) => node.state);

describe("the state of a step", () => {
  it("is running between its question and its claims, though nothing of it runs at that moment", () => {
    expect(states("running", [ran("1-a", "completed"), ran("2-b", "completed")])).toEqual(["succeeded", "running", "pending", "pending"]);
  });

  it("is complete once its claims are there", () => {
    expect(states("running", [ran("2-b", "completed"), ran("2-b_claims_extraction", "completed")])[1]).toBe("succeeded");
  });

  it("is failed when one person failed, and counts who is through", () => {
    const steps = [ran("4-d:1", "completed", { contact_index: 1 }), ran("4-d:2", "failed", { contact_index: 2 })];
    const node = nodesOf(PLAN, run("completed", steps))[3];
    expect([node?.state, node?.parts]).toEqual(["failed", { done: 1, total: 2 }]);
  });

  it("is kept when a run that repeats a part leaves it alone", () => {
    expect(states("running", [], ["2-b"])).toEqual(["kept", "pending", "kept", "kept"]);
  });
});

describe("the graph", () => {
  it("puts what waits for the same side by side", () => {
    const waves = wavesOf(nodesOf(PLAN, run("running", [])));
    expect(waves.map((wave) => wave.map((node) => node.step.key))).toEqual([["1-a"], ["2-b", "3-c"], ["4-d"]]);
  });
});

describe("the step that is shown when nobody chose one", () => {
  const steps = [ran("1-a", "completed"), ran("2-b", "completed"), ran("3-c", "completed")];

  it("is the newest while the run works", () => {
    expect(stepToShow(run("running", steps), true)?.step).toBe("3-c");
  });

  it("stays the newest at the end for whoever watched", () => {
    expect(stepToShow(run("completed", steps), true)?.step).toBe("3-c");
    expect(stepToShow(run("completed", steps), false)?.step).toBe("1-a");
  });

  it("is one with something to show when the last was skipped", () => {
    expect(stepToShow(run("completed", [...steps, ran("4-d", "skipped")]), true)?.step).toBe("3-c");
  });

  it("is what failed when something did", () => {
    expect(stepToShow(run("failed", [...steps, ran("4-d:1", "failed")]), true)?.step).toBe("4-d:1");
  });
});

describe("the step run that stands for a step", () => {
  const writers = planned("6-writers", [], { asks: [{ key: "6-intro", label: "Intro", prompt: "a" }, { key: "6-signals", label: "Signals", prompt: "b" }] });
  const main = (steps: PipelineStep[]) => mainRun(nodesOf([writers], run("completed", steps))[0]!)?.step;

  it("is its first question, whichever began first", () => {
    expect(main([ran("6-signals", "completed", { of_step: "6-writers" }), ran("6-intro", "completed", { of_step: "6-writers" })])).toBe("6-intro");
  });

  it("is what failed when something did", () => {
    expect(main([ran("6-intro", "completed", { of_step: "6-writers" }), ran("6-signals", "failed", { of_step: "6-writers" })])).toBe("6-signals");
  });
});

describe("names", () => {
  const step = planned("6.2-x", [], { label: "Enrich contact", is_per_contact: true });
  const pages = ran("6.2-x_web_research:3", "completed", { label: "Enrich contact: Priya Raman: pages read", contact_index: 3 });

  it("leave out the step and the person the list stands under", () => {
    expect(nameWithin(pages, step, "Priya Raman")).toBe("Pages read");
    expect(nameWithin(ran("6.2-x:3", "completed", { label: "Enrich contact: Priya Raman" }), step, "Priya Raman")).toBe("Enrich contact");
    expect(namesOf([pages]).get(3)).toBe("Priya Raman");
  });

  it("stand person by person", () => {
    const mixed = [ran("a:2", "completed", { contact_index: 2 }), ran("a:1", "completed", { contact_index: 1 }), ran("b:2", "completed", { contact_index: 2 })];
    expect(inReadingOrder(mixed).map((each) => each.step)).toEqual(["a:1", "a:2", "b:2"]);
  });

  it("say where a run is", () => {
    expect(placeOf(PLAN, "2-b_web_research")).toBe("Final · b");
    expect(placeOf(PLAN, null)).toBe("");
  });
});

describe("what is re-run", () => {
  it("is the step run itself, or its whole step for what only serves it", () => {
    expect(rerunKey(ran("4-d:2", "completed"), PLAN[3]!)).toBe("4-d:2");
    expect(rerunKey(ran("2-b_claims_extraction", "completed"), PLAN[1]!)).toBe("2-b");
  });

  it("costs what it cost, with what depends on it when that is wanted", () => {
    const steps = [ran("1-a", "completed", { cost_micro_usd: 1 }), ran("3-c", "completed", { cost_micro_usd: 10 }), ran("4-d:1", "completed", { cost_micro_usd: 100 })];
    expect([pastCost(PLAN, steps, "3-c", false), pastCost(PLAN, steps, "3-c", true)]).toEqual([10, 110]);
  });
});
