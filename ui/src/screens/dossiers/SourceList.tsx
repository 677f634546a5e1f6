// All sources of a dossier with their numbers, the sections that use them and the words that were used.
import { useState } from "react";
import type { FullDossier } from "../../api/types";
import { Button } from "../../shared/Button";
import { SimulatedMark } from "../../shared/Marks";
import { SECTION_NAMES, TierBadge } from "../claims/ClaimMarks";
import { SourceLink } from "../claims/SourceQuote";
import { quotesBySource } from "./reading";
import reader from "./Reader.module.css";
import styles from "./Sources.module.css";

export function SourceList({ dossier }: { dossier: FullDossier }) {
  const [isOpen, setIsOpen] = useState(false);
  const quotes = quotesBySource(dossier);
  if (dossier.sources.length === 0) return null;
  return (
    <section className={reader.section} id="SOURCES" aria-labelledby="SOURCES-title">
      <div className={reader.sectionHead}>
        <h2 id="SOURCES-title">Sources</h2>
        <Button look="quiet" size="small" className="no-print" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          {isOpen ? "Hide the quotes" : "Show all quotes"}
        </Button>
      </div>
      <ol className={styles.sources}>
        {dossier.sources.map((source, index) => (
          <li key={source.url}>
            <span className={styles.number}>{index + 1}</span>
            <div>
              <p className={styles.sourceHead}>
                <SourceLink url={source.url} name={source.name} />
                <TierBadge tier={source.tier} />
                {dossier.is_simulated && <SimulatedMark look="hatch" />}
              </p>
              <p className={styles.address}>{source.url}</p>
              <p className={reader.small}>Used in {source.used_in.map((key) => (key === "CLIENT_SPECIFIC" ? `For ${dossier.client_name}` : SECTION_NAMES[key])).join(", ")}</p>
              <ul className={styles.quotes} data-open={isOpen || undefined}>
                {(quotes.get(source.url) ?? []).map((quote) => (
                  <li key={quote}>“{quote}”</li>
                ))}
              </ul>
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
