// One cell's whole story: its value, where it came from, every attempt at it, what each cost, and earlier values.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronDown, ChevronUp, Pencil, Play } from "lucide-react";
import { useState, type ReactNode } from "react";
import { api } from "../../../api/client";
import type { CellDetail as Detail, Field, Json } from "../../../api/types";
import { MARK_SIMULATED } from "../../../api/types";
import { LinkTo } from "../../../frame/LinkTo";
import { paths } from "../../../frame/paths";
import { Button } from "../../../shared/Button";
import { CodeBlock } from "../../../shared/CodeBlock";
import { CopyButton, CopyId } from "../../../shared/Copy";
import { Drawer } from "../../../shared/Dialog";
import { TextArea } from "../../../shared/Field";
import { words } from "../../../shared/format";
import { ValueMarks } from "../../../shared/Marks";
import { Money } from "../../../shared/Money";
import { Facts } from "../../../shared/Panel";
import { InlineError, Loaded, SkeletonRows } from "../../../shared/Placeholder";
import { StateBadge } from "../../../shared/StateBadge";
import { Ago } from "../../../shared/Time";
import { toast, toastError } from "../../../shared/Toast";
import { valueOf } from "../edits";
import { textOf } from "../grid/clipboard";
import { dateText, numberText, shapeOf, webAddress } from "../kinds";
import { Attempts } from "./Attempts";
import styles from "./CellDetail.module.css";

export interface Beside {
  field: Field;
  value: Json;
}

interface Props {
  clientId: string;
  tableId: string;
  rowId: string;
  field: Field;
  /** What the row is called: the value of its first column. */
  rowName: string | null;
  /** Rises when the cell changed in the grid, so that the detail is fetched again. */
  stamp: string;
  mayWrite: boolean;
  mayRun: boolean;
  /** After a person decided about an unknown call; null where they may not. */
  onReconciled: (() => void) | null;
  /** What the same answer filled beside it: the column's other outputs with their values in this row. */
  beside: Beside[];
  onClose: () => void;
  onStep: ((rows: number, columns: number) => void) | null;
  onWrite: (before: Json, after: Json) => Promise<void>;
  onRun: () => void;
}

export const cellKey = (tableId: string, rowId: string, fieldId: string) => ["cell", tableId, rowId, fieldId];

export function CellDetail(props: Props) {
  const { tableId, rowId, field, rowName, stamp, onClose, onStep, onRun, mayRun } = props;
  const query = useQuery({
    queryKey: [...cellKey(tableId, rowId, field.id), stamp],
    queryFn: ({ signal }) => api.get<Detail>(`/v3/tables/${tableId}/records/${rowId}/cells/${field.id}`, { signal }),
    // The same cell's last answer stays while its change is fetched; another cell starts from nothing.
    placeholderData: (before) => (before?.row_id !== undefined && String(before.row_id) === rowId && before.field.id === field.id ? before : undefined),
  });
  const detail = query.data;
  return (
    <Drawer
      isOpen
      onClose={onClose}
      width="var(--detail)"
      keepsFocus
      title={field.name}
      subtitle={rowName ?? `Row ${rowId}`}
      actions={
        <>
          {onStep && (
            <>
              <Button look="quiet" size="small" icon={ChevronUp} aria-label="Row above" onClick={() => onStep(-1, 0)} />
              <Button look="quiet" size="small" icon={ChevronDown} aria-label="Row below" onClick={() => onStep(1, 0)} />
            </>
          )}
          {field.is_computed && mayRun && <Button size="small" icon={Play} onClick={onRun}>Run this cell…</Button>}
        </>
      }
    >
      <Loaded query={query} doing="load this cell" size="panel" skeleton={<SkeletonRows rows={5} />}>
        {(found) => <Story {...props} detail={found} />}
      </Loaded>
      {detail && query.isError && <InlineError error={query.error} />}
    </Drawer>
  );
}

function Story({ detail, ...props }: Props & { detail: Detail }) {
  const { clientId, field, rowId, tableId } = props;
  const { source, run, note } = detail;
  return (
    <div className={styles.story}>
      <section className={styles.now}>
        <div className={styles.marks}>
          <StateBadge state={detail.state} note={note} />
          <ValueMarks marks={detail.marks} />
        </div>
        <Value detail={detail} {...props} />
        {note && <p className={styles.note} data-state={detail.state}>{note}</p>}
      </section>
      <Facts
        facts={[
          ...(source ? [["Source", <span key="source">{source.label} <span className="faint">· {sourceWords(source.kind)}</span></span>] as [ReactNode, ReactNode], ["When", <Ago key="at" at={source.at} />] as [ReactNode, ReactNode]] : []),
          ...madeBy(detail, clientId),
          ["Cost", <Money key="cost" microUsd={detail.cost_micro_usd} />],
          ...(run ? [["Run", <LinkTo key="run" to={paths.run(clientId, run.id)} className="link">{run.title}</LinkTo>] as [ReactNode, ReactNode]] : []),
          ["Row", <CopyId key="row" id={rowId} />],
        ]}
      />
      {props.beside.length > 0 && <Together beside={props.beside} />}
      <Attempts detail={detail} tableId={tableId} rowId={rowId} onReconciled={props.onReconciled} />
      <Earlier {...props} detail={detail} />
      {detail.attempts.length === 0 && detail.history.length === 0 && field.is_computed && detail.state === "empty" && <p className="muted">This cell has not been run yet.</p>}
    </div>
  );
}

