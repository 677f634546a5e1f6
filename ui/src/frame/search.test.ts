import { expect, it } from "vitest";
import { parseSearch, stringifySearch } from "./search";

it("writes texts as a person would, and leaves empty ones out", () => {
  expect(stringifySearch({ step: "3", q: "freight brokers", tab: undefined, kind: "" })).toBe("?step=3&q=freight+brokers");
});

it("reads back exactly what was written, lists and odd texts too", () => {
  const search = { view: "1", filter: [{ field: "a", op: "is", value: 3 }], q: '[not "JSON', note: "{{Company}}" };
  expect(parseSearch(stringifySearch(search))).toEqual(search);
});

it("takes a broken address as text instead of failing", () => {
  expect(parseSearch("?filter=%5B%7Bbroken")).toEqual({ filter: "[{broken" });
});
