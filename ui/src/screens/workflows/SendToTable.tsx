// Sending a result into a table of a workbook: says first how many rows leave this browser and where they go.
import { useQuery } from "@tanstack/react-query";
import { CloudUpload, Table2, TriangleAlert } from "lucide-react";
import { useEffect, useState } from "react";
import { api } from "../../api/client";
import { useOnce } from "../../api/once";
import { clientsQuery, queryClient, tableQuery, workbooksQuery } from "../../api/queries";
import type { Client, ImportPreview, RunBrief, Table } from "../../api/types";
import type { Workflow } from "../../api/workflowTypes";
import { LinkTo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useClientId } from "../../frame/session";
import type { Output } from "../../python/door";
import { Button } from "../../shared/Button";
import { Dialog } from "../../shared/Dialog";
import { SelectField, TextField } from "../../shared/Field";
import { counted } from "../../shared/format";
import { Notice } from "../../shared/Panel";
import { InlineError, Skeleton } from "../../shared/Placeholder";
import { Segments } from "../../shared/Tabs";
import { ImportProgress } from "../table/importing/ImportProgress";
import { guessTargets, toMapping } from "../table/importing/mapping";
import { countRows } from "./rows";
import styles from "./Run.module.css";

interface Props {
  output: Output;
  workflow: Workflow;
  onClose: () => void;
}

const NEW = "new";

/** Where the rows go; an empty id is not chosen yet. */
interface Place {
  clientId: string;
  workbookId: string;
  workbookName: string;
  tableId: string;
  tableName: string;
  mode: "append" | "upsert";
  key: string;
}

interface Sent {
  run: RunBrief;
  table: Table;
}

export function SendToTable({ output, workflow, onClose }: Props) {
  const [rows, setRows] = useState<number | null>(null);
  const [sent, setSent] = useState<Sent | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const once = useOnce();
  const name = workflow.name ?? "Workflow result";
  const known = useQuery(clientsQuery).data?.data;
  const clients = known ?? [];
  const [chosen, setChosen] = useState<Place>({ clientId: useClientId() ?? "", workbookId: "", workbookName: name, tableId: NEW, tableName: name, mode: "append", key: "" });
  // Where there is one client only, there is nothing to choose.
  const place = { ...chosen, clientId: chosen.clientId || (clients.length === 1 ? (clients[0]?.id ?? "") : "") };
  useEffect(() => {
    let isOpen = true;
    countRows(output.blob).then(
      (amount) => isOpen && setRows(amount),
      (problem: unknown) => isOpen && setError(problem),
    );
    return () => {
      isOpen = false;
    };
  }, [output.blob]);

  async function act() {
    setIsBusy(true);
    setError(null);
    try {
      setSent(await send(output, place, once));
    } catch (problem) {
      setError(problem);
    } finally {
      setIsBusy(false);
    }
  }

  if (sent) {
    return (
      <Dialog isOpen onClose={onClose} width={560} title="Sent to your Spadework server" footer={<Sending table={sent.table} onClose={onClose} />}>
        <ImportProgress run={sent.run} />
      </Dialog>
    );
  }
  const problem = known?.length === 0 ? "A table belongs to a client, and there is none yet. Add one under Clients in another tab, then send the result." : problemOf(place, rows);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={560}
      title={`Send ${output.name} to a table`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" icon={CloudUpload} isBusy={isBusy} disabled={problem !== null} onClick={() => void act()}>
            {rows === null ? "Send" : `Send ${counted(rows, "row")}`}
          </Button>
        </>
      }
    >
      <div className={styles.stack}>
        {known?.length !== 0 && <Where place={place} clients={clients} onChange={(part) => setChosen((before) => ({ ...before, ...part }))} />}
        {rows === null ? (
          <Skeleton height={48} />
        ) : (
          <Notice tone="attention" icon={<TriangleAlert size={15} aria-hidden />}>
            <b>{counted(rows, "row")} leave{rows === 1 ? "s" : ""} this browser</b> for your Spadework server at {location.host}, with every value as it is, into {target(place)}. Until now nothing of it has left.
          </Notice>
        )}
        {problem && rows !== null && <p className="muted">{problem}</p>}
        <InlineError error={error} />
      </div>
    </Dialog>
  );
}

function Sending({ table, onClose }: { table: Table; onClose: () => void }) {
  return (
    <>
      <Button onClick={onClose}>Close</Button>
      <LinkTo to={paths.table(table.client_id, table.id)} className={styles.open}>
        <Table2 size={15} aria-hidden /> Open {table.name}
      </LinkTo>
    </>
  );
}

