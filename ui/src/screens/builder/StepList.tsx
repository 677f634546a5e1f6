// The steps of a build, each with how it went.
import { Check, Circle, LoaderCircle, X } from "lucide-react";
import type { Step } from "./steps";
import styles from "./Workflow.module.css";

const ICONS = { done: Check, running: LoaderCircle, failed: X, waiting: Circle };
const WORDS = { done: "done", running: "under way", failed: "failed", waiting: "not yet" };

export function StepList({ steps }: { steps: Step[] }) {
  return (
    <ol className={styles.steps} aria-label="Steps" aria-live="polite">
      {steps.map((step) => {
        const Icon = ICONS[step.state];
        return (
          <li key={step.key} data-state={step.state}>
            <span className={styles.mark}>
              <Icon size={13} strokeWidth={2.5} className={step.state === "running" ? styles.spins : undefined} aria-hidden />
            </span>
            <div>
              <span>{step.title}</span>
              <span className="visually-hidden">, {WORDS[step.state]}</span>
              {step.note && <small>{step.note}</small>}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
