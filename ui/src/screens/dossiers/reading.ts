// How a dossier is read: which sentences stand at a place, in which paragraphs, and what each leads back to.
import type { DossierSection, DossierSentence, FullDossier, MergedClaim, ResolvedObject } from "../../api/types";

/** A sentence with a name of its own within the dossier: `INTRO/the_angle/1`. */
export interface Placed extends DossierSentence {
  key: string;
}

export function placed(section: DossierSection): Map<string, Placed[]> {
  const found = new Map<string, Placed[]>();
  for (const sentence of section.sentences) {
    const there = found.get(sentence.path) ?? [];
    there.push({ ...sentence, key: `${section.key}/${sentence.path}/${there.length}` });
    found.set(sentence.path, there);
  }
  return found;
}

/** The value at a dotted place of a section's content; null when there is none. */
export function valueAt(content: unknown, path: string): unknown {
  let found: unknown = content;
  for (const name of path.split(".")) {
    if (found === null || typeof found !== "object") return null;
    found = (found as Record<string, unknown>)[name];
  }
  return found ?? null;
}

export function textAt(content: unknown, path: string): string {
  const found = valueAt(content, path);
  return typeof found === "string" ? found : "";
}

export function countAt(content: unknown, path: string): number {
  const found = valueAt(content, path);
  return Array.isArray(found) ? found.length : 0;
}

/** Sentences by the blank lines of the text they stand in; none of them is ever lost. */
export function paragraphs<S extends { text: string }>(text: string, sentences: S[]): S[][] {
  const left = [...sentences];
  const found = text
    .split(/\n{2,}/)
    .map((part) => {
      const own: S[] = [];
      let at = 0;
      while (left[0]) {
        const start = part.indexOf(left[0].text, at);
        if (start === -1) break;
        at = start + left[0].text.length;
        own.push(left.shift()!);
      }
      return own;
    })
    .filter((own) => own.length > 0);
  return left.length > 0 ? [...found, left] : found;
}

/** The number of each source, in the order of the dossier's list of sources. */
export function sourceNumbers(dossier: FullDossier): Map<string, number> {
  return new Map(dossier.sources.map((source, index) => [source.url, index + 1]));
}

/** The numbers of the sources a sentence rests on, lowest first. */
export function referencesOf(sentence: DossierSentence, claims: Record<string, MergedClaim>, numbers: Map<string, number>): number[] {
  const found = sentence.claim_ids
    .flatMap((id) => claims[id]?.sources ?? [])
    .filter((source) => source.is_supported && source.url)
    .map((source) => numbers.get(source.url!))
    .filter((number) => number !== undefined);
  return [...new Set(found)].sort((a, b) => a - b);
}

/**
 * The contradictions in which a claim of the sentence lost to another, or that nobody has decided. Where claims
 * contradict each other in a number, a sentence that repeats none of it is not disputed.
 */
export function disputesOf(sentence: DossierSentence, resolved: ResolvedObject[], claims: Record<string, MergedClaim>): ResolvedObject[] {
  return resolved.filter((each) => {
    if (each.kind !== "CONFLICT" || sentence.claim_ids.includes(each.preferred_claim_id ?? "")) return false;
    const lost = sentence.claim_ids.filter((id) => each.evidence_claim_ids.includes(id));
    const against = new Set(each.evidence_claim_ids.filter((id) => !lost.includes(id)).flatMap((id) => numbersIn(claims[id]?.statement ?? "")));
    return lost.some((id) => {
      const own = numbersIn(claims[id]?.statement ?? "").filter((number) => !against.has(number));
      const said = numbersIn(sentence.text);
      return own.length === 0 || own.some((number) => said.includes(number));
    });
  });
}

function numbersIn(text: string): string[] {
  return text.match(/\d[\d.,]*\d|\d/g) ?? [];
}

/** The quotes the dossier's sentences use of each source, each once. */
export function quotesBySource(dossier: FullDossier): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const cited = new Set(dossier.sections.flatMap((section) => section.claim_ids));
  for (const id of cited) {
    for (const source of dossier.claims[id]?.sources ?? []) {
      if (!source.is_supported || !source.url) continue;
      const own = found.get(source.url) ?? [];
      if (own.some((quote) => quote.includes(source.quote))) continue;
      found.set(source.url, [...own.filter((quote) => !source.quote.includes(quote)), source.quote]);
    }
  }
  return found;
}
