import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, it, vi } from "vitest";
import { fetchOvertakenAgain } from "./overtaken";

const KEY = ["workflow", "wf_1", "ledger"];

/** A query looked at by somebody, the answers it waits for, and what is shown. */
function shown() {
  const client = new QueryClient();
  fetchOvertakenAgain(client);
  const answers: ((entries: number) => void)[] = [];
  const observer = new QueryObserver(client, { queryKey: KEY, queryFn: () => new Promise<number>((resolve) => answers.push(resolve)) });
  observer.subscribe(() => {});
  return { client, answers, data: () => observer.getCurrentResult().data };
}

it("asks again after a first answer that news overtook, and shows it meanwhile", async () => {
  const { client, answers, data } = shown();
  void client.invalidateQueries({ queryKey: ["workflow"] });
  answers[0]!(2);
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  expect(data()).toBe(2);
  answers[1]!(3);
  await vi.waitFor(() => expect(data()).toBe(3));
  expect(answers).toHaveLength(2);
});

it("asks once when no news came, and once more for news that came after it", async () => {
  const { client, answers, data } = shown();
  answers[0]!(2);
  await vi.waitFor(() => expect(data()).toBe(2));
  expect(answers).toHaveLength(1);
  void client.invalidateQueries({ queryKey: ["workflow"] });
  answers[1]!(3);
  await vi.waitFor(() => expect(data()).toBe(3));
  expect(answers).toHaveLength(2);
});
