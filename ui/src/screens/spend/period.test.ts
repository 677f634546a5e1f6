import { expect, it } from "vitest";
import { everyDay, lastDays } from "./period";

it("counts today in, by ending the period with the day after", () => {
  expect(lastDays(7, new Date("2026-03-03T15:00:00Z"))).toEqual({ from: "2026-02-25", to: "2026-03-04" });
});

it("shows a day without spend as zero instead of leaving it out", () => {
  const period = lastDays(3, new Date("2026-03-01T00:00:00Z"));
  expect(everyDay([{ day: "2026-02-28", settled_micro_usd: 42 }], period)).toEqual([
    { day: "2026-02-27", settled_micro_usd: 0 },
    { day: "2026-02-28", settled_micro_usd: 42 },
    { day: "2026-03-01", settled_micro_usd: 0 },
  ]);
});
