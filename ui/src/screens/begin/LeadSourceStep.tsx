// Step 1: what the workbook is called and where its rows come from.
import { FileUp, Search, Table2, type LucideIcon } from "lucide-react";
import type { LeadSource } from "../../api/types";
import { TextField } from "../../shared/Field";
import { chooseByArrow } from "../../shared/focus";
import type { Draft } from "./draft";
import styles from "./BeginWorkbook.module.css";

const SOURCES: { value: LeadSource; icon: LucideIcon; name: string; detail: string }[] = [
  { value: "find_companies", icon: Search, name: "Find companies", detail: "By industry, place, size, revenue and age, in the bundled directory of listed companies. Free, no key needed." },
  { value: "csv", icon: FileUp, name: "CSV import", detail: "A list you have. You see how each column was read before anything is imported." },
  { value: "other", icon: Table2, name: "Other", detail: "Begin with an empty table; type or paste rows into it, or send them by the API." },
];

interface Props {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  onChosen: () => void;
}

export function LeadSourceStep({ draft, change, onChosen }: Props) {
  return (
    <>
      <header className={styles.intro}>
        <h1>Begin workbook</h1>
        <p className="muted prose">A workbook starts with its company table. Say where the companies come from.</p>
      </header>
      <TextField
        label="Workbook name"
        autoFocus
        maxLength={120}
        placeholder="California technology, Q1"
        value={draft.workbookName}
        onChange={(workbookName) => change({ workbookName })}
        onKeyDown={(event) => event.key === "Enter" && onChosen()}
      />
      <div className={styles.cards} role="radiogroup" aria-label="Lead source" onKeyDown={chooseByArrow}>
        {SOURCES.map(({ value, icon: Icon, name, detail }) => (
          <button key={value} type="button" role="radio" aria-checked={draft.leadSource === value} className={styles.card} onClick={() => change({ leadSource: value })} onDoubleClick={onChosen}>
            <Icon size={20} strokeWidth={1.7} aria-hidden />
            <b>{name}</b>
            <small>{detail}</small>
          </button>
        ))}
      </div>
    </>
  );
}
