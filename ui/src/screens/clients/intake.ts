// From a client's answers to its configurations, by hand: each stage is prefilled from the one before, never invented.
import type { ConfigKind, Json, JsonObject } from "../../api/types";
import { isObject, withValue, type FieldSpec } from "./configs";

export interface Material {
  title: string;
  text: string;
}

/** What the client is asked; the answers stay as they were given. */
export const QUESTIONS: FieldSpec[] = [
  { path: "offer", label: "What does the client sell?", kind: "area" },
  { path: "customers", label: "To whom?", kind: "area", hint: "Kinds of company, size, places." },
  { path: "signals_they_name", label: "What shows that somebody is about to buy?", kind: "lines", hint: "One sign a line: a permit, a new plant, a job advertisement." },
  { path: "differentiators", label: "Why does it win?", kind: "lines", hint: "One reason a line." },
  { path: "notable_projects", label: "Which projects may be named?", kind: "lines" },
  { path: "team", label: "Who of the team takes part?", kind: "lines" },
  { path: "competitors", label: "Who else bids?", kind: "lines" },
  { path: "goals", label: "What should this bring?", kind: "lines" },
  { path: "titles", label: "Whom does it talk to?", kind: "lines", hint: "Job titles, one a line." },
  { path: "voice", label: "How does it speak?", kind: "text", hint: "Plain and exact, warm, formal." },
];

/** The answers and the client's name in one orderly account, to be read over before anything is made of it. */
export function consolidate(intake: JsonObject, client: { name: string; domain: string | null }): JsonObject {
  const list = (name: string): string[] => texts(intake[name]);
  return {
    client: { name: client.name, domain: client.domain, tagline: null },
    offer: text(intake.offer),
    customers: text(intake.customers),
    differentiators: list("differentiators"),
    notable_projects: list("notable_projects"),
    team: list("team"),
    competitors: list("competitors"),
    goals: list("goals"),
    voice: text(intake.voice) || null,
    signals_they_name: list("signals_they_name"),
    titles: list("titles"),
    do_not_call: list("do_not_call"),
  };
}

const SHORT: Record<string, string> = {
  signals_they_name: "Signs of a purchase",
  differentiators: "Why it wins",
  notable_projects: "Projects to name",
  team: "Team",
  competitors: "Competitors",
  goals: "Goals",
  titles: "Titles to talk to",
};

export const ACCOUNT: FieldSpec[] = [
  { path: "client.name", label: "Name", kind: "text" },
  { path: "client.tagline", label: "In one sentence", kind: "text" },
  { path: "offer", label: "What it sells", kind: "area" },
  { path: "customers", label: "To whom", kind: "area" },
  ...QUESTIONS.filter((each) => each.kind === "lines").map((each) => ({ ...each, hint: undefined, label: SHORT[each.path] ?? each.label })),
  { path: "voice", label: "How it speaks", kind: "text" },
];

/** First drafts of the three configurations; what the account does not say stays empty. */
export function draftConfigs(account: JsonObject): Record<"icp_config" | "industry_research" | "research_context", JsonObject> {
  const client = isObject(account.client) ? account.client : {};
  const signals = texts(account.signals_they_name);
  return {
    icp_config: full({ signals: signals.map((name) => ({ name, tier: "warm", weight: 15 })), target_titles: texts(account.titles) }),
    industry_research: full({ buying_signals: signals }),
    research_context: full({
      client: full({ name: client.name ?? null, domain: client.domain ?? null, tagline: client.tagline ?? (text(account.offer) || null) }),
      differentiators: texts(account.differentiators),
      notable_projects: texts(account.notable_projects),
      team: texts(account.team),
      competitors: texts(account.competitors),
      goals: texts(account.goals),
      brand_voice: full({ tone: text(account.voice) || null }),
    }),
  };
}

/** The shorter form to begin with: the same, without what is empty. */
export function trimmed(config: JsonObject): JsonObject {
  return full(config);
}

/** The intake as it is sent: the answers that were given and whom not to call. */
export function asIntake(answers: JsonObject, doNotCall: string[]): JsonObject {
  const given = full(answers);
  return doNotCall.length > 0 ? withValue(given, "do_not_call", doNotCall) : given;
}

export const CONFIGURED: ConfigKind[] = ["icp_config", "industry_research", "research_context"];

function full(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, each]) => [name, isObject(each) ? full(each) : each] as [string, Json])
      .filter(([, each]) => each !== null && each !== "" && !(Array.isArray(each) && each.length === 0) && !(isObject(each) && Object.keys(each).length === 0)),
  );
}

function texts(value: Json | undefined): string[] {
  if (!Array.isArray(value)) return typeof value === "string" && value.trim() ? [value.trim()] : [];
  return value.filter((each) => typeof each === "string");
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
