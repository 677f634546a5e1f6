// The sentences of a dossier: each can be pointed at, stepped to and held, and shows what it leads back to.
import { CircleAlert } from "lucide-react";
import { createContext, useContext, useMemo, type ReactNode } from "react";
import type { DossierSection, FullDossier } from "../../api/types";
import { disputesOf, paragraphs, placed, referencesOf, textAt, type Placed } from "./reading";
import styles from "./Sentences.module.css";

export interface Reading {
  dossier: FullDossier;
  numbers: Map<string, number>;
  /** The sentence whose evidence is shown: the one held, else the one pointed at. */
  active: string | null;
  held: string | null;
  point: (sentence: Placed | null) => void;
  hold: (sentence: Placed) => void;
}

export const ReadingContext = createContext<Reading | null>(null);
const SectionContext = createContext<{ section: DossierSection; byPath: Map<string, Placed[]> } | null>(null);

export function useReading(): Reading {
  const found = useContext(ReadingContext);
  if (!found) throw new Error("A sentence stands outside of a dossier.");
  return found;
}

function useSection() {
  const found = useContext(SectionContext);
  if (!found) throw new Error("A text stands outside of a section.");
  return found;
}

export function InSection({ section, children }: { section: DossierSection; children: ReactNode }) {
  const value = useMemo(() => ({ section, byPath: placed(section) }), [section]);
  return <SectionContext.Provider value={value}>{children}</SectionContext.Provider>;
}

/** The text at a place in its paragraphs. */
export function Prose({ path, className }: { path: string; className?: string }) {
  const { section, byPath } = useSection();
  const text = textAt(section.content, path);
  const sentences = byPath.get(path);
  if (!sentences) return text ? <p className={className}>{text}</p> : null;
  return paragraphs(text, sentences).map((own) => (
    <p key={own[0]!.key} className={className}>
      <Run sentences={own} />
    </p>
  ));
}

/** The text at a place, within a line. */
export function Line({ path }: { path: string }) {
  const { section, byPath } = useSection();
  const sentences = byPath.get(path);
  return sentences ? <Run sentences={sentences} /> : <>{textAt(section.content, path)}</>;
}

function Run({ sentences }: { sentences: Placed[] }) {
  return sentences.map((sentence, index) => (
    <span key={sentence.key}>
      {index > 0 && " "}
      <SentenceText sentence={sentence} />
    </span>
  ));
}

function SentenceText({ sentence }: { sentence: Placed }) {
  const { dossier, numbers, active, held, point, hold } = useReading();
  const isSupported = sentence.status === "supported";
  const isDisputed = isSupported && disputesOf(sentence, dossier.resolved, dossier.claims).length > 0;
  const references = referencesOf(sentence, dossier.claims, numbers);
  return (
    <>
      <span
        role="button"
        tabIndex={0}
        data-list-item=""
        data-sentence={sentence.key}
        data-status={sentence.status}
        data-disputed={isDisputed || undefined}
        data-active={active === sentence.key || undefined}
        aria-pressed={held === sentence.key}
        className={styles.sentence}
        onMouseEnter={() => point(sentence)}
        onFocus={() => point(sentence)}
        onClick={() => hold(sentence)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          hold(sentence);
        }}
      >
        {sentence.text}
      </span>
      {references.length > 0 && <sup className={styles.references}>{references.join(", ")}</sup>}
      {isDisputed && (
        <span className={styles.disputed} title="Another source says otherwise">
          <span aria-hidden>≠</span>
          <span className="visually-hidden">Another source says otherwise.</span>
        </span>
      )}
      {!isSupported && (
        <span className={styles.noClaim}>
          <CircleAlert size={12} strokeWidth={2.2} aria-hidden />
          No claim supports this
        </span>
      )}
    </>
  );
}
