// The files of a workflow about to be made: dropped, read here in the browser, looked at, approved or rejected.
import { Check, FileUp, LockKeyhole, Plus } from "lucide-react";
import { useEffect, useRef, useState, type DragEvent } from "react";
import { Button } from "../../shared/Button";
import { classes, counted } from "../../shared/format";
import { Notice } from "../../shared/Panel";
import { deskOf, problemOf, useSlots, type Slot } from "./desk";
import { ExtractCard } from "./ExtractCard";
import { FileChips } from "./FileChips";
import { LeavingBar } from "./LeavingBar";
import { PythonState } from "./PythonState";
import frame from "./Builder.module.css";
import styles from "./Files.module.css";

export function Files() {
  const desk = deskOf(null);
  const slots = useSlots(desk);
  const input = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [known, setKnown] = useState<string[]>([]);
  const [isOver, setIsOver] = useState(false);
  const shown = slots.find((slot) => slot.id === chosen) ?? slots.find((slot) => !slot.isApproved) ?? slots[0];

  const hasFiles = slots.length > 0;
  // A page cannot keep files, and what was renamed and withheld would go with them: the browser asks first.
  useEffect(() => {
    if (!hasFiles) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [hasFiles]);

  function take(files: FileList | null) {
    if (files && files.length > 0) setKnown(desk.add(files));
  }

  function drop(event: DragEvent) {
    event.preventDefault();
    setIsOver(false);
    take(event.dataTransfer.files);
  }

  /** After a yes the next file that still needs one comes up. */
  function approved(slot: Slot) {
    desk.approve(slot.id);
    setChosen(desk.slots.find((each) => !each.isApproved)?.id ?? slot.id);
  }

  const dropping = {
    onDragOver: (event: DragEvent) => { event.preventDefault(); setIsOver(true); },
    onDragLeave: (event: DragEvent) => { if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setIsOver(false); },
    onDrop: drop,
  };
  const approvable = slots.filter((slot) => !slot.isApproved && problemOf(slot, slots) === null);
  return (
    <>
      <div className={classes(frame.scroll, styles.place)} data-over={isOver || undefined} {...dropping}>
        <input ref={input} type="file" multiple hidden aria-label="Files" onChange={(event) => { take(event.target.files); event.target.value = ""; }} />
        <div className={frame.content}>
          <PythonState />
          {slots.length === 0 ? (
            <Empty onChoose={() => input.current?.click()} isOver={isOver} />
          ) : (
            <>
              <div className={styles.top}>
                <FileChips slots={slots} chosen={shown?.id ?? null} onChoose={setChosen} onRemove={(id) => desk.remove(id)} />
                <div className={styles.acts}>
                  <Button size="small" icon={Plus} onClick={() => input.current?.click()}>
                    Add files
                  </Button>
                  {slots.length > 1 && (
                    <Button size="small" icon={Check} disabled={approvable.length === 0} onClick={() => desk.approveAll()}>
                      Approve all
                    </Button>
                  )}
                </div>
              </div>
              {known.length > 0 && (
                <Notice tone="attention" action={<Button look="quiet" size="small" onClick={() => setKnown([])}>Dismiss</Button>}>
                  {known.map((name) => `“${name}”`).join(", ")} {known.length === 1 ? "is" : "are"} here already and {known.length === 1 ? "was" : "were"} not added again. Remove the one that is here to take another with that name.
                </Notice>
              )}
              {shown && <ExtractCard key={shown.id} desk={desk} slot={shown} onApprove={() => approved(shown)} onReject={() => desk.remove(shown.id)} />}
            </>
          )}
        </div>
      </div>
      {slots.length > 0 && <LeavingBar slots={slots} />}
    </>
  );
}

function Empty({ onChoose, isOver }: { onChoose: () => void; isOver: boolean }) {
  return (
    <div className={styles.empty}>
      <div className={styles.drop} data-over={isOver || undefined}>
        <FileUp size={24} strokeWidth={1.5} aria-hidden />
        <h1>Drop one example of each kind of file</h1>
        <p className="muted">CSV, Excel, PDF, Word and images. Add several at once; a workflow can read more of the same kind later.</p>
        <Button look="primary" onClick={onChoose}>
          Choose files
        </Button>
      </div>
      <div className={styles.promise}>
        <LockKeyhole size={16} strokeWidth={1.8} aria-hidden />
        <div>
          <b>Your files stay on this machine.</b>
          <p>
            They are read in this browser. What leaves is the shape: column names, how many rows, and three sample rows with each letter written as <code>A</code> or <code>a</code> and each digit as <code>#</code>. You see all of it first, change what you like, and approve it.
          </p>
          <table className={styles.example} aria-label="How samples are masked">
            <tbody>
              {[["PROD-194211", "AAAA-######"], ["John Smith", "Aaaa Aaaaa"], ["2024-01-15", "####-##-##"], ["$1,234.56", "$#,###.##"]].map(([real, masked]) => (
                <tr key={real}>
                  <td>{real}</td>
                  <td aria-hidden>→</td>
                  <td>{masked}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
    </div>
  );
}

export function filesWord(amount: number): string {
  return counted(amount, "file");
}
