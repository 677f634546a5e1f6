// What a prompt's text names between its braces: variables, conditions, included prompts. Pure, without the editor.

/** What stands between double braces. */
export const INSIDE = /\{\{\s*([^{}\n]{1,200}?)\s*\}\}/g;
const CONTROLS = new Set(["else", "/if"]);

/** The variables a text names, in values and in conditions, in order of first appearance. */
export function variablesOf(text: string): string[] {
  const found = [...text.matchAll(INSIDE)].map((match) => subjectOf(match[1] ?? "")).filter((name) => name !== null);
  return [...new Set(found)];
}

/** Whether the text takes other prompts in, whose variables it then needs too. */
export function hasIncludes(text: string): boolean {
  return [...text.matchAll(INSIDE)].some((match) => match[1]?.startsWith(">"));
}

/** What stands between the braces as a variable's name; null for what is no variable. */
export function subjectOf(inside: string): string | null {
  if (CONTROLS.has(inside) || inside.startsWith(">")) return null;
  return inside.startsWith("#if ") ? inside.slice(4).trim() : inside;
}
