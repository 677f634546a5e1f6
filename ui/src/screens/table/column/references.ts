// Columns named in a text: `{{Company}}`.

const REFERENCE = /\{\{([^{}]+)\}\}/g;

/** The names in order, each once. */
export function references(text: string): string[] {
  return [...new Set([...text.matchAll(REFERENCE)].map((match) => match[1]!.trim()))];
}

export interface Suggestion {
  /** Where the opening braces (or the slash) begin. */
  from: number;
  typed: string;
}

/** What is being typed after `{{`, or after a `/` at the start of a word; null when nothing is. */
export function suggestionsAt(text: string, caret: number): Suggestion | null {
  const before = text.slice(0, caret);
  const open = /\{\{([^{}\n]*)$/.exec(before);
  if (open) return { from: open.index, typed: open[1]! };
  const slash = /(?:^|\s)\/([\w ]{0,30})$/.exec(before);
  if (slash) return { from: before.lastIndexOf("/"), typed: slash[1]! };
  return null;
}
