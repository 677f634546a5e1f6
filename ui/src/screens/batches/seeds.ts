// Seeds as people paste them: one a line, a company with or without its domain and a hint; and when a batch begins.
import type { Json } from "../../api/types";

export type Seed = Record<string, Json>;

const DOMAIN = /^(https?:\/\/)?(www\.)?[a-z0-9-]+(\.[a-z0-9-]+)+(\/\S*)?$/i;
const WORDS_OF_A_NAME = 6;

/** One seed for each line that holds something; parts are apart by tabs, bars, semicolons or commas. */
export function parseSeeds(text: string): Seed[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .map(parseLine);
}

function parseLine(line: string): Seed {
  const parts = line.split(/\t|\s*\|\s*|\s*;\s*|\s*,\s+/).map((part) => part.trim()).filter(Boolean);
  const domain = parts.find((part) => DOMAIN.test(part));
  const others = parts.filter((part) => part !== domain);
  const [first, ...rest] = others;
  const isName = first !== undefined && first.split(/\s+/).length <= WORDS_OF_A_NAME;
  const company = isName ? first : undefined;
  const hint = (isName ? rest : others).join(", ");
  return {
    mode: "seed",
    ...(company && { company }),
    ...(domain && { domain: domain.replace(/^https?:\/\/(www\.)?/i, "").replace(/^www\./i, "").split("/")[0]!.toLowerCase() }),
    ...(hint && { hint }),
  };
}

export type Rhythm = "now" | "daily" | "weekdays" | "weekly";

export const RHYTHMS: { value: Rhythm; label: string }[] = [
  { value: "now", label: "Now, once" },
  { value: "daily", label: "Every day" },
  { value: "weekdays", label: "Monday to Friday" },
  { value: "weekly", label: "Every week" },
];

export const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** The five-field expression, in UTC; null for a batch that begins now. */
export function cronOf(rhythm: Rhythm, hour: number, day: number): string | null {
  if (rhythm === "now") return null;
  return `0 ${hour} * * ${rhythm === "daily" ? "*" : rhythm === "weekdays" ? "1-5" : day}`;
}

/** A five-field expression in words where it is one of ours, else as it is. */
export function cronWords(cron: string): string {
  const found = /^0 (\d{1,2}) \* \* (\*|1-5|[0-6])$/.exec(cron);
  if (!found) return `${cron} (UTC)`;
  const time = `${found[1]!.padStart(2, "0")}:00 UTC`;
  if (found[2] === "*") return `Every day at ${time}`;
  return found[2] === "1-5" ? `Monday to Friday at ${time}` : `Every ${DAYS[Number(found[2])]} at ${time}`;
}
