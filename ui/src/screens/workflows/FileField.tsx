// The files of one field: dropped or chosen, each with its size and a way out.
import { File as FileIcon, FileUp, X } from "lucide-react";
import { useId, useRef, useState, type DragEvent } from "react";
import type { WorkflowField } from "../../api/workflowTypes";
import { Button } from "../../shared/Button";
import { counted } from "../../shared/format";
import { isRequired, mostOf, problemOfField } from "./inputs";
import { size } from "./words";
import styles from "./Run.module.css";

interface Props {
  field: WorkflowField;
  files: File[];
  isDisabled: boolean;
  onChange: (files: File[]) => void;
}

export function FileField({ field, files, isDisabled, onChange }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setIsOver] = useState(false);
  const id = useId();
  const most = mostOf(field);
  const problem = files.length > 0 ? problemOfField(field, files, "") : null;
  // A second choice replaces the one file, or joins the others; the same file twice is one.
  const take = (chosen: File[]) => {
    if (isDisabled || chosen.length === 0) return;
    onChange(most === 1 ? chosen : [...files.filter((file) => !chosen.some((each) => isSame(each, file))), ...chosen]);
  };
  function drop(event: DragEvent) {
    event.preventDefault();
    setIsOver(false);
    take([...event.dataTransfer.files]);
  }
  return (
    <div role="group" aria-labelledby={`${id}-label`} aria-describedby={`${id}-note`}>
      <div className={styles.label}>
        <span id={`${id}-label`}>{field.label}</span>
        <span className="faint">{isRequired(field) ? "" : "optional"}</span>
      </div>
      <div
        className={styles.drop}
        data-over={isOver || undefined}
        data-filled={files.length > 0 || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(!isDisabled);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={drop}
      >
        {files.length > 0 && (
          <ul className={styles.files} aria-label={`Files for ${field.label}`}>
            {files.map((file) => (
              <li key={`${file.name}-${file.size}-${file.lastModified}`}>
                <FileIcon size={14} aria-hidden />
                <span className="clip" title={file.name}>{file.name}</span>
                <small>{size(file.size)}</small>
                <Button look="quiet" size="small" icon={X} aria-label={`Remove ${file.name}`} disabled={isDisabled} onClick={() => onChange(files.filter((each) => each !== file))} />
              </li>
            ))}
          </ul>
        )}
        <div className={styles.pick}>
          {files.length === 0 && <FileUp size={16} strokeWidth={1.7} aria-hidden />}
          <Button size="small" disabled={isDisabled} aria-label={`${files.length === 0 ? "Choose" : most === 1 ? "Choose another file" : "Add"} for ${field.label}`} onClick={() => input.current?.click()}>
            {files.length === 0 ? (most === 1 ? "Choose a file" : "Choose files") : most === 1 ? "Another file" : "Add files"}
          </Button>
          <span className="muted">{files.length === 0 ? "or drop here" : ""}</span>
        </div>
        <input
          ref={input}
          type="file"
          hidden
          aria-label={field.label}
          multiple={most > 1}
          accept={field.accept?.join(",")}
          onChange={(event) => {
            take([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
      </div>
      <p className={problem ? styles.problem : styles.note} id={`${id}-note`} role={problem ? "alert" : undefined}>{problem ?? rules(field)}</p>
    </div>
  );
}

function isSame(one: File, other: File): boolean {
  return one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
}

/** What the field takes, as in "2 to 5 files, .csv or .xlsx". */
function rules(field: WorkflowField): string {
  const most = mostOf(field);
  const least = field.min_files ?? (isRequired(field) ? 1 : 0);
  const kinds = (field.accept ?? []).join(", ");
  const amount = most === 1 ? "" : most === Infinity ? (least > 1 ? `at least ${counted(least, "file")}` : "one or more files") : least === most ? counted(most, "file") : `${Math.max(least, 1)} to ${counted(most, "file")}`;
  return [amount, kinds].filter(Boolean).join(", ") || field.placeholder || "Any file";
}
