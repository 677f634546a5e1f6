// An editor for prompts, formulas and JSON; its code loads when the first one is shown.
import { lazy, Suspense, type Ref } from "react";
import { Skeleton } from "./Placeholder";
import styles from "./CodeEditor.module.css";

export interface CodeEditorHandle {
  /** Puts text where the cursor is and moves there. */
  insert: (text: string) => void;
}

export interface CodeEditorProps {
  value: string;
  onChange: (value: string) => void;
  /** Names the editor for readers. */
  label: string;
  mode?: "prompt" | "formula" | "json" | "template";
  /** Columns that `{{…}}` may name, or the inputs of a prompt in mode "template"; others are underlined. */
  columns?: string[];
  placeholder?: string;
  minHeight?: number;
  maxHeight?: number;
  isReadOnly?: boolean;
  ref?: Ref<CodeEditorHandle>;
}

const Editor = lazy(() => import("./CodeMirrorEditor"));

export function CodeEditor(props: CodeEditorProps) {
  const { minHeight = 120 } = props;
  return (
    <div className={styles.editor} style={{ minHeight }}>
      <Suspense fallback={<Skeleton height={minHeight} />}>
        <Editor {...props} />
      </Suspense>
    </div>
  );
}
