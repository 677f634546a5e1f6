// What happens in the table while it is looked at: cells fill in place, columns report progress, runs come and go.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { api } from "../../api/client";
import { useLive } from "../../api/live";
import { tableQuery } from "../../api/queries";
import type { CellStretch, RunBrief, Table, TableEvent } from "../../api/types";
import { columnProgress, isActive, RateMeter, withRun, type ColumnProgress, type Counts } from "./progress";
import type { RecordPages } from "./records";

const COUNT_AT_MOST_EVERY_MS = 2_000;

export interface TableLive {
  runs: RunBrief[];
  progress: Map<string, ColumnProgress>;
  counts: Counts;
  /** Rows may belong elsewhere by now; they stay put until `refresh`, so that nothing moves while it is read. */
  isOutdated: boolean;
  refresh: () => void;
  heard: (run: RunBrief) => void;
}

/** `watched` are the numbers of the fields that decide which rows are shown in which order. */
export function useTableLive(table: Table, pages: RecordPages, watched: ReadonlySet<number>, isNarrowed: boolean, onFinished: (run: RunBrief) => void): TableLive {
  const client = useQueryClient();
  const [runs, setRuns] = useState<RunBrief[]>(() => table.active_runs.filter(isActive));
  const [outdated, setOutdated] = useState<RecordPages | null>(null);
  const rates = useRef(new RateMeter());
  const counts = useQuery({
    queryKey: ["counts", table.id],
    queryFn: ({ signal }) => api.get<{ fields: Counts }>(`/v3/tables/${table.id}/counts`, { signal }),
    placeholderData: (before) => before,
  });

  const latest = useRef(runs);
  useEffect(() => {
    latest.current = table.active_runs.filter(isActive);
    setRuns(latest.current);
  }, [table.active_runs]);

  const { refetch } = counts;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const countSoon = useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void refetch();
    }, COUNT_AT_MOST_EVERY_MS);
  }, [refetch]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const finished = useRef(onFinished);
  useEffect(() => {
    finished.current = onFinished;
  });
  const heard = useCallback((run: RunBrief) => {
    for (const [fieldId, part] of Object.entries(run.progress.fields ?? {})) rates.current.look(fieldId, part.done, performance.now());
    const [only, ...others] = run.subject.field_ids ?? [];
    if (only && others.length === 0) rates.current.look(only, run.progress.done, performance.now());
    const isKnown = latest.current.some((each) => each.id === run.id);
    if (!isActive(run) && isKnown) finished.current(run);
    latest.current = withRun(latest.current, run);
    setRuns(latest.current);
    // What it is going to fill is queued from now on; which cells those are only the server can say.
    if (isActive(run) && !isKnown) pages.refresh();
  }, [pages]);

  useLive<TableEvent>(`table:${table.id}`, ({ events, resync }) => {
    if (resync) {
      pages.refresh();
      void client.invalidateQueries({ queryKey: tableQuery(table.id).queryKey });
      countSoon();
      return;
    }
    for (const event of events) hear(event);
  });

  function hear(event: TableEvent) {
    switch (event.type) {
      case "cells":
        pages.applyChanges(event.cells, performance.now());
        if (isStretch(event)) pages.applyStretch(event.from_row_id, event.to_row_id);
        if (fieldNosOf(event).some((no) => watched.has(no))) setOutdated(pages);
        return countSoon();
      case "running":
        return pages.applyState(event.field_no, event.row_ids, "running");
      case "rows":
        client.setQueryData<Table>(tableQuery(table.id).queryKey, (known) => known && { ...known, row_count: event.row_count });
        if (isNarrowed) return setOutdated(pages);
        pages.setTotal(event.row_count);
        pages.refresh();
        return countSoon();
      case "fields":
        void client.invalidateQueries({ queryKey: tableQuery(table.id).queryKey });
        return;
      case "run":
        heard(event);
        return countSoon();
    }
  }

  const refresh = useCallback(() => {
    setOutdated(null);
    pages.refresh();
  }, [pages]);

  const progress = useMemo(() => columnProgress(runs, rates.current), [runs]);
  return { runs, progress, counts: counts.data?.fields ?? NO_COUNTS, isOutdated: outdated === pages, refresh, heard };
}

const NO_COUNTS: Counts = {};

type CellsEvent = Extract<TableEvent, { type: "cells" }>;

function isStretch(event: CellsEvent): event is CellStretch {
  return "from_row_id" in event;
}

function fieldNosOf(event: CellsEvent): number[] {
  return isStretch(event) ? event.field_nos : event.cells.map((change) => change[1]);
}
