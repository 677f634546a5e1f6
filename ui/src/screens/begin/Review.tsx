// Step 4: everything on one page, before the plan is made of it.
import { COLUMN_KINDS } from "../../columns/ColumnForm";
import { Button } from "../../shared/Button";
import { SwitchField } from "../../shared/Field";
import { compactUsd, count, counted } from "../../shared/format";
import { Panel } from "../../shared/Panel";
import { summaryOf } from "./Columns";
import { sourceColumns, type Draft } from "./draft";
import styles from "./BeginWorkbook.module.css";

interface Props {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  isTraining: boolean;
  onStep: (step: number) => void;
}

export function Review({ draft, change, isTraining, onStep }: Props) {
  return (
    <>
      <header className={styles.intro}>
        <h1>Review and begin</h1>
        <p className="muted prose">Next you see the plan: every step with its cost. You can change it there, and nothing happens before you approve it.</p>
      </header>
      <Panel isFlush>
        <Summary title={draft.workbookName} onEdit={() => onStep(1)}>
          New workbook with its company table
        </Summary>
        <Summary title={SOURCE_WORDS[draft.leadSource]} onEdit={() => onStep(2)}>
          {sourceLine(draft)}
        </Summary>
        <Summary title={counted(draft.columns.length, "computed column")} onEdit={() => onStep(3)}>
          {draft.columns.length === 0 && "None; add them in the table later."}
          {draft.columns.map((column) => (
            <div key={column.id} style={{ marginTop: 4 }}>
              <b style={{ fontWeight: 500, color: "var(--text)" }}>{column.name}</b> <span className="faint">{COLUMN_KINDS.find((each) => each.kind === column.kind)?.word}</span>
              <br />
              {summaryOf(column)}
            </div>
          ))}
        </Summary>
      </Panel>
      <Panel>
        <SwitchField
          label="Training mode for this workbook"
          hint="Vendors are simulated at no cost; simulated values are marked in the table and in every export. Other workbooks keep their own mode."
          isOn={isTraining}
          onChange={(isOn) => change({ isTraining: isOn })}
        />
      </Panel>
    </>
  );
}

const SOURCE_WORDS = { find_companies: "Find companies", csv: "CSV import", other: "Empty table" };

function Summary({ title, onEdit, children }: { title: string; onEdit: () => void; children: React.ReactNode }) {
  return (
    <div className={styles.summary}>
      <div>
        <h3>{title}</h3>
        <div className="muted" style={{ fontSize: 13 }}>
          {children}
        </div>
      </div>
      <Button look="quiet" size="small" onClick={onEdit}>
        Change
      </Button>
    </div>
  );
}

function sourceLine(draft: Draft): string {
  if (draft.leadSource === "csv") return `${draft.upload?.fileName ?? "No file"}: ${counted(draft.upload?.rows_seen ?? 0, "row")}, ${counted(sourceColumns(draft).length, "column")} taken`;
  if (draft.leadSource === "other") return "Rows are typed, pasted or sent by the API.";
  const { filters } = draft;
  const range = (name: string, from: string | null, to: string | null) => (from || to ? `${name} ${from && to ? `${from} to ${to}` : from ? `from ${from}` : `up to ${to}`}` : null);
  const text = [
    filters.industries.length ? filters.industries.join(" or ") : "any industry",
    filters.locations.length ? `in ${filters.locations.join(" or ")}` : "anywhere",
    filters.sizes.length ? filters.sizes.join(" or ") : null,
    range("revenue", filters.revenue_min_usd === null ? null : compactUsd(filters.revenue_min_usd), filters.revenue_max_usd === null ? null : compactUsd(filters.revenue_max_usd)),
    range("founded", filters.founded_from?.toString() ?? null, filters.founded_to?.toString() ?? null),
    filters.keywords.length ? `about ${filters.keywords.join(" or ")}` : null,
    `at most ${count(filters.limit)}`,
  ];
  return text.filter(Boolean).join(", ");
}