function Where({ place, clients, onChange }: { place: Place; clients: Client[]; onChange: (part: Partial<Place>) => void }) {
  const workbooks = useQuery({ ...workbooksQuery(place.clientId), enabled: place.clientId !== "" }).data?.data ?? [];
  const workbook = workbooks.find((each) => each.id === place.workbookId);
  const table = useQuery({ ...tableQuery(place.tableId), enabled: place.tableId !== NEW });
  const writable = table.data?.fields.filter((field) => !field.is_computed) ?? [];
  return (
    <div className={styles.where}>
      {clients.length !== 1 && (
        <SelectField label="Client" value={place.clientId} placeholder="Choose a client" options={clients.map((each) => ({ value: each.id, label: each.name }))}
          onChange={(clientId) => onChange({ clientId, workbookId: "", tableId: NEW, key: "" })} />
      )}
      <SelectField label="Workbook" value={place.workbookId} placeholder="Choose a workbook" isDisabled={place.clientId === ""}
        options={[{ value: NEW, label: "A new workbook" }, ...workbooks.map((each) => ({ value: each.id, label: each.name }))]}
        onChange={(workbookId) => onChange({ workbookId, tableId: NEW, key: "" })} />
      {place.workbookId === NEW && <TextField label="Name of the workbook" value={place.workbookName} maxLength={200} onChange={(workbookName) => onChange({ workbookName })} />}
      {workbook && (
        <SelectField label="Table" value={place.tableId}
          options={[{ value: NEW, label: "A new table" }, ...workbook.tables.map((each) => ({ value: each.id, label: `${each.name} · ${counted(each.row_count, "row")}` }))]}
          onChange={(tableId) => onChange({ tableId, key: "" })} />
      )}
      {place.workbookId !== "" && place.tableId === NEW && <TextField label="Name of the table" value={place.tableName} maxLength={200} onChange={(tableName) => onChange({ tableName })} />}
      {place.tableId !== NEW && (
        <>
          <Segments name="What to do with rows" value={place.mode} onChange={(mode) => onChange({ mode })} options={[{ value: "append", label: "Add all as new rows" }, { value: "upsert", label: "Update by a key, add the rest" }]} />
          {place.mode === "upsert" && (
            <SelectField label="Key" value={place.key} placeholder="Choose a column" options={writable.map((field) => ({ value: field.id, label: field.name }))}
              hint="A row of the result updates the row with the same value here." onChange={(key) => onChange({ key })} />
          )}
          <p className="muted">Columns of the same name meet; the others become new columns.</p>
        </>
      )}
    </div>
  );
}

function target(place: Place): string {
  if (place.tableId !== NEW) return "the table chosen above";
  const table = `the new table “${place.tableName.trim() || "…"}”`;
  return place.workbookId === NEW ? `${table} of the new workbook “${place.workbookName.trim() || "…"}”` : table;
}

/** The sentence that keeps the rows here, null when they may go. */
function problemOf(place: Place, rows: number | null): string | null {
  if (rows === null) return "The rows are being counted.";
  if (rows === 0) return "The result has no rows.";
  if (place.clientId === "") return "Choose whose table it is.";
  if (place.workbookId === "") return "Choose a workbook, or a new one.";
  if (place.workbookId === NEW && place.workbookName.trim() === "") return "Give the workbook a name.";
  if (place.tableId === NEW && place.tableName.trim() === "") return "Give the table a name.";
  if (place.tableId !== NEW && place.mode === "upsert" && place.key === "") return "Choose the key by which rows are told apart.";
  return null;
}

/** Uploads the result, makes what is new, and starts the import. */
async function send(output: Output, place: Place, once: ReturnType<typeof useOnce>): Promise<Sent> {
  const form = new FormData();
  form.append("file", new File([output.blob], output.name, { type: "text/csv" }));
  const preview = await api.post<ImportPreview>("/v3/imports/preview", form);
  const table = await tableFor(place);
  const mapping = toMapping(preview, guessTargets(preview, table.fields), table.fields);
  if (place.mode === "upsert" && place.tableId !== NEW && !mapping.some((each) => each.field_id === place.key)) {
    const key = table.fields.find((field) => field.id === place.key)?.name ?? "the key";
    throw new Error(`The result has no column called “${key}”, so rows cannot be told apart by it. Choose another key.`);
  }
  const body = { upload_id: preview.upload_id, mapping, mode: place.tableId === NEW ? "append" : place.mode, ...(place.tableId !== NEW && place.mode === "upsert" && { key_field_id: place.key }) };
  const run = await once(`import ${preview.upload_id}`, (idempotencyKey) => api.post<RunBrief>(`/v3/tables/${table.id}/import`, body, { idempotencyKey }));
  void queryClient.invalidateQueries({ queryKey: ["workbooks"] });
  void queryClient.invalidateQueries({ queryKey: ["table", table.id] });
  return { run, table };
}

async function tableFor(place: Place): Promise<Table> {
  if (place.tableId !== NEW) return api.get<Table>(`/v3/tables/${place.tableId}`);
  if (place.workbookId !== NEW) return api.post<Table>(`/v3/workbooks/${place.workbookId}/tables`, { name: place.tableName.trim() });
  const made = await api.post("/v3/workbooks", { client_id: place.clientId, name: place.workbookName.trim() });
  return api.patch<Table>(`/v3/tables/${made.default_table_id}`, { name: place.tableName.trim() });
}
