// Step 3: what is computed for each company, column by column.
import { ArrowDown, ArrowUp, ChevronDown, ListChecks, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import type { AnswerColumn, AnswerColumnKind, Catalog } from "../../api/types";
import { outputColumnsOf, outputsOf, rulesOf, startColumn, stepsOf } from "../../columns/answer";
import { COLUMN_KINDS, ColumnForm } from "../../columns/ColumnForm";
import { Button } from "../../shared/Button";
import { counted, words } from "../../shared/format";
import { Menu } from "../../shared/Menu";
import { EmptyState, SkeletonRows } from "../../shared/Placeholder";
import { namesBefore, newColumn, problemOf, sourceColumns, type Draft, type DraftColumn } from "./draft";
import styles from "./BeginWorkbook.module.css";

interface Props {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  catalog: Catalog | undefined;
}

export function Columns({ draft, change, catalog }: Props) {
  const [open, setOpen] = useState<string | null>(null);
  const { columns } = draft;
  const set = (next: DraftColumn[]) => change({ columns: next });
  function add(kind: AnswerColumnKind) {
    const column = newColumn(startColumn(kind, namesBefore(draft, columns.length), catalog));
    set([...columns, column]);
    setOpen(column.id);
  }
  function addReadyMade() {
    const score = newColumn(startColumn("rubric", namesBefore(draft, 0), catalog));
    const mail = newColumn(startColumn("waterfall", namesBefore(draft, 0), catalog));
    set([score, mail]);
  }
  function move(from: number, to: number) {
    const next = [...columns];
    next.splice(to, 0, ...next.splice(from, 1));
    set(next);
  }
  if (!catalog) return <SkeletonRows />;
  return (
    <>
      <header className={styles.intro}>
        <h1>CE columns</h1>
        <p className="muted prose">Columns run in order of what they read. Each may name the columns before it as {"{{Column}}"}.</p>
      </header>
      {sourceColumns(draft).length > 0 && (
        <section>
          <p className="muted" style={{ marginBottom: 6 }}>
            {draft.leadSource === "csv" ? "From the file" : "Filled by the source"}
          </p>
          <div className={styles.source}>
            {sourceColumns(draft).map((name) => (
              <span key={name} className={styles.tag}>
                {name}
              </span>
            ))}
          </div>
        </section>
      )}
      {columns.length === 0 ? (
        <EmptyState
          icon={ListChecks}
          size="panel"
          title="No computed columns yet"
          action={
            <>
              {draft.leadSource !== "other" && (
                <Button look="primary" icon={Plus} onClick={addReadyMade}>
                  Add ICP score and work e-mail
                </Button>
              )}
              <AddMenu onAdd={add} />
            </>
          }
        >
          Score each company, find an address, ask a model. You can also go on without, and add columns in the table later.
        </EmptyState>
      ) : (
        <>
          <ol className={styles.columns}>
            {columns.map((column, index) => (
              <li key={column.id} className={styles.column} data-open={open === column.id || undefined}>
                <ColumnHead
                  column={column}
                  problem={problemOf(draft, index) ?? (column.kind === "ai" && !catalog.llms.some((llm) => llm.has_key) ? "Cannot run yet: no language model is connected." : null)}
                  isOpen={open === column.id}
                  onToggle={() => setOpen(open === column.id ? null : column.id)}
                  onUp={index > 0 ? () => move(index, index - 1) : undefined}
                  onDown={index < columns.length - 1 ? () => move(index, index + 1) : undefined}
                  onRemove={() => set(columns.filter((each) => each !== column))}
                />
                {open === column.id && (
                  <div className={styles.form}>
                    <ColumnForm
                      column={column}
                      names={namesBefore(draft, index)}
                      catalog={catalog}
                      onChange={(part: Partial<AnswerColumn>) => set(columns.map((each) => (each === column ? { ...each, ...part } : each)))}
                    />
                  </div>
                )}
              </li>
            ))}
          </ol>
          <div className={styles.add}>
            <AddMenu onAdd={add} />
          </div>
        </>
      )}
    </>
  );
}

function AddMenu({ onAdd }: { onAdd: (kind: AnswerColumnKind) => void }) {
  return (
    <Menu
      align="start"
      minWidth={300}
      trigger={<Button icon={Plus}>Add column</Button>}
      groups={[{ actions: COLUMN_KINDS.map(({ kind, word, detail, icon }) => ({ label: word, detail, icon, onSelect: () => onAdd(kind) })) }]}
    />
  );
}

interface HeadProps {
  column: DraftColumn;
  problem: string | null;
  isOpen: boolean;
  onToggle: () => void;
  onUp?: () => void;
  onDown?: () => void;
  onRemove: () => void;
}

function ColumnHead({ column, problem, isOpen, onToggle, onUp, onDown, onRemove }: HeadProps) {
  const kind = COLUMN_KINDS.find((each) => each.kind === column.kind);
  const Icon = kind?.icon ?? ListChecks;
  return (
    <div className={styles.columnHead}>
      <button type="button" className={styles.columnToggle} aria-expanded={isOpen} onClick={onToggle}>
        <Icon size={17} strokeWidth={1.7} aria-hidden />
        <span>
          <b>{column.name || "A column without a name"}</b>
          <small data-problem={problem && !isOpen ? "" : undefined} className="clip">
            {problem && !isOpen ? problem : summaryOf(column)}
          </small>
        </span>
      </button>
      <Button look="quiet" size="small" icon={ArrowUp} aria-label={`Move ${column.name} up`} disabled={!onUp} onClick={onUp} />
      <Button look="quiet" size="small" icon={ArrowDown} aria-label={`Move ${column.name} down`} disabled={!onDown} onClick={onDown} />
      <Button look="quiet" size="small" icon={Trash2} aria-label={`Remove ${column.name}`} onClick={onRemove} />
      <Button look="quiet" size="small" icon={ChevronDown} aria-label={isOpen ? "Fold" : "Unfold"} onClick={onToggle} style={{ rotate: isOpen ? "180deg" : undefined }} />
    </div>
  );
}

/** One line on what a column does. */
export function summaryOf(column: AnswerColumn): string {
  const condition = typeof column.condition === "string" ? column.condition : column.condition?.type === "column_not_empty" ? `if ${column.condition.column} is filled` : column.condition?.type === "column_empty" ? `if ${column.condition.column} is empty` : null;
  const further = Object.keys(outputColumnsOf(column));
  const parts: (string | null)[] = {
    ai: () => [`AI: ${outputsOf(column).map((output) => output.name).join(", ")}`],
    waterfall: () => [`Waterfall: ${stepsOf(column).map((step) => words(step.provider)).join(" → ")}`],
    rubric: () => [`Rubric: ${counted(rulesOf(column).length, "rule")}`, further.length ? `also ${further.join(", ")}` : null],
    enrichment: () => [`Enrichment: ${words(String(column.settings?.provider || "no source"))}`],
    formula: () => [`Formula: ${String(column.settings?.expression ?? "")}`],
  }[column.kind]();
  return [...parts, condition].filter(Boolean).join(" · ");
}
