// What a static look at a script found that a person should see; the sandbox, not this list, is the boundary.
import { FileX, Globe, Package, SquareTerminal, Wand, type LucideIcon } from "lucide-react";
import type { Check } from "../../api/workflowTypes";
import { counted } from "../../shared/format";
import styles from "./Workflow.module.css";

const KINDS: Record<Check["kind"], { icon: LucideIcon; word: string; isSerious: boolean }> = {
  import: { icon: Package, word: "Imports", isSerious: false },
  network: { icon: Globe, word: "Network", isSerious: true },
  delete: { icon: FileX, word: "Deletes", isSerious: true },
  process: { icon: SquareTerminal, word: "Reaches for the system", isSerious: true },
  dynamic: { icon: Wand, word: "Runs text as code", isSerious: true },
};

export function Checks({ checks }: { checks: Check[] }) {
  if (checks.length === 0) return <p className="muted">A look through the script found nothing unusual: it imports only what reads, computes and writes, reaches no network, deletes nothing, starts no program and runs no text as code.</p>;
  const serious = checks.filter((check) => KINDS[check.kind].isSerious);
  const plain = checks.filter((check) => !KINDS[check.kind].isSerious);
  return (
    <section aria-label="What a look through the script found" className={styles.checks}>
      <h3>{serious.length === 0 ? "Nothing that deletes, starts programs or reaches a network" : `${counted(serious.length, "place")} worth a look`}</h3>
      <ul>
        {[...serious, ...plain].map((check, index) => {
          const { icon: Icon, word, isSerious } = KINDS[check.kind];
          return (
            <li key={index} data-serious={isSerious || undefined}>
              <Icon size={14} aria-hidden />
              <b>{word}</b>
              <a href={`#line-${check.line}`} onClick={(event) => toLine(event.currentTarget.hash, event)}>
                line {check.line}
              </a>
              <code className="clip" title={check.text}>{check.text}</code>
              <span>{check.note}</span>
            </li>
          );
        })}
      </ul>
      <p className="muted">Found by reading, not by running: the sandbox keeps every script from the network and from your other files, whatever it says.</p>
    </section>
  );
}

/** Moves inside the page only, so that the address keeps meaning the screen. */
function toLine(hash: string, event: { preventDefault: () => void }): void {
  event.preventDefault();
  document.querySelector(hash)?.scrollIntoView({ block: "center" });
}
