import { expect, it } from "vitest";
import { asIntake, consolidate, draftConfigs } from "./intake";

const ANSWERS = { offer: "Gas detection", signals_they_name: ["Ammonia permit"], differentiators: ["Near"], titles: ["Plant engineer"], goals: [], voice: "" };

it("an intake holds only what was answered, and whom not to call", () => {
  expect(asIntake(ANSWERS, ["norvent.example"])).toEqual({
    offer: "Gas detection", signals_they_name: ["Ammonia permit"], differentiators: ["Near"], titles: ["Plant engineer"], do_not_call: ["norvent.example"],
  });
  expect(asIntake({ offer: "" }, [])).toEqual({});
});

it("each stage is drafted from the one before, and what nobody said stays empty", () => {
  const account = consolidate(ANSWERS, { name: "Larch", domain: null });
  expect(account.voice).toBeNull();
  expect(draftConfigs(account)).toEqual({
    icp_config: { signals: [{ name: "Ammonia permit", tier: "warm", weight: 15 }], target_titles: ["Plant engineer"] },
    industry_research: { buying_signals: ["Ammonia permit"] },
    research_context: { client: { name: "Larch", tagline: "Gas detection" }, differentiators: ["Near"] },
  });
});
