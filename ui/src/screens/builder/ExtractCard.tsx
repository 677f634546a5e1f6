// One file as it would leave: every name and sample in sight, each open to change, and the yes or no to it.
import { Check, CircleAlert, RefreshCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { useKeys } from "../../frame/keys";
import { Button } from "../../shared/Button";
import { CodeBlock } from "../../shared/CodeBlock";
import { TextField } from "../../shared/Field";
import { Notice } from "../../shared/Panel";
import { ProgressBar } from "../../shared/ProgressBar";
import { Segments } from "../../shared/Tabs";
import { problemOf, useSlots, type Desk, type Slot } from "./desk";
import { ending, leaving } from "./extracts";
import { ExtractFacts } from "./ExtractFacts";
import { ExtractParts } from "./ExtractParts";
import { ExtractTable } from "./ExtractTable";
import { ReadingOptions } from "./ReadingOptions";
import { usePhase } from "./PythonState";
import styles from "./ExtractCard.module.css";

interface Props {
  desk: Desk;
  slot: Slot;
  onApprove: () => void;
  onReject: () => void;
}

export function ExtractCard({ desk, slot, onApprove, onReject }: Props) {
  const slots = useSlots(desk);
  const [at, setAt] = useState(0);
  const [isExact, setIsExact] = useState(false);
  const sheet = slot.sheets[at] ?? slot.sheets[0];
  const problem = problemOf(slot, slots);
  useKeys({ a: () => problem === null && !slot.isApproved && onApprove(), r: onReject });
  return (
    <section className={styles.card} aria-label={`What leaves of ${slot.file.name}`}>
      <header className={styles.head}>
        {slot.status === "ready" ? (
          <TextField label="Leaves under the name" value={slot.alias} onChange={(alias) => desk.rename(slot.id, alias)} className={styles.name} maxLength={200} spellCheck={false} />
        ) : (
          <h2 className={styles.title}>{slot.file.name}</h2>
        )}
        {slot.status === "ready" && sheet && <ExtractFacts extract={sheet.read} file={slot.file} />}
      </header>
      {slot.status === "extracting" && <Extracting slot={slot} />}
      {slot.status === "failed" && <Failed slot={slot} onAgain={() => desk.reread(slot.id, {})} />}
      {slot.status === "ready" && sheet && (
        <>
          {slot.sheets.length > 1 && (
            <div className={styles.sheets}>
              <Segments name="Sheet" value={String(at)} onChange={(value) => setAt(Number(value))} options={slot.sheets.map((each, index) => ({ value: String(index), label: <span className={styles.sheet} data-out={each.isLeftOut || undefined}>{each.read.sheet ?? `Sheet ${index + 1}`}</span> }))} />
              <Button size="small" look="quiet" onClick={() => desk.editSheet(slot.id, at, { isLeftOut: !sheet.isLeftOut })}>
                {sheet.isLeftOut ? "Let this sheet leave" : "Leave this sheet out"}
              </Button>
            </div>
          )}
          <ReadingOptions slot={slot} sheet={sheet} onChange={(reading) => desk.reread(slot.id, reading)} />
          {sheet.isLeftOut ? (
            <Notice>Nothing of this sheet leaves, not even its name.</Notice>
          ) : (
            <>
              {sheet.read.columns.length > 0 && <ExtractTable sheet={sheet} onChange={(part) => desk.editSheet(slot.id, at, part)} />}
              <ExtractParts sheet={sheet} onChange={(part) => desk.editSheet(slot.id, at, part)} />
              {(sheet.read.notes ?? []).map((note) => (
                <p key={note} className={styles.note}>{note}</p>
              ))}
            </>
          )}
          {isExact && !sheet.isLeftOut && <CodeBlock label="Exactly this leaves" value={JSON.stringify(leaving(sheet, slot.alias.trim()), null, 2)} isVerbatim maxHeight={280} />}
        </>
      )}
      <footer className={styles.foot}>
        {slot.status === "ready" && (
          <Button size="small" look="quiet" onClick={() => setIsExact(!isExact)} aria-expanded={isExact}>
            {isExact ? "Hide the text" : "Show it as text"}
          </Button>
        )}
        <span className={styles.problem} role={problem && slot.status === "ready" ? "alert" : undefined}>
          {slot.status === "ready" && problem}
        </span>
        <Button icon={Trash2} onClick={onReject}>
          Reject
        </Button>
        {slot.isApproved ? (
          <span className={styles.approved}>
            <Check size={15} strokeWidth={2.5} aria-hidden /> Approved
          </span>
        ) : (
          <Button look="primary" icon={Check} disabled={problem !== null} onClick={onApprove}>
            Approve
          </Button>
        )}
      </footer>
    </section>
  );
}

function Extracting({ slot }: { slot: Slot }) {
  const isStarting = usePhase() === "loading" && slot.share === 0;
  return (
    <div className={styles.wait}>
      <p>{isStarting ? "Python is starting in this browser; the first file waits a few seconds for it." : "Reading the file in this browser. Nothing of it has left."}</p>
      <ProgressBar label={`Reading ${slot.file.name}`} done={Math.round(slot.share * 100)} total={100} size="thin" />
    </div>
  );
}

function Failed({ slot, onAgain }: { slot: Slot; onAgain: () => void }) {
  return (
    <div className={styles.wait}>
      <Notice tone="failed" icon={<CircleAlert size={16} aria-hidden />} action={<Button size="small" icon={RefreshCw} onClick={onAgain}>Try again</Button>}>
        {slot.error} Nothing of {ending(slot.file.name) ? `this ${ending(slot.file.name)} file` : "this file"} has left.
      </Notice>
    </div>
  );
}
