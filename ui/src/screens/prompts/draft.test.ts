import { describe, expect, it } from "vitest";
import type { Content, PromptConfig } from "../../api/promptTypes";
import { hasIncludes, variablesOf } from "../../shared/templateText";
import { isSame, missingVariables, unknownVariables, unusedInputs, wantedInputs } from "./draft";

const CONFIG: PromptConfig = { model: "", temperature: null, max_tokens: 2048, output_schema: null, tools: [] };
const input = (name: string, isRequired = true) => ({ name, description: "", is_required: isRequired });
const content = (text: string, ...inputs: Content["inputs"]): Content => ({ text, config: CONFIG, inputs });

describe("what a text names", () => {
  it("counts values and conditions once, and neither else, /if nor included prompts", () => {
    expect(variablesOf("{{a}} {{#if b}}{{ a }}{{else}}{{c}}{{/if}} {{> shared.rules}}")).toEqual(["a", "b", "c"]);
    expect([hasIncludes("{{> shared.rules}}"), hasIncludes("{{a}}")]).toEqual([true, false]);
  });

  it("is unknown only against a list of inputs", () => {
    expect(unknownVariables(content("{{nmae}}"))).toEqual([]);
    expect(unknownVariables(content("{{nmae}} {{name}}", input("name")))).toEqual(["nmae"]);
  });

  it("leaves inputs unused, unless an included prompt may use them", () => {
    expect(unusedInputs(content("{{a}}", input("a"), input("b")))).toEqual(["b"]);
    expect(unusedInputs(content("{{> shared.rules}}", input("b")))).toEqual([]);
  });
});

describe("what an input lacks", () => {
  it("is what is required, named and not given; null counts as given", () => {
    const prompt = content("{{a}} {{b}} {{c}}", input("a"), input("b", false), input("c"), input("d"));
    expect(missingVariables(prompt, { c: null })).toEqual(["a"]);
  });

  it("is every named variable when the prompt lists no inputs", () => {
    expect(wantedInputs(content("{{a}}{{b}}")).map((each) => each.name)).toEqual(["a", "b"]);
    expect(missingVariables(content("{{a}}{{b}}"), { a: "x" })).toEqual(["b"]);
  });
});

describe("a draft", () => {
  it("is the saved version again when only line ends differ", () => {
    expect(isSame(content("One\r\nTwo"), content("One\nTwo\n"))).toBe(true);
    expect(isSame(content("One"), content("Two"))).toBe(false);
    expect(isSame(content("One"), { ...content("One"), config: { ...CONFIG, temperature: 0.2 } })).toBe(false);
  });
});
