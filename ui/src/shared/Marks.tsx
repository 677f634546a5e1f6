// What a value is not: simulated, guessed and typed over are three different marks.
import { Pencil, Sparkle } from "lucide-react";
import { MARK_EDITED, MARK_GUESS, MARK_SIMULATED } from "../api/types";
import { Tooltip } from "./Tooltip";
import styles from "./Marks.module.css";

/** Made up by the simulator: a hatch and the word, or only the hatch where the word is beside it already. */
export function SimulatedMark({ look = "word" }: { look?: "word" | "hatch" }) {
  return (
    <Tooltip text="Made up by the vendor simulator in training mode. It cost nothing and is nobody's real detail.">
      <span className={look === "hatch" ? styles.hatch : styles.simulated}>
        <span className={look === "hatch" ? "visually-hidden" : undefined}>Simulated</span>
      </span>
    </Tooltip>
  );
}

/** A workbook whose vendors are simulated. */
export function TrainingMark() {
  return (
    <Tooltip text="Begun in training mode: its vendors are simulated and cost nothing.">
      <span className={styles.simulated}>Training</span>
    </Tooltip>
  );
}

export function GuessMark() {
  return (
    <Tooltip text="Worked out from a pattern, and not confirmed by any source.">
      <span className={styles.guess}>
        <Sparkle size={11} aria-hidden />
        Guess
      </span>
    </Tooltip>
  );
}

export function EditedMark() {
  return (
    <Tooltip text="Typed over by a person.">
      <span className={styles.edited}>
        <Pencil size={11} aria-hidden />
        Edited
      </span>
    </Tooltip>
  );
}

/** All marks of a cell, from its bits. */
export function ValueMarks({ marks }: { marks: number }) {
  return (
    <>
      {(marks & MARK_SIMULATED) !== 0 && <SimulatedMark />}
      {(marks & MARK_GUESS) !== 0 && <GuessMark />}
      {(marks & MARK_EDITED) !== 0 && <EditedMark />}
    </>
  );
}
