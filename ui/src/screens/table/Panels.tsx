// What opens beside or over the grid: a cell's detail, a column's settings, a run, an import, and questions before deleting.
import { useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client";
import { tableQuery } from "../../api/queries";
import type { Field, Json, Table } from "../../api/types";
import { ConfirmDialog, Drawer } from "../../shared/Dialog";
import { useMay } from "../../frame/session";
import { count, counted } from "../../shared/format";
import { toast } from "../../shared/Toast";
import type { TableAddress } from "./address";
import { ColumnDrawer, type ColumnTask } from "./column/ColumnDrawer";
import type { ShownColumn } from "./columns";
import { CellDetail } from "./detail/CellDetail";
import { textOf } from "./grid/clipboard";
import { KEY_LIST } from "./grid/keymap";
import { ImportDrawer } from "./importing/ImportDrawer";
import type { RecordPages } from "./records";
import { dependantsOf } from "./run/request";
import { RunDrawer } from "./run/RunDrawer";
import styles from "./Table.module.css";
import type { Running } from "./useRunning";

export type OpenPanel =
  | { panel: "column"; task: ColumnTask }
  | { panel: "deleteColumn"; field: Field }
  | { panel: "deleteRows"; rowIds: string[] }
  | { panel: "import" }
  | { panel: "keys" }
  | null;

interface Props {
  clientId: string;
  table: Table;
  pages: RecordPages;
  columns: readonly ShownColumn[];
  address: TableAddress;
  panel: OpenPanel;
  running: Running;
  mayWrite: boolean;
  mayRun: boolean;
  onPanel: (panel: OpenPanel) => void;
  onCloseDetail: () => void;
  onDeleteRows: (rowIds: string[]) => Promise<void>;
  onWrite: (rowId: string, fieldId: string, before: Json, after: Json) => Promise<void>;
  onStep: (rows: number) => void;
}

export function Panels(props: Props) {
  const { table, panel, running, mayWrite, onPanel } = props;
  const client = useQueryClient();
  const close = () => onPanel(null);
  const reload = () => client.invalidateQueries({ queryKey: tableQuery(table.id).queryKey });
  return (
    <>
      <OpenCell {...props} />
      {panel?.panel === "column" && (
        <ColumnDrawer
          table={table}
          task={panel.task}
          mayWrite={mayWrite}
          onClose={close}
          onAdded={(field) => {
            if (!field.is_computed) return;
            toast({ tone: "done", title: `Added ${field.name}`, body: "Nothing has run yet. Try it on a few rows first.", action: { label: "Run first 10", act: () => void running.ask({ fieldIds: [field.id], mode: "first_n", firstN: 10, withDependants: false }) } });
          }}
        />
      )}
      {panel?.panel === "import" && <ImportDrawer table={table} onClose={close} onStarted={() => void reload()} />}
      {panel?.panel === "keys" && <GridKeys onClose={close} />}
      {running.draft && <RunDrawer table={table} draft={running.draft} onChange={running.setDraft} onRun={running.run} onClose={() => running.setDraft(null)} />}
      {panel?.panel === "deleteColumn" && <DeleteColumn table={table} field={panel.field} onClose={close} onDeleted={reload} />}
      {panel?.panel === "deleteRows" && (
        <ConfirmDialog isOpen onClose={close} title={`Delete ${counted(panel.rowIds.length, "row")}?`} confirm={`Delete ${counted(panel.rowIds.length, "row")}`} look="danger" onConfirm={() => props.onDeleteRows(panel.rowIds)}>
          <p>Their values go from this table, computed ones too. What was paid for them stays in Spend.</p>
        </ConfirmDialog>
      )}
    </>
  );
}

function OpenCell({ clientId, table, pages, columns, address, running, mayWrite, mayRun, onCloseDetail, onWrite, onStep }: Props) {
  const mayReconcile = useMay("spend.reconcile");
  const { row: rowId, field: fieldId } = address;
  const field = table.fields.find((each) => each.id === fieldId);
  if (rowId === null || !field) return null;
  const index = pages.indexOf(rowId);
  const row = index === undefined ? undefined : pages.rowAt(index);
  const first = columns[0];
  const source = field.output_of ?? field.id;
  const beside = row ? table.fields.filter((each) => each !== field && !each.is_hidden && (each.id === source || each.output_of === source)).map((each) => ({ field: each, value: row.values[each.no] ?? null })) : [];
  const name = row && first ? textOf(row.values[first.no]) : "";
  return (
    <CellDetail
      clientId={clientId}
      tableId={table.id}
      rowId={rowId}
      field={field}
      rowName={name ? `${name} · row ${count(index! + 1)}` : null}
      stamp={row ? `${row.changedAt?.[field.no] ?? ""} ${row.cells[field.no]?.state ?? ""} ${textOf(row.values[field.no])}` : ""}
      beside={beside}
      mayWrite={mayWrite}
      mayRun={mayRun}
      onReconciled={mayReconcile ? () => pages.refresh() : null}
      onClose={onCloseDetail}
      onStep={index === undefined ? null : onStep}
      onWrite={(before, after) => onWrite(rowId, field.id, before, after)}
      onRun={() => void running.ask({ fieldIds: [field.output_of ?? field.id], rowIds: [rowId], mode: "cell", withDependants: false })}
    />
  );
}

function DeleteColumn({ table, field, onClose, onDeleted }: { table: Table; field: Field; onClose: () => void; onDeleted: () => Promise<unknown> }) {
  const outputs = table.fields.filter((each) => each.output_of === field.id);
  const readers = dependantsOf([field.id], table.fields);
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={`Delete the column “${field.name}”?`}
      confirm="Delete the column"
      look="danger"
      onConfirm={async () => {
        // The columns that read it were named above, so the yes covers them.
        await api.delete(`/v3/fields/${field.id}${readers.length > 0 ? "?force=true" : ""}`);
        await onDeleted();
      }}
    >
      <p>
        Its values go in all {counted(table.row_count, "row")}.
        {outputs.length > 0 && ` So do the columns it fills: ${outputs.map((each) => each.name).join(", ")}.`}
      </p>
      {readers.length > 0 && <p>These read it and will miss an input: {readers.map((each) => each.name).join(", ")}.</p>}
    </ConfirmDialog>
  );
}

function GridKeys({ onClose }: { onClose: () => void }) {
  return (
    <Drawer isOpen onClose={onClose} title="Keys in the grid" width={400}>
      <dl className={styles.keys}>
        {KEY_LIST.map(([keys, does]) => (
          <div key={keys}>
            <dt>{does}</dt>
            <dd><kbd>{keys}</kbd></dd>
          </div>
        ))}
      </dl>
    </Drawer>
  );
}
