// Workbooks with their tables folded under them, each with its state.
import { useMutation, useQuery } from "@tanstack/react-query";
import { ChevronRight, FileSpreadsheet, MoreHorizontal, Pencil, Plus, Table2, Trash2 } from "lucide-react";
import { useState, type KeyboardEvent } from "react";
import { api } from "../../api/client";
import { queryClient, workbooksQuery } from "../../api/queries";
import type { TableBrief, TableStatus, Workbook } from "../../api/types";
import { LinkTo, useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { ConfirmDialog, Dialog } from "../../shared/Dialog";
import { TextField } from "../../shared/Field";
import { count, counted, money } from "../../shared/format";
import { TrainingMark } from "../../shared/Marks";
import { Menu } from "../../shared/Menu";
import { Money } from "../../shared/Money";
import { Panel } from "../../shared/Panel";
import { EmptyState, InlineError, Loaded } from "../../shared/Placeholder";
import { ProgressBar } from "../../shared/ProgressBar";
import { StateBadge } from "../../shared/StateBadge";
import { Timestamp } from "../../shared/Time";
import styles from "./WorkbookList.module.css";

export function WorkbookList({ clientId, search }: { clientId: string; search: string }) {
  const query = useQuery(workbooksQuery(clientId, search));
  const mayBegin = useMay("plans.write");
  const go = useGo();
  const [picked, setPicked] = useState<Record<string, boolean>>({});
  return (
    <Loaded query={query} doing="load the workbooks">
      {({ data }) => {
        if (data.length === 0 && search) {
          return <EmptyState title={`No workbook or table is called “${search}”`}>Try part of the name.</EmptyState>;
        }
        if (data.length === 0) {
          return (
            <Panel>
              <EmptyState
                icon={FileSpreadsheet}
                title="No workbooks yet"
                action={mayBegin && <Button look="primary" icon={Plus} onClick={() => go(paths.begin(clientId))}>Begin workbook</Button>}
              >
                A workbook holds tables of companies and people. Begin one by finding companies or with a file of your own; you see the plan and its cost before anything runs.
              </EmptyState>
            </Panel>
          );
        }
        return (
          <div className={styles.list} data-list>
            <div className={styles.headings} aria-hidden>
              <span>Workbook</span>
              <span>State</span>
              <span>Rows</span>
              <span>Spent</span>
              <span>Created</span>
              <span />
            </div>
            {data.map((workbook, index) => (
              <WorkbookRow
                key={workbook.id}
                workbook={workbook}
                isOpen={picked[workbook.id] ?? (search !== "" || index === 0)}
                onToggle={(isOpen) => setPicked({ ...picked, [workbook.id]: isOpen })}
              />
            ))}
          </div>
        );
      }}
    </Loaded>
  );
}

const WORST_FIRST: TableStatus[] = ["failed", "running", "pending", "complete"];

function WorkbookRow({ workbook, isOpen, onToggle }: { workbook: Workbook; isOpen: boolean; onToggle: (isOpen: boolean) => void }) {
  const states = WORST_FIRST.map((status) => [status, workbook.tables.filter((table) => table.status === status).length] as const).filter(([, amount]) => amount > 0);
  const rows = workbook.tables.reduce((sum, table) => sum + table.row_count, 0);
  const worst = states.find(([status]) => status !== "pending")?.[0] ?? states[0]?.[0] ?? "pending";
  function press(event: KeyboardEvent) {
    if (event.key === "ArrowRight") onToggle(true);
    if (event.key === "ArrowLeft") onToggle(false);
  }
  return (
    <section className={styles.workbook}>
      <div className={styles.row}>
        <button type="button" data-list-item className={styles.toggle} aria-expanded={isOpen} onClick={() => onToggle(!isOpen)} onKeyDown={press}>
          <ChevronRight size={15} className={styles.chevron} aria-hidden />
          <span className={styles.name}>{workbook.name}</span>
          {workbook.is_training && <TrainingMark />}
        </button>
        <span className={styles.state}>
          <StateBadge state={worst} look="plain" />
        </span>
        <span className={styles.number} title={counted(workbook.tables.length, "table")}>
          {count(rows)}
        </span>
        <Money microUsd={workbook.spent_micro_usd} className={styles.number} />
        <Timestamp at={workbook.created_at} look="day" className={styles.date} />
        <WorkbookMenu workbook={workbook} />
      </div>
      {isOpen && (
        <ul className={styles.tables}>
          {workbook.tables.map((table) => (
            <TableRow key={table.id} table={table} clientId={workbook.client_id} />
          ))}
          {workbook.tables.length === 0 && <li className={styles.none}>Its tables are being created.</li>}
        </ul>
      )}
    </section>
  );
}

function TableRow({ table, clientId }: { table: TableBrief; clientId: string }) {
  const progress = table.status === "running" ? table.progress : null;
  return (
    <li>
      <LinkTo to={paths.table(clientId, table.id)} data-list-item className={styles.table}>
        <span className={styles.tableName}>
          <Table2 size={15} strokeWidth={1.7} aria-hidden />
          <span className="clip">{table.name}</span>
          <span className={styles.columns}>{counted(table.field_count, "column")}</span>
          {table.kind === "ce" && <span className={styles.kind} title="Company enrichment, the first table of a workbook">CE table</span>}
        </span>
        <span className={styles.state}>
          <StateBadge state={table.status} look="plain" />
          {progress && (
            <span className={styles.progress} title={`${count(progress.done)} of ${counted(progress.total, "cell")}`}>
              <ProgressBar size="thin" done={progress.done} total={progress.total} label={`${table.name}: cells done`} />
            </span>
          )}
        </span>
        <span className={styles.number}>{count(table.row_count)}</span>
      </LinkTo>
    </li>
  );
}

function WorkbookMenu({ workbook }: { workbook: Workbook }) {
  const [asks, setAsks] = useState<"rename" | "delete" | null>(null);
  const mayWrite = useMay("workbooks.write");
  if (!mayWrite) return <span />;
  const refresh = () => queryClient.invalidateQueries({ queryKey: ["workbooks"] });
  return (
    <>
      <Menu
        trigger={<Button look="quiet" size="small" icon={MoreHorizontal} aria-label={`More about ${workbook.name}`} />}
        groups={[
          { actions: [{ label: "Rename", icon: Pencil, onSelect: () => setAsks("rename") }] },
          { actions: [{ label: "Delete", icon: Trash2, isDanger: true, onSelect: () => setAsks("delete") }] },
        ]}
      />
      {asks === "rename" && <Rename workbook={workbook} onClose={() => setAsks(null)} />}
      <ConfirmDialog
        isOpen={asks === "delete"}
        onClose={() => setAsks(null)}
        title={`Delete “${workbook.name}”?`}
        confirm="Delete workbook"
        look="danger"
        onConfirm={async () => {
          await api.delete(`/v3/workbooks/${workbook.id}`);
          await refresh();
        }}
      >
        <p>
          {counted(workbook.tables.length, "table")} with {counted(workbook.tables.reduce((sum, table) => sum + table.row_count, 0), "row")} go with it.
          {workbook.spent_micro_usd > 0 && ` The ${money(workbook.spent_micro_usd)} already spent stay on the books.`}
        </p>
      </ConfirmDialog>
    </>
  );
}

function Rename({ workbook, onClose }: { workbook: Workbook; onClose: () => void }) {
  const [name, setName] = useState(workbook.name);
  const rename = useMutation({
    mutationFn: () => api.patch(`/v3/workbooks/${workbook.id}`, { name: name.trim() }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["workbooks"] });
      onClose();
    },
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Rename workbook"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" isBusy={rename.isPending} disabled={!name.trim()} onClick={() => rename.mutate()}>
            Rename
          </Button>
        </>
      }
    >
      <TextField name="Name" value={name} onChange={setName} autoFocus onKeyDown={(event) => event.key === "Enter" && name.trim() && rename.mutate()} />
      <InlineError error={rename.error} />
    </Dialog>
  );
}
