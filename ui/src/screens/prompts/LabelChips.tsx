// A prompt's labels, each with the version it points to.
import { Lock, Tag } from "lucide-react";
import type { Label } from "../../api/promptTypes";
import { Tooltip } from "../../shared/Tooltip";
import styles from "./Prompts.module.css";

export function LabelChips({ labels, latest }: { labels: Label[]; latest: number }) {
  return (
    <span className={styles.chips}>
      {labels.map((label) => (
        <LabelChip key={label.name} name={label.name} number={label.number} isProtected={label.is_protected} isBehind={label.number !== latest} />
      ))}
    </span>
  );
}

export function LabelChip({ name, number, isProtected, isBehind }: { name: string; number?: number; isProtected: boolean; isBehind?: boolean }) {
  const Icon = isProtected ? Lock : Tag;
  return (
    <Tooltip text={isProtected ? "Protected: it moves only when the assertions hold and an approver says yes." : "Moves at once."}>
      <span className={styles.chip} data-behind={isBehind || undefined}>
        <Icon size={11} aria-hidden />
        {name}
        {number !== undefined && <b>v{number}</b>}
        {isProtected && <span className="visually-hidden">, protected</span>}
      </span>
    </Tooltip>
  );
}
