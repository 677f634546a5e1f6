// Everything that left for this workflow, to this server and to the language model, each entry to download byte for byte.
import { useQuery } from "@tanstack/react-query";
import { Download, FileText } from "lucide-react";
import { useState } from "react";
import { ledgerQuery } from "../../api/workflowQueries";
import type { LedgerEntry } from "../../api/workflowTypes";
import { Button } from "../../shared/Button";
import { CodeBlock } from "../../shared/CodeBlock";
import { CopyId } from "../../shared/Copy";
import { Drawer } from "../../shared/Dialog";
import { download } from "../../shared/download";
import { count, counted, fullTime } from "../../shared/format";
import { EmptyState, Loaded } from "../../shared/Placeholder";
import { Table } from "../../shared/Table";
import { Ago } from "../../shared/Time";
import styles from "./Workflow.module.css";

const WORDS: Record<string, string> = {
  extracts: "Approved extracts",
  message: "Your message",
  form: "Settings of the form",
  "test result": "Result of a test",
  "run result": "Result of a run",
};

function wordsOf(what: string): string {
  return WORDS[what] ?? what.charAt(0).toUpperCase() + what.slice(1);
}

const TO = { to_server: "To this Spadework server", to_llm: "To the language model" };

export function Ledger({ workflowId }: { workflowId: string }) {
  const query = useQuery(ledgerQuery(workflowId));
  const [open, setOpen] = useState<LedgerEntry | null>(null);
  return (
    <Loaded query={query} doing="read what left" size="panel">
      {({ entries }) =>
        entries.length === 0 ? (
          <EmptyState size="panel" title="Nothing has left">What is sent for this workflow stands here, to the byte.</EmptyState>
        ) : (
          <div className={styles.stack}>
            <p className="muted prose">
              {counted(entries.length, "request")}, {count(entries.reduce((sum, entry) => sum + entry.bytes, 0))} bytes in all. Your files are not among them: they are read and run in this browser.
            </p>
            <Table
              label="What left"
              rows={entries}
              rowKey={(entry) => entry.id}
              onOpen={setOpen}
              isSelected={(entry) => entry.id === open?.id}
              columns={[
                { key: "at", heading: "When", cell: (entry) => <Ago at={entry.at} />, width: 110 },
                { key: "to", heading: "Where to", cell: (entry) => TO[entry.direction], width: 190 },
                { key: "what", heading: "What", cell: (entry) => wordsOf(entry.what) },
                { key: "bytes", heading: "Bytes", cell: (entry) => count(entry.bytes), isNumeric: true, width: 80 },
                { key: "hash", heading: "SHA-256", cell: (entry) => <CopyId id={entry.sha256} />, width: 110, isSecondary: true },
                {
                  key: "save", heading: "", width: 44,
                  cell: (entry) => <Button size="small" look="quiet" icon={Download} aria-label={`Download ${wordsOf(entry.what)}`} onClick={() => download(addressOf(workflowId, entry))} />,
                },
              ]}
            />
            {open && <Entry key={open.id} workflowId={workflowId} entry={open} onClose={() => setOpen(null)} />}
          </div>
        )
      }
    </Loaded>
  );
}

function addressOf(workflowId: string, entry: LedgerEntry): string {
  return `/api/workflows/${workflowId}/ledger/${entry.id}`;
}

function Entry({ workflowId, entry, onClose }: { workflowId: string; entry: LedgerEntry; onClose: () => void }) {
  const text = useQuery({
    queryKey: ["workflow", workflowId, "ledger", entry.id],
    staleTime: Infinity,
    queryFn: async () => {
      const answer = await fetch(addressOf(workflowId, entry), { credentials: "same-origin" });
      if (!answer.ok) throw new Error(`The server answered ${answer.status}. Download the entry instead, or try again.`);
      return answer.text();
    },
  });
  return (
    <Drawer
      isOpen
      onClose={onClose}
      title={wordsOf(entry.what)}
      subtitle={`${TO[entry.direction]}, ${fullTime(entry.at)}, ${counted(entry.bytes, "byte")}`}
      width={640}
      actions={
        <Button size="small" look="quiet" icon={Download} onClick={() => download(addressOf(workflowId, entry))}>
          Download
        </Button>
      }
    >
      <Loaded query={text} doing="read this entry" size="panel">
        {(value) => (
          <div className={styles.stack}>
            <p className={styles.hash}>
              <FileText size={14} aria-hidden /> SHA-256 <code>{entry.sha256}</code>
            </p>
            <CodeBlock value={value} isVerbatim maxHeight={640} empty="An empty body" />
          </div>
        )}
      </Loaded>
    </Drawer>
  );
}
