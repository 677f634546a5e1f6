// The saved views of a table: choosing, saving what was changed, naming, deleting.
import { useQueryClient } from "@tanstack/react-query";
import { LayoutList, Pencil, Plus, RotateCcw, Save, Trash2 } from "lucide-react";
import { useState } from "react";
import { api } from "../../../api/client";
import { tableQuery } from "../../../api/queries";
import type { Filters, SortRule, Table, View } from "../../../api/types";
import { Button } from "../../../shared/Button";
import { ConfirmDialog } from "../../../shared/Dialog";
import { TextField } from "../../../shared/Field";
import { Menu } from "../../../shared/Menu";
import { toastError } from "../../../shared/Toast";
import { storedColumns, type ViewColumn } from "../columns";
import styles from "./Toolbar.module.css";

interface Props {
  table: Table;
  view: View;
  filters: Filters;
  sorts: SortRule[];
  columns: ViewColumn[];
  isChanged: boolean;
  mayWrite: boolean;
  onChoose: (viewId: string) => void;
  onReset: () => void;
}

type Asking = "new" | "rename" | "delete" | null;

export function ViewMenu({ table, view, filters, sorts, columns, isChanged, mayWrite, onChoose, onReset }: Props) {
  const client = useQueryClient();
  const [asking, setAsking] = useState<Asking>(null);
  const [name, setName] = useState("");
  const reload = () => client.invalidateQueries({ queryKey: tableQuery(table.id).queryKey });

  async function save() {
    try {
      await api.patch(`/v3/views/${view.id}`, { filters, sorts });
      await reload();
      onReset();
    } catch (error) {
      toastError("save the view", error);
    }
  }
  async function make() {
    const made = await api.post<View>(`/v3/tables/${table.id}/views`, { name: name.trim() || "New view", filters, sorts, columns: storedColumns(columns) });
    await reload();
    onChoose(made.id);
  }
  async function rename() {
    await api.patch(`/v3/views/${view.id}`, { name: name.trim() || view.name });
    await reload();
  }
  async function remove() {
    await api.delete(`/v3/views/${view.id}`);
    await reload();
    const next = table.views.find((each) => each.id !== view.id);
    if (next) onChoose(next.id);
  }
  const ask = (what: Asking, text: string) => () => {
    setName(text);
    setAsking(what);
  };

  return (
    <>
      <Menu
        align="start"
        minWidth={220}
        groups={[
          { heading: "Views", actions: table.views.map((each) => ({ label: each.name, isChecked: each.id === view.id, onSelect: () => onChoose(each.id) })) },
          {
            actions: mayWrite
              ? [
                  ...(isChanged ? [{ label: "Save the changes to this view", icon: Save, onSelect: () => void save() }] : []),
                  { label: "Save as a new view…", icon: Plus, onSelect: ask("new", "") },
                  { label: "Rename this view…", icon: Pencil, onSelect: ask("rename", view.name) },
                  { label: "Delete this view…", icon: Trash2, isDanger: true, isDisabled: table.views.length < 2, onSelect: ask("delete", "") },
                ]
              : [],
          },
        ]}
        trigger={<Button look="quiet" size="small" icon={LayoutList} className={styles.tool}><span className={styles.viewName}>{view.name}</span></Button>}
      />
      {isChanged && (
        <span className={styles.changed}>
          Changed
          {mayWrite && <Button look="quiet" size="small" onClick={() => void save()}>Save</Button>}
          <Button look="quiet" size="small" icon={RotateCcw} aria-label="Back to the view as saved" onClick={onReset} />
        </span>
      )}
      <ConfirmDialog isOpen={asking === "new"} onClose={() => setAsking(null)} title="Save as a new view" confirm="Save the view" onConfirm={make}>
        <TextField label="Name" value={name} onChange={setName} placeholder="Qualified, no e-mail yet" maxLength={80} />
      </ConfirmDialog>
      <ConfirmDialog isOpen={asking === "rename"} onClose={() => setAsking(null)} title="Rename the view" confirm="Rename" onConfirm={rename}>
        <TextField label="Name" value={name} onChange={setName} maxLength={80} />
      </ConfirmDialog>
      <ConfirmDialog isOpen={asking === "delete"} onClose={() => setAsking(null)} title={`Delete the view “${view.name}”?`} confirm="Delete the view" look="danger" onConfirm={remove}>
        <p>Only the view goes: its filters, order and column layout. The rows and columns stay.</p>
      </ConfirmDialog>
    </>
  );
}
