// How a version came to be, as a list a person can follow: asked, built, tested, repaired.
import type { WorkflowTest, WorkflowVersion } from "../../api/workflowTypes";
import { counted, duration } from "../../shared/format";
import { failureText } from "../workflows/words";
import type { Trial } from "./trials";

export interface Step {
  key: string;
  title: string;
  state: "done" | "running" | "failed" | "waiting";
  note: string | null;
}

export function stepsOf(version: WorkflowVersion, trial: Trial | null): Step[] {
  const tests = [...version.tests].filter((test) => test.kind !== null).sort((one, other) => (one.created_at ?? "").localeCompare(other.created_at ?? ""));
  const isBuilding = version.status === "building";
  const steps = version.source === "form" ? [step("form", "Took your settings", "done")] : [step("asked", "Understood the task", "done")];
  const hasScript = version.execution !== null || tests.length > 0;
  steps.push(step("script", hasScript ? "Wrote the script" : "Writing the script", hasScript ? "done" : isBuilding ? "running" : version.status === "failed" ? "failed" : "waiting", hasScript ? null : isBuilding ? "The language model is writing it." : version.status === "failed" ? failureText(version.failure) : null));
  let repairs = 0;
  for (const [at, test] of tests.entries()) {
    steps.push(step(`test-${at}`, test.kind === "real" ? "Ran on your own files" : "Tested on invented files", test.result === "passed" ? "done" : test.result === "failed" ? "failed" : "waiting", testText(test)));
    const isLast = at === tests.length - 1;
    const isMended = !isLast || test.script_sha256 !== version.script_sha256;
    if (test.result !== "failed" || (!isMended && !isBuilding)) continue;
    repairs += 1;
    const isUnderWay = isLast && isBuilding;
    steps.push(step(`repair-${repairs}`, `Repair ${repairs} of 3`, isUnderWay ? "running" : "done", isUnderWay ? "The masked error went back to the builder." : null));
  }
  if (!isBuilding && version.test?.result !== "passed" && trial && isGoing(trial)) {
    steps.push(step("testing", "Testing on invented files", "running", trial.phase === "making" ? "Making files of the same shape." : "The script runs in this browser, without a network."));
  }
  return steps;
}

function step(key: string, title: string, state: Step["state"], note: string | null = null): Step {
  return { key, title, state, note };
}

export function isGoing(trial: Trial | null): boolean {
  return trial !== null && ["making", "running", "telling"].includes(trial.phase);
}

/** Whether the server knows a test of this script; tests of an earlier one say nothing about a repaired one. */
export function hasBeenTested(version: WorkflowVersion): boolean {
  return version.test?.result === "passed" || version.tests.some((test) => test.kind === "synthetic" && test.script_sha256 === version.script_sha256);
}

/** "60 rows in, 58 out, 0.4 s" or the masked failure. */
export function testText(test: Pick<WorkflowTest, "result" | "failure" | "rows_in" | "rows_out" | "seconds">): string | null {
  if (test.result === "failed") return failureText(test.failure) ?? "It failed.";
  if (test.result !== "passed") return null;
  const parts = [];
  if (test.rows_in !== null && test.rows_in !== undefined) parts.push(`${counted(test.rows_in, "row")} in`);
  if (test.rows_out !== null && test.rows_out !== undefined) parts.push(`${counted(test.rows_out, "row")} out`);
  if (test.seconds) parts.push(duration(test.seconds * 1000));
  return parts.join(", ") || null;
}
