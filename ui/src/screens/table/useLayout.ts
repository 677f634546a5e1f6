// The column layout of a view: changed at once, stored when the person pauses.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { api } from "../../api/client";
import { queryClient, tableQuery } from "../../api/queries";
import type { Table, View } from "../../api/types";
import { toastError } from "../../shared/Toast";
import { completed, parseViewColumns, shownColumns, storedColumns, type ShownColumn, type ViewColumn } from "./columns";

const PAUSE_MS = 700;

export interface Layout {
  columns: ViewColumn[];
  shown: ShownColumn[];
  change: (columns: ViewColumn[]) => void;
  /** Stores at once what still waits, for what reads the layout from the server. */
  settled: () => Promise<void>;
}

export function useLayout(table: Table, view: View, mayWrite: boolean): Layout {
  const [own, setOwn] = useState<{ viewId: string; columns: ViewColumn[] } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const unsaved = useRef<(() => Promise<void>) | null>(null);
  const named = own?.viewId === view.id ? own.columns : null;
  const columns = useMemo(() => completed(table.fields, named ?? parseViewColumns(view.columns)), [table.fields, view.columns, named]);
  const shown = useMemo(() => shownColumns(table.fields, columns), [table.fields, columns]);

  const change = useCallback(
    (next: ViewColumn[]) => {
      setOwn({ viewId: view.id, columns: next });
      if (!mayWrite) return;
      for (const field of table.fields) {
        // Hidden for every view: the server sends its values only once that is taken back.
        if (field.is_hidden && next.some((each) => each.field === field.id && !each.is_hidden)) void showEverywhere(table.id, field.id);
      }
      clearTimeout(timer.current);
      unsaved.current = () => {
        unsaved.current = null;
        return api.patch(`/v3/views/${view.id}`, { columns: storedColumns(next) }).then(() => undefined, (error: unknown) => toastError("store the column layout", error));
      };
      timer.current = setTimeout(() => void unsaved.current?.(), PAUSE_MS);
    },
    [view.id, mayWrite, table.id, table.fields],
  );

  // Leaving the view stores at once what still waits.
  useEffect(() => {
    const wait = timer;
    const store = unsaved;
    return () => {
      clearTimeout(wait.current);
      void store.current?.();
    };
  }, [view.id]);

  const settled = useCallback(async () => {
    clearTimeout(timer.current);
    await unsaved.current?.();
  }, []);

  return { columns, shown, change, settled };
}

async function showEverywhere(tableId: string, fieldId: string): Promise<void> {
  try {
    await api.patch(`/v3/fields/${fieldId}`, { is_hidden: false });
    await queryClient.invalidateQueries({ queryKey: tableQuery(tableId).queryKey });
  } catch (error) {
    toastError("show the column", error);
  }
}
