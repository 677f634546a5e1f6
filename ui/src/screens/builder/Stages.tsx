// The way from files to an approved workflow, and where on it one is.
import { Check } from "lucide-react";
import styles from "./Builder.module.css";

const STAGES = [
  { key: "files", label: "Add files" },
  { key: "review", label: "Approve what leaves" },
  { key: "describe", label: "Say what to do" },
  { key: "build", label: "Build" },
  { key: "approve", label: "Test and approve" },
];

export function Stages({ now }: { now: "files" | "review" | "describe" | "build" | "approve" | "over" }) {
  const at = now === "over" ? STAGES.length : STAGES.findIndex((stage) => stage.key === now);
  return (
    <ol className={styles.stages} aria-label="Where this workflow is">
      {STAGES.map((stage, index) => (
        <li key={stage.key} data-done={index < at || undefined} aria-current={index === at ? "step" : undefined}>
          <span className={styles.dot} aria-hidden>
            {index < at ? <Check size={11} strokeWidth={3} /> : index + 1}
          </span>
          <span>{stage.label}</span>
          {index < at && <span className="visually-hidden">, done</span>}
        </li>
      ))}
    </ol>
  );
}
