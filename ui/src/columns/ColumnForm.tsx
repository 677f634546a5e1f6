// The form of one computed column, whatever its kind.
import type { AnswerColumn, AnswerColumnKind } from "../api/types";
import { Calculator, DatabaseSearch, Mail, Sparkles, Target, type LucideIcon } from "lucide-react";
import { TextField } from "../shared/Field";
import { AiEditor, type EditorProps } from "./AiEditor";
import { ConditionField } from "./ConditionField";
import { EnrichmentEditor } from "./EnrichmentEditor";
import { FormulaEditor } from "./FormulaEditor";
import { RubricEditor } from "./RubricEditor";
import { WaterfallEditor } from "./WaterfallEditor";
import styles from "./columns.module.css";

export const COLUMN_KINDS: { kind: AnswerColumnKind; word: string; detail: string; icon: LucideIcon }[] = [
  { kind: "ai", word: "AI column", detail: "A prompt over each row, answered in fields you name", icon: Sparkles },
  { kind: "waterfall", word: "Work e-mail waterfall", detail: "Sources in order until one has a valid address", icon: Mail },
  { kind: "rubric", word: "ICP rubric", detail: "A score by weighted rules, with a reason for each", icon: Target },
  { kind: "enrichment", word: "Enrichment", detail: "One question to one source", icon: DatabaseSearch },
  { kind: "formula", word: "Formula", detail: "An expression over other columns; free and instant", icon: Calculator },
];

const EDITORS: Record<AnswerColumnKind, (props: EditorProps) => React.ReactNode> = {
  ai: AiEditor,
  waterfall: WaterfallEditor,
  rubric: RubricEditor,
  enrichment: EnrichmentEditor,
  formula: FormulaEditor,
};

export function ColumnForm(props: EditorProps) {
  const { column, names, onChange } = props;
  const Editor = EDITORS[column.kind];
  const change = (part: Partial<AnswerColumn>) => onChange(part);
  return (
    <div className={styles.form}>
      <TextField label="Name" value={column.name} maxLength={120} autoFocus={column.name === ""} onChange={(name) => change({ name })} />
      <Editor {...props} />
      <ConditionField condition={column.condition} names={names} onChange={(condition) => change({ condition })} />
    </div>
  );
}
