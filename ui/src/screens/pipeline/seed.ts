// What a person types for a run to begin from, as the server takes it.
import type { JsonObject } from "../../api/types";

export type Seed = { seed: JsonObject; problem?: undefined } | { seed?: undefined; problem: string };

/** A company, a hint, both or neither; an open search has an empty seed. */
export function seedOfFields(company: string, hint: string): Seed {
  const seed: JsonObject = {};
  if (company.trim()) seed.company = company.trim();
  if (hint.trim()) seed.hint = hint.trim();
  return { seed };
}

/** JSON that must be an object; nothing typed is an open search. */
export function seedOfJson(text: string): Seed {
  if (text.trim() === "") return { seed: {} };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `This is not JSON yet: ${placeOf(error, text)}` };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { problem: 'Write an object with names and values, such as {"company": "Acme Example"}.' };
  }
  return { seed: value as JsonObject };
}

/** A variable typed over: text stays text, everything else has to be JSON. */
export function valueOf(text: string, isText: boolean): { value: unknown; problem?: undefined } | { problem: string } {
  if (isText) return { value: text };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { problem: `This is not JSON yet: ${placeOf(error, text)}` };
  }
}

function placeOf(error: unknown, text: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const at = /position (\d+)/.exec(message);
  if (!at) return message;
  const before = text.slice(0, Number(at[1]));
  const line = before.split("\n").length;
  return `look at line ${line}, character ${before.length - before.lastIndexOf("\n")}.`;
}