/** What the cell was made with that has a page of its own: its dossier and that dossier's run, the registry's prompt. */
function madeBy(detail: Detail, clientId: string): [ReactNode, ReactNode][] {
  const links: [ReactNode, ReactNode][] = [];
  const dossier = detail.attempts.findLast((each) => each.dossier_id || each.run_id);
  if (dossier?.dossier_id) links.push(["Dossier", <LinkTo key="dossier" to={paths.dossier(clientId, dossier.dossier_id)} className="link">Open the dossier</LinkTo>]);
  if (dossier?.run_id) links.push(["Made by", <LinkTo key="made" to={paths.pipelineRun(clientId, dossier.run_id)} className="link">Its research, step by step</LinkTo>]);
  const asked = detail.attempts.findLast((each) => each.prompt_key);
  if (asked?.prompt_key) {
    links.push(["Prompt", <span key="prompt"><LinkTo to={paths.prompt(clientId, asked.prompt_key)} className="link">{asked.prompt_key}</LinkTo> <span className="faint">· {asked.prompt_label}, version {asked.prompt_version}</span></span>]);
  }
  return links;
}

function Value({ detail, field, mayWrite, onWrite }: Props & { detail: Detail }) {
  const [draft, setDraft] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const { value } = detail;
  if (draft !== null) {
    return (
      <div className={styles.replace}>
        <TextArea name="Value" value={draft} onChange={setDraft} rows={4} autoFocus hint={field.is_computed ? "The computed value is kept under Earlier values." : undefined} />
        <div className={styles.buttons}>
          <Button size="small" look="primary" isBusy={isBusy} onClick={() => {
            setIsBusy(true);
            void onWrite(value, valueOf(field, draft)).finally(() => {
              setIsBusy(false);
              setDraft(null);
            });
          }}>Keep this value</Button>
          <Button size="small" onClick={() => setDraft(null)}>Cancel</Button>
        </div>
      </div>
    );
  }
  return (
    <div className={styles.value} data-simulated={(value !== null && (detail.marks & MARK_SIMULATED) !== 0) || undefined}>
      <Shown field={field} value={value} />
      <span className={styles.tools}>
        {value !== null && <CopyButton text={textOf(value)} label="Copy the value" />}
        {mayWrite && <Button look="quiet" size="small" icon={Pencil} aria-label={field.is_computed ? "Replace the value" : "Edit the value"} onClick={() => setDraft(textOf(value))} />}
      </span>
    </div>
  );
}

function Together({ beside }: { beside: Beside[] }) {
  return (
    <section>
      <h3>Filled together with</h3>
      <Facts facts={beside.map(({ field, value }) => [field.name, <Shown key={field.id} field={field} value={value} />])} />
    </section>
  );
}

function Shown({ field, value }: { field: Field; value: Json }) {
  switch (shapeOf(field, value)) {
    case "blank":
      return <span className="faint">No value</span>;
    case "number":
      return <span className={styles.figure}>{numberText(value as number, field)}</span>;
    case "boolean":
      return <span className={styles.figure}>{value ? "Yes" : "No"}</span>;
    case "date":
      return <span className={styles.figure}>{dateText(String(value))}</span>;
    case "list":
      return (
        <ul className={styles.list}>
          {(value as Json[]).map((each, at) => (
            <li key={at}>{String(each)}</li>
          ))}
        </ul>
      );
    case "json":
      return <div className={styles.json}><CodeBlock value={value} label="JSON" /></div>;
    case "url": {
      const address = webAddress(String(value));
      return address ? <a className="link" href={address} target="_blank" rel="noreferrer">{String(value)}</a> : <span>{String(value)}</span>;
    }
    default:
      return <p className={styles.text}>{String(value)}</p>;
  }
}

function Earlier({ detail, tableId, rowId, field, mayWrite }: Props & { detail: Detail }) {
  const client = useQueryClient();
  const [busy, setBusy] = useState<string | null>(null);
  if (detail.history.length === 0) return null;
  async function restore(version: string) {
    setBusy(version);
    try {
      await api.post(`/v3/tables/${tableId}/records/${rowId}/cells/${field.id}/restore`, { version });
      await client.invalidateQueries({ queryKey: cellKey(tableId, rowId, field.id) });
      toast({ tone: "done", title: "Restored the earlier value" });
    } catch (error) {
      toastError("restore the value", error);
    } finally {
      setBusy(null);
    }
  }
  return (
    <section>
      <h3>Earlier values</h3>
      <ul className={styles.history}>
        {detail.history.map((each) => (
          <li key={each.id}>
            <StateBadge state={each.state} look="plain" />
            <span className={styles.old}>{each.value === null ? <span className="faint">No value</span> : textOf(each.value)}</span>
            <ValueMarks marks={each.marks} />
            <Ago at={each.at} className={styles.when} />
            {mayWrite && <Button look="quiet" size="small" isBusy={busy === each.id} onClick={() => void restore(each.id)}>Restore</Button>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function sourceWords(kind: string): string {
  return { imported: "imported", typed: "typed in", directory: "company directory", provider: "data source", llm: "language model", formula: "computed here", dossier: "researched for its company" }[kind] ?? words(kind);
}
