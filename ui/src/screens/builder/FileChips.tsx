// The files on the table, each with how far it is and a way to take it off.
import { Check, CircleAlert, FileImage, FileSpreadsheet, FileText, X } from "lucide-react";
import { classes, percent } from "../../shared/format";
import type { Slot } from "./desk";
import { ending } from "./extracts";
import styles from "./Files.module.css";

interface Props {
  slots: readonly Slot[];
  chosen: string | null;
  onChoose: (id: string) => void;
  onRemove: (id: string) => void;
}

export function FileChips({ slots, chosen, onChoose, onRemove }: Props) {
  return (
    <ul className={styles.chips} aria-label="Files">
      {slots.map((slot) => (
        <li key={slot.id} className={styles.chip} data-state={stateOf(slot)} data-chosen={slot.id === chosen || undefined}>
          <button type="button" className={styles.chipName} data-list-item aria-pressed={slot.id === chosen} onClick={() => onChoose(slot.id)} title={slot.alias}>
            <FileIcon filename={slot.file.name} />
            <span className="clip">{slot.alias || "No name"}</span>
            <State slot={slot} />
          </button>
          <button type="button" className={styles.remove} aria-label={`Remove ${slot.file.name}`} onClick={() => onRemove(slot.id)}>
            <X size={13} aria-hidden />
          </button>
        </li>
      ))}
    </ul>
  );
}

function stateOf(slot: Slot): string {
  return slot.status === "ready" ? (slot.isApproved ? "approved" : "ready") : slot.status;
}

function State({ slot }: { slot: Slot }) {
  if (slot.status === "extracting") {
    return <span className={styles.state}>Extracting {Math.round(percent(slot.share, 1))} %</span>;
  }
  if (slot.status === "failed") {
    return (
      <span className={styles.state}>
        <CircleAlert size={13} aria-hidden /> Failed
      </span>
    );
  }
  return slot.isApproved ? (
    <span className={styles.state}>
      <Check size={13} strokeWidth={2.5} aria-hidden /> Approved
    </span>
  ) : (
    <span className={classes(styles.state)}>Ready to review</span>
  );
}

export function FileIcon({ filename }: { filename: string }) {
  const kind = ending(filename).toLowerCase();
  const Icon = [".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm", ".xls"].includes(kind) ? FileSpreadsheet : [".png", ".jpg", ".jpeg", ".gif", ".webp", ".tif", ".tiff", ".bmp"].includes(kind) ? FileImage : FileText;
  return <Icon size={15} strokeWidth={1.7} aria-hidden />;
}
