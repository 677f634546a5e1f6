import { expect, it } from "vitest";
import { cronOf, cronWords, parseSeeds } from "./seeds";

it("a line is a company with its domain and a hint, in any order and however they are apart", () => {
  expect(parseSeeds("Kestrel Cold Storage\tkestrelcold.example\tnew store\n\n https://www.Harbor.example/about | Harbor Foods \nAlder")).toEqual([
    { mode: "seed", company: "Kestrel Cold Storage", domain: "kestrelcold.example", hint: "new store" },
    { mode: "seed", company: "Harbor Foods", domain: "harbor.example" },
    { mode: "seed", company: "Alder" },
  ]);
});

it("a company's own comma stays with it only when no blank follows, and a sentence is a hint", () => {
  expect(parseSeeds("Acme,Inc; acme.example\nCold stores in Georgia that were announced this autumn")).toEqual([
    { mode: "seed", company: "Acme,Inc", domain: "acme.example" },
    { mode: "seed", hint: "Cold stores in Georgia that were announced this autumn" },
  ]);
});

it("a rhythm becomes an expression and reads back in words", () => {
  expect([cronOf("now", 6, 1), cronOf("daily", 6, 1), cronOf("weekdays", 14, 1), cronOf("weekly", 6, 5)]).toEqual([null, "0 6 * * *", "0 14 * * 1-5", "0 6 * * 5"]);
  expect(["0 6 * * *", "0 14 * * 1-5", "0 6 * * 5", "*/5 * * * *"].map(cronWords)).toEqual([
    "Every day at 06:00 UTC", "Monday to Friday at 14:00 UTC", "Every Friday at 06:00 UTC", "*/5 * * * * (UTC)",
  ]);
});
