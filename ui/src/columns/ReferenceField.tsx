// A prompt or formula over the row's columns: `{{Column}}` highlighted, completed, and inserted from a menu.
import { Braces } from "lucide-react";
import { useRef } from "react";
import { Button } from "../shared/Button";
import { CodeEditor, type CodeEditorHandle } from "../shared/CodeEditor";
import { Labelled } from "../shared/Field";
import { Menu } from "../shared/Menu";

interface Props {
  label: string;
  hint?: string;
  placeholder: string;
  mode: "prompt" | "formula";
  value: string;
  names: string[];
  minHeight?: number;
  onChange: (value: string) => void;
}

export function ReferenceField({ label, hint, placeholder, mode, value, names, minHeight = 120, onChange }: Props) {
  const editor = useRef<CodeEditorHandle>(null);
  return (
    <Labelled
      label={label}
      hint={hint}
      aside={
        <Menu
          trigger={
            <Button look="quiet" size="small" icon={Braces}>
              Insert column
            </Button>
          }
          groups={[{ heading: "Columns before this one", actions: names.map((name) => ({ label: name, onSelect: () => setTimeout(() => editor.current?.insert(`{{${name}}}`)) })) }]}
        />
      }
    >
      <CodeEditor ref={editor} label={label} mode={mode} value={value} columns={names} placeholder={placeholder} minHeight={minHeight} maxHeight={320} onChange={onChange} />
    </Labelled>
  );
}
