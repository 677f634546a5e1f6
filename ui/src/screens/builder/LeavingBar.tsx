// What would leave in all, to the byte, before any of it does.
import { Download, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { Button } from "../../shared/Button";
import { CodeBlock } from "../../shared/CodeBlock";
import { Drawer } from "../../shared/Dialog";
import { count, counted } from "../../shared/format";
import { areAllApproved, leavingFrom, type Slot } from "./desk";
import { bytes } from "./ExtractFacts";
import { saveBlob } from "./saveBlob";
import styles from "./Files.module.css";

/** The body of the one request that carries the extracts, as its exact text. */
export function bodyOf(slots: readonly Slot[]): string {
  return JSON.stringify({ file_extracts: leavingFrom(slots) });
}

export function LeavingBar({ slots }: { slots: readonly Slot[] }) {
  const [isOpen, setIsOpen] = useState(false);
  const isReady = areAllApproved(slots);
  const failed = slots.filter((slot) => slot.status === "failed").length;
  const left = slots.filter((slot) => !slot.isApproved).length - failed;
  const body = isReady ? bodyOf(slots) : "";
  const size = new TextEncoder().encode(body).length;
  return (
    <footer className={styles.bar} data-ready={isReady || undefined}>
      <ShieldCheck size={16} strokeWidth={1.8} aria-hidden />
      <span aria-live="polite">
        {isReady
          ? `${bytes(size)} will leave with your first message, or when the form makes the workflow. Nothing has left yet.`
          : ["Nothing has left.", left > 0 && `${counted(left, "file")} of ${count(slots.length)} still ${left === 1 ? "needs" : "need"} your approval.`, failed > 0 && `${counted(failed, "file")} could not be read: remove ${failed === 1 ? "it" : "them"}.`].filter(Boolean).join(" ")}
      </span>
      <Button size="small" disabled={!isReady} onClick={() => setIsOpen(true)}>
        See exactly what leaves
      </Button>
      <Drawer
        isOpen={isOpen && isReady}
        onClose={() => setIsOpen(false)}
        title="What will leave"
        subtitle={`The whole request, ${counted(size, "byte")}`}
        width={640}
        actions={
          <Button size="small" look="quiet" icon={Download} onClick={() => saveBlob("extracts.json", new Blob([body], { type: "application/json" }))}>
            Download
          </Button>
        }
      >
        <CodeBlock label="POST /api/workflows" value={body} isVerbatim maxHeight={520} />
      </Drawer>
    </footer>
  );
}
