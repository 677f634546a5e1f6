// What a step saw or gave, as named facts where it is that simple.
import type { Json } from "../../api/types";
import { count, counted, words } from "../../shared/format";

const LONGEST_TEXT = 120;
const SHOWN_OF_LIST = 5;

/** A name and its value for each part that says something; null when it is text, nested or long, and better shown as it is. */
export function factsOf(value: Json | undefined): [name: string, says: string][] | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const facts: [string, string][] = [];
  for (const [key, part] of Object.entries(value)) {
    if (isNothing(part)) continue;
    const says = sayOf(part);
    if (says === null) return null;
    facts.push([words(key), says]);
  }
  return facts.length > 0 ? facts : null;
}

function isNothing(part: Json | undefined): boolean {
  return part === null || part === undefined || part === "" || (typeof part === "object" && Object.keys(part).length === 0);
}

function sayOf(part: Json | undefined): string | null {
  if (typeof part === "boolean") return part ? "Yes" : "No";
  if (typeof part === "number") return count(part);
  if (typeof part === "string") return part.length <= LONGEST_TEXT && !part.includes("\n") ? part : null;
  if (!Array.isArray(part)) return null;
  const said = part.slice(0, SHOWN_OF_LIST).map(sayOf);
  if (said.includes(null)) return null;
  return part.length > SHOWN_OF_LIST ? `${said.join(", ")} and ${counted(part.length - SHOWN_OF_LIST, "more", "more")}` : said.join(", ");
}
