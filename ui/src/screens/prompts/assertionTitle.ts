// Assertions in words: one in a short line, what a kind means, what a setting is called.
import type { Assertion } from "../../api/promptTypes";
import { duration, money, words } from "../../shared/format";

export function assertionTitle({ kind, settings }: Assertion): string {
  const text = (name: string) => (typeof settings[name] === "string" ? settings[name] : JSON.stringify(settings[name] ?? ""));
  const at = settings.path ? ` at ${text("path")}` : "";
  switch (kind) {
    case "equals":
      return `Equals ${text("value")}${at}`;
    case "contains":
      return `${settings.is_absent ? "Does not contain" : "Contains"} “${text("value")}”${at}`;
    case "regex":
      return `Matches ${text("pattern")}${at}`;
    case "is-json":
      return "Is JSON";
    case "schema":
      return settings.json_schema ? "Satisfies a schema of its own" : "Satisfies the prompt’s schema";
    case "cost":
      return `Costs at most ${money(Number(settings.max_micro_usd ?? 0))}`;
    case "latency":
      return `Takes at most ${duration(Number(settings.max_ms ?? 0))}`;
    case "quote-supported":
      return `Quotes at ${text("path") || "claims.*.quote"} stand in the source`;
    case "llm-rubric":
      return `Judged: ${text("criterion")}`;
    default:
      return kind;
  }
}

const NAMES: Record<string, string> = {
  path: "Where in the output", ignores_case: "Capitals do not matter", is_absent: "It must not be there", max_micro_usd: "At most", max_ms: "At most",
  json_schema: "Schema", min_share: "Share that must be found", variable: "Input that is the source", min_score: "At least, of 100",
};

export function settingName(name: string): string {
  return NAMES[name] ?? words(name);
}

/** What a kind means, with its settings by the names their fields have here. */
export function plainly(summary: string): string {
  return summary.replace(/`(\w+)`/g, (_, name: string) => `“${settingName(name)}”`);
}
