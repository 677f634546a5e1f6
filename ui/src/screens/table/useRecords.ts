// The rows of the view being looked at, kept up to date; while a changed view loads, the last one stays in sight.
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { api } from "../../api/client";
import type { Filters, RecordPage, SortRule } from "../../api/types";
import { RecordPages } from "./records";

export interface RecordsQuery {
  tableId: string;
  viewId: string;
  filters: Filters;
  sorts: SortRule[];
  search: string;
}

export function recordsPath({ tableId, viewId }: RecordsQuery): string {
  return `/v3/tables/${tableId}/views/${viewId}/records`;
}

export function useRecords(query: RecordsQuery): { pages: RecordPages; isChanging: boolean } {
  const key = JSON.stringify(query);
  const wanted = useMemo(() => {
    const asked = JSON.parse(key) as RecordsQuery;
    return new RecordPages((offset, limit, signal) =>
      api.get<RecordPage>(recordsPath(asked), {
        query: { offset, limit, filter: JSON.stringify(asked.filters), sort: JSON.stringify(asked.sorts), search: asked.search },
        signal,
      }),
    );
  }, [key]);
  const [shown, setShown] = useState(wanted);
  const last = useRef(shown);

  useEffect(() => {
    wanted.open();
    const settle = () => {
      if (wanted.total === null && wanted.error === null) return;
      if (last.current !== wanted) last.current.close();
      last.current = wanted;
      setShown(wanted);
    };
    const stop = wanted.subscribe(settle);
    wanted.want({ first: 0, last: 60 });
    settle();
    return () => {
      stop();
      if (last.current !== wanted) wanted.close();
    };
  }, [wanted]);
  useEffect(() => () => last.current.close(), []);

  useSyncExternalStore(shown.subscribe, () => shown.revision);
  return { pages: shown, isChanging: shown !== wanted };
}
