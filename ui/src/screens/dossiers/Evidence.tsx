// Beside the text: what the sentence pointed at leads back to; else the way through the dossier.
import { CircleAlert, CircleCheck, MousePointerClick, Pin } from "lucide-react";
import { useMemo } from "react";
import { Button } from "../../shared/Button";
import { counted } from "../../shared/format";
import { SECTION_NAMES } from "../claims/ClaimMarks";
import { ClaimCard } from "../claims/ClaimCard";
import { placed, type Placed } from "./reading";
import { useReading } from "./Sentences";
import styles from "./Evidence.module.css";

const STATUS: Record<Placed["status"], string> = {
  supported: "",
  uncited: "This sentence names no claim.",
  unknown_claim: "This sentence names a claim that does not exist.",
  unsupported: "The claims this sentence names do not carry it.",
};

export function Evidence({ onRelease }: { onRelease: () => void }) {
  const { dossier, active, held } = useReading();
  const sentences = useMemo(() => new Map(dossier.sections.flatMap((section) => [...placed(section).values()].flat()).map((each) => [each.key, each])), [dossier]);
  const sentence = active ? sentences.get(active) : undefined;
  return (
    <aside className={styles.evidence} aria-label="Evidence">
      {sentence ? <Claims sentence={sentence} isHeld={held === sentence.key} onRelease={onRelease} /> : <Contents />}
    </aside>
  );
}

function Claims({ sentence, isHeld, onRelease }: { sentence: Placed; isHeld: boolean; onRelease: () => void }) {
  const { dossier } = useReading();
  const claims = sentence.claim_ids.map((id) => dossier.claims[id]).filter((claim) => claim !== undefined);
  return (
    <>
      <header className={styles.evidenceHead}>
        <h2>{claims.length === 0 ? "No evidence" : claims.length === 1 ? "The claim behind it" : `The ${claims.length} claims behind it`}</h2>
        {isHeld ? (
          <Button look="quiet" size="small" icon={Pin} onClick={onRelease}>
            Let go
          </Button>
        ) : (
          <span className={styles.hint}>Click to hold</span>
        )}
      </header>
      <p className={styles.said}>{sentence.text}</p>
      {sentence.status !== "supported" && (
        <p className={styles.noEvidence}>
          <CircleAlert size={14} aria-hidden />
          <span>
            <b>No claim supports this.</b> {STATUS[sentence.status]} {sentence.problem}
          </span>
        </p>
      )}
      {claims.map((claim) => (
        <ClaimCard key={claim.merged_claim_id} claim={claim} resolved={dossier.resolved} others={dossier.claims} />
      ))}
    </>
  );
}

function Contents() {
  const { dossier } = useReading();
  const sentences = dossier.sections.reduce((sum, section) => sum + section.sentences.length, 0);
  const isAllSupported = dossier.unsupported.length === 0;
  return (
    <>
      <header className={styles.evidenceHead}>
        <h2>In this dossier</h2>
      </header>
      <nav aria-label="Sections" className={styles.contents}>
        {dossier.sections.map((section) => (
          <a key={section.key} href={`#${section.key}`} onClick={(event) => jump(event, section.key)}>
            {section.key === "CLIENT_SPECIFIC" ? `For ${dossier.client_name}` : SECTION_NAMES[section.key]}
          </a>
        ))}
        {dossier.sources.length > 0 && (
          <a href="#SOURCES" onClick={(event) => jump(event, "SOURCES")}>
            Sources
          </a>
        )}
        {dossier.sections.length === 0 && <p className="muted">Its sections show here as they are written.</p>}
      </nav>
      {sentences > 0 && (
        <p className={styles.support} data-tone={isAllSupported ? "done" : "attention"}>
          {isAllSupported ? <CircleCheck size={15} aria-hidden /> : <CircleAlert size={15} aria-hidden />}
          <span>
            {isAllSupported
              ? `All ${counted(sentences, "sentence")} lead back to a quote in ${counted(dossier.sources.length, "source")}.`
              : `${counted(dossier.unsupported.length, "sentence")} of ${sentences} are supported by no claim and marked so.`}
          </span>
        </p>
      )}
      {sentences > 0 && (
        <p className={styles.tip}>
          <MousePointerClick size={15} aria-hidden />
          <span>Point at a sentence, or step through with J and K, to see its claims and the words they rest on.</span>
        </p>
      )}
    </>
  );
}

/** The page scrolls, not the document, and the address keeps the dossier's own. */
export function jump(event: { preventDefault: () => void }, id: string): void {
  event.preventDefault();
  document.getElementById(id)?.scrollIntoView({ behavior: "smooth", block: "start" });
}
