// Copying text, and ids that are there to be copied.
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./Button";
import { Tooltip } from "./Tooltip";
import styles from "./Copy.module.css";

function useCopy(text: string): [boolean, () => void] {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return [isCopied, () => void copyText(text).then(() => setIsCopied(true))];
}

async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Plain http from another machine has no clipboard API.
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [isCopied, copy] = useCopy(text);
  return (
    <Tooltip text={isCopied ? "Copied" : label}>
      <Button look="quiet" size="small" icon={isCopied ? Check : Copy} aria-label={label} onClick={copy} />
    </Tooltip>
  );
}

/** An id, short to read and whole to copy. */
export function CopyId({ id, label }: { id: string; label?: string }) {
  const [isCopied, copy] = useCopy(id);
  return (
    <Tooltip text={isCopied ? "Copied" : `Copy ${id}`}>
      <button type="button" className={styles.id} onClick={copy}>
        {label && <span>{label}</span>}
        <code>{id.length > 13 ? id.slice(0, 8) : id}</code>
        {isCopied ? <Check size={12} aria-hidden /> : <Copy size={12} aria-hidden />}
        <span className="visually-hidden">Copy</span>
      </button>
    </Tooltip>
  );
}
