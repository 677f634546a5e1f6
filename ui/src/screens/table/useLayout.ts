// The column layout of a view: changed at once, stored when the person pauses.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { api } from "../../api/client";
import type { Table, View } from "../../api/types";
import { toastError } from "../../shared/Toast";
import { completed, parseViewColumns, shownColumns, storedColumns, type ShownColumn, type ViewColumn } from "./columns";

const PAUSE_MS = 700;

export interface Layout {
  columns: ViewColumn[];
  shown: ShownColumn[];
  change: (columns: ViewColumn[]) => void;
}

export function useLayout(table: Table, view: View, mayWrite: boolean): Layout {
  const [own, setOwn] = useState<{ viewId: string; columns: ViewColumn[] } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const unsaved = useRef<(() => void) | null>(null);
  const named = own?.viewId === view.id ? own.columns : null;
  const columns = useMemo(() => completed(table.fields, named ?? parseViewColumns(view.columns)), [table.fields, view.columns, named]);
  const shown = useMemo(() => shownColumns(table.fields, columns), [table.fields, columns]);

  const change = useCallback(
    (next: ViewColumn[]) => {
      setOwn({ viewId: view.id, columns: next });
      if (!mayWrite) return;
      clearTimeout(timer.current);
      unsaved.current = () => {
        unsaved.current = null;
        api.patch(`/v3/views/${view.id}`, { columns: storedColumns(next) }).catch((error: unknown) => toastError("store the column layout", error));
      };
      timer.current = setTimeout(() => unsaved.current?.(), PAUSE_MS);
    },
    [view.id, mayWrite],
  );

  // Leaving the view stores at once what still waits.
  useEffect(() => {
    const wait = timer;
    const store = unsaved;
    return () => {
      clearTimeout(wait.current);
      store.current?.();
    };
  }, [view.id]);

  return { columns, shown, change };
}
