import { QueryObserver } from "@tanstack/react-query";
import { afterEach, expect, it, vi } from "vitest";
import { putAnswer, queryClient } from "../api/queries";
import type { RunBrief } from "../api/types";
import { applyRun } from "./liveUpdates";

const run = (state: string) => ({ id: "r1", state }) as RunBrief;

/** A query somebody looks at: its answers wait to be given. */
function looked(queryKey: string[]) {
  const answers: ((data: unknown) => void)[] = [];
  const observer = new QueryObserver(queryClient, { queryKey, queryFn: () => new Promise<unknown>((resolve) => answers.push(resolve)) });
  observer.subscribe(() => {});
  return { answers, data: () => observer.getCurrentResult().data };
}

afterEach(() => queryClient.clear());

it("does not let an older answer undo the news of a run", async () => {
  const { answers, data } = looked(["run", "r1"]);
  answers[0]!(run("running"));
  await vi.waitFor(() => expect(data()).toEqual(run("running")));
  void queryClient.invalidateQueries({ queryKey: ["run", "r1"] });
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  applyRun(run("succeeded"));
  answers[1]!(run("running"));
  await vi.waitFor(() => expect(answers).toHaveLength(3));
  expect(data()).toEqual(run("succeeded"));
  answers[2]!(run("succeeded"));
});

it("fetches a list again that was on its way when the news came", () => {
  looked(["runs", "recent"]);
  expect(applyRun(run("succeeded"))).toBe(true);
});

it("keeps what a change answered over an answer to an earlier question", async () => {
  const { answers, data } = looked(["plan", "p1"]);
  answers[0]!("draft");
  await vi.waitFor(() => expect(data()).toBe("draft"));
  void queryClient.invalidateQueries({ queryKey: ["plan", "p1"] });
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  putAnswer(["plan", "p1"], "approved");
  answers[1]!("draft");
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(data()).toBe("approved");
});
