// A loaded table: toolbar, grid, status line and whatever is open beside them.
import { useQueryClient } from "@tanstack/react-query";
import { Keyboard, Play, Rows3, Settings2 } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { api, withQuery } from "../../api/client";
import { catalogQuery, tableQuery } from "../../api/queries";
import type { Filters, SortRule, Table, View } from "../../api/types";
import { useMay } from "../../frame/session";
import { ErrorState } from "../../shared/Placeholder";
import { download } from "../../shared/download";
import { toastError } from "../../shared/Toast";
import type { TableAddress } from "./address";
import { CellMenu } from "./CellMenu";
import { withHidden, reordered, resized, type ShownColumn } from "./columns";
import { AddColumn } from "./column/AddColumn";
import { finished, groupsOf, newRule, ruleCount } from "./filters";
import { Grid, type GridHandle } from "./grid/Grid";
import type { Span } from "./grid/geometry";
import { cellSelection, columnSelection, rowSpans, type CellAt } from "./grid/selection";
import { ColumnHeader, type ColumnAct } from "./header/ColumnHeader";
import { NoRows } from "./NoRows";
import { dependantsOf, draftRun } from "./run/request";
import { RunStrip } from "./run/RunStrip";
import { StatusBar } from "./StatusBar";
import { summarise } from "./summary";
import styles from "./Table.module.css";
import { Panels, type OpenPanel } from "./Panels";
import { ColumnsFlyout } from "./toolbar/ColumnsFlyout";
import { FilterFlyout } from "./toolbar/FilterFlyout";
import { SortFlyout } from "./toolbar/SortFlyout";
import { Toolbar } from "./toolbar/Toolbar";
import { ViewMenu } from "./toolbar/ViewMenu";
import { useCells } from "./useCells";
import { useEdits } from "./useEdits";
import { useLayout } from "./useLayout";
import { useRecords } from "./useRecords";
import { useRunning } from "./useRunning";
import { useTableLive } from "./useTableLive";
import { useQuery } from "@tanstack/react-query";
import type { MenuGroup } from "../../shared/Menu";

interface Props {
  clientId: string;
  table: Table;
  view: View;
  address: TableAddress;
  onAddress: (change: Partial<TableAddress>) => void;
}

const ROWS_AHEAD = 40;

export function TableView({ clientId, table, view, address, onAddress }: Props) {
  const client = useQueryClient();
  const mayWrite = useMay("workbooks.write");
  const mayRun = useMay("runs.start");
  const mayStop = useMay("runs.stop");
  const mayExport = useMay("workbooks.export");
  const grid = useRef<GridHandle>(null);
  const searchBox = useRef<HTMLInputElement>(null);
  const sheet = useRef<HTMLDivElement>(null);
  const seen = useRef<Span>({ first: 0, last: 40 });
  const [panel, setPanel] = useState<OpenPanel>(null);
  const [flyout, setFlyout] = useState<"filter" | "sort" | null>(null);
  const [columnMenu, setColumnMenu] = useState<string | null>(null);
  const catalog = useQuery(catalogQuery);

  const filters = address.filters ?? view.filters;
  const sorts = address.sorts ?? view.sorts;
  const effective = useMemo(() => finished(filters), [filters]);
  const isNarrowed = ruleCount(effective) > 0 || address.search !== "";
  const isChanged = JSON.stringify(filters) !== JSON.stringify(view.filters) || JSON.stringify(sorts) !== JSON.stringify(view.sorts);
  const { pages } = useRecords({ tableId: table.id, viewId: view.id, filters: effective, sorts, search: address.search });
  const layout = useLayout(table, view, mayWrite);
  const { shown: columns } = layout;
  const rowCount = pages.total ?? (isNarrowed ? 0 : table.row_count);

  const watched = useMemo(() => {
    const ids = new Set([...groupsOf(effective).flat().map((rule) => rule.field), ...sorts.map((sort) => sort.field)]);
    return new Set(table.fields.filter((field) => ids.has(field.id)).map((field) => field.no));
  }, [effective, sorts, table.fields]);
  const finishedRun = useRef<(run: Parameters<ReturnType<typeof useRunning>["onFinished"]>[0]) => void>(() => {});
  const live = useTableLive(table, pages, watched, isNarrowed || sorts.length > 0, (run) => finishedRun.current(run));
  const running = useRunning(table, live.heard);
  useEffect(() => {
    finishedRun.current = running.onFinished;
  });

  const onSeen = useCallback(
    (span: Span) => {
      seen.current = span;
      pages.want({ first: span.first - ROWS_AHEAD, last: span.last + ROWS_AHEAD });
    },
    [pages],
  );

  const edits = useEdits(table, pages, columns);
  const open = useCallback(
    (cell: CellAt) => {
      const row = pages.rowAt(cell.row);
      const column = columns[cell.column];
      if (!row || !column) return;
      // Asked for what is open already: go into it.
      if (row.row_id === address.row && column.field.id === address.field) document.querySelector<HTMLElement>("[data-drawer]")?.focus();
      else onAddress({ row: row.row_id, field: column.field.id });
    },
    [pages, columns, onAddress, address.row, address.field],
  );
  const isOpen = address.row !== null && address.field !== null;
  const follow = useCallback(
    (cell: CellAt) => {
      const row = pages.rowAt(cell.row);
      const column = columns[cell.column];
      if (isOpen && row && column) onAddress({ row: row.row_id, field: column.field.id });
    },
    [isOpen, pages, columns, onAddress],
  );

  const cells = useCells({
    grid, pages, columns, rowCount, mayWrite, edits,
    onOpen: open,
    onActive: follow,
    onLeave: isOpen ? () => onAddress({ row: null, field: null }) : null,
    onFind: () => searchBox.current?.focus(),
    onColumnMenu: (at) => setColumnMenu(columns[at]?.field.id ?? null),
    onRunSelected: (rowIds, chosen, isSingle) => {
      const ids = new Set(chosen.filter((column) => column.field.is_computed).map((column) => column.field.output_of ?? column.field.id));
      void running.ask({ fieldIds: [...ids], rowIds, mode: isSingle ? "cell" : "selected", withDependants: false });
    },
    onDeleteRows: (rowIds) => setPanel({ panel: "deleteRows", rowIds }),
  });
  const { range, select } = cells;

  // A link to a cell: it is the active one, as far as its row is among those loaded first.
  const linked = isOpen && cells.selection === null ? pages.indexOf(address.row!) : undefined;
  useEffect(() => {
    if (linked === undefined) return;
    const column = columns.findIndex((each) => each.field.id === address.field);
    if (column < 0) return;
    select(cellSelection({ row: linked, column }));
    grid.current?.reveal(linked, column);
  }, [linked, columns, address.field, select]);
  const summary = useMemo(
    () => (range ? summarise(range, columns, (index) => pages.rowAt(index)) : null),
    // The revision stands for what the pages hold.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [range, columns, pages, pages.revision],
  );

  const selectedRows = cells.selection?.kind === "rows" ? rowSpans(cells.selection).reduce((sum, span) => sum + span.last - span.first + 1, 0) : range ? range.bottom - range.top + 1 : 0;

  // The grid makes room for the detail, and the cell it tells of stays in sight.
  const activeRow = cells.selection?.anchor.row;
  const activeColumn = cells.selection?.anchor.column;
  useEffect(() => {
    if (!isOpen || activeRow === undefined || activeColumn === undefined) return;
    const element = sheet.current;
    if (!element) return;
    let frame = 0;
    const watcher = new ResizeObserver(() => {
      // One frame for the grid to measure itself, one to be drawn by it.
      frame = requestAnimationFrame(() => {
        frame = requestAnimationFrame(() => grid.current?.reveal(activeRow, activeColumn));
      });
    });
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      cancelAnimationFrame(frame);
    };
  }, [isOpen, activeRow, activeColumn]);

  const setFilters = useCallback((next: Filters) => onAddress({ filters: JSON.stringify(next) === JSON.stringify(view.filters) ? null : next }), [onAddress, view.filters]);
  const setSorts = (next: SortRule[]) => onAddress({ sorts: JSON.stringify(next) === JSON.stringify(view.sorts) ? null : next });
  const setSearch = useCallback((search: string) => onAddress({ search }), [onAddress]);
  const closeDetail = () => {
    onAddress({ row: null, field: null });
    grid.current?.focus();
  };

  // A closed menu leaves the keyboard with nobody, unless what was chosen took it.
  const refocus = () => setTimeout(() => isFree(document.activeElement) && grid.current?.focus(), 30);

  function actOnColumn({ field }: ShownColumn, asked: ColumnAct) {
    const fieldId = field.output_of ?? field.id;
    switch (asked.act) {
      case "rename":
        return void rename(field.id, asked.name);
      case "settings":
        return setPanel({ panel: "column", task: { task: "edit", field } });
      case "delete":
        return setPanel({ panel: "deleteColumn", field });
      case "hide":
        return layout.change(withHidden(layout.columns, [field.id], true));
      case "filter":
        onAddress({ filters: withRule(filters, newRule(field)) });
        return setFlyout("filter");
      case "sort":
        return setSorts(asked.direction ? [{ field: field.id, direction: asked.direction }] : []);
      case "run":
        return void running.ask({ fieldIds: [fieldId], mode: asked.mode, firstN: asked.firstN, withDependants: asked.withDependants });
      case "runOptions":
        return running.setDraft(draftRun({ fieldIds: [fieldId] }));
      case "stop":
        return void running.stop([fieldId]);
    }
  }

  async function rename(fieldId: string, name: string) {
    const { queryKey } = tableQuery(table.id);
    const before = client.getQueryData<Table>(queryKey);
    client.setQueryData<Table>(queryKey, (known) => known && { ...known, fields: known.fields.map((field) => (field.id === fieldId ? { ...field, name } : field)) });
    try {
      await api.patch(`/v3/fields/${fieldId}`, { name });
      await client.invalidateQueries({ queryKey });
    } catch (error) {
      client.setQueryData(queryKey, before);
      toastError("rename the column; it has its old name again", error);
    }
  }

  const computed = table.fields.filter((field) => field.is_computed && field.output_of === null);
  const all = computed.map((field) => field.id);
  const runs: MenuGroup[] | null = mayRun && computed.length > 0
    ? [
        {
          heading: `All ${computed.length} computed columns`,
          actions: [
            { label: "First 10 rows", icon: Play, onSelect: () => void running.ask({ fieldIds: all, mode: "first_n", firstN: 10 }) },
            { label: "Rows not run yet", icon: Play, onSelect: () => void running.ask({ fieldIds: all, mode: "empty" }) },
            { label: "Rows that failed", icon: Play, onSelect: () => void running.ask({ fieldIds: all, mode: "failed" }) },
            { label: "All rows not done", icon: Play, onSelect: () => void running.ask({ fieldIds: all, mode: "all" }) },
          ],
        },
        { actions: [{ label: "Choose columns and rows…", icon: Settings2, onSelect: () => running.setDraft(draftRun({ fieldIds: all })) }] },
      ]
    : null;
  const more: MenuGroup[] = [
    { actions: mayWrite ? [{ label: "New row", icon: Rows3, aside: "Shift+Enter", onSelect: () => void cells.addRow() }] : [] },
    { actions: [{ label: "Keys in the grid", icon: Keyboard, onSelect: () => setPanel({ panel: "keys" }) }] },
  ];
  // What is on the screen is what is in the file, saved in the view or not.
  async function exportShown() {
    await layout.settled();
    download(withQuery(`/v3/tables/${table.id}/export.csv`, { view_id: view.id, filter: JSON.stringify(effective), sort: JSON.stringify(sorts), search: address.search }));
  }

  return (
    <div className={styles.screen}>
      <Toolbar
        search={address.search}
        onSearch={setSearch}
        searchBox={searchBox}
        runs={runs}
        more={more}
        onImport={mayWrite ? () => setPanel({ panel: "import" }) : null}
        onExport={mayExport ? () => void exportShown() : null}
      >
        <ViewMenu table={table} view={view} filters={filters} sorts={sorts} columns={layout.columns} isChanged={isChanged} mayWrite={mayWrite} onChoose={(id) => onAddress({ view: id, filters: null, sorts: null })} onReset={() => onAddress({ filters: null, sorts: null })} />
        <FilterFlyout fields={table.fields} filters={filters} onChange={setFilters} isOpen={flyout === "filter"} onOpenChange={(isOn) => setFlyout(isOn ? "filter" : null)} />
        <SortFlyout fields={table.fields} sorts={sorts} onChange={setSorts} isOpen={flyout === "sort"} onOpenChange={(isOn) => setFlyout(isOn ? "sort" : null)} />
        <ColumnsFlyout fields={table.fields} columns={layout.columns} onChange={layout.change} />
      </Toolbar>
      <div ref={sheet} className={styles.sheet} data-beside={isOpen || undefined} onContextMenu={(event) => {
        if (!(event.target as HTMLElement).closest("[data-row]")) return;
        event.preventDefault();
        cells.setMenu({ left: event.clientX, top: event.clientY });
      }}>
        {pages.error !== null && pages.total === null ? (
          <ErrorState error={pages.error} doing="load the rows" onRetry={() => pages.refresh()} />
        ) : (
          <Grid
            ref={grid}
            name="cell"
            columns={columns}
            rowCount={rowCount}
            rowAt={(index) => pages.rowAt(index)}
            revision={pages.revision}
            selection={cells.selection}
            onSelect={cells.select}
            editing={cells.editing}
            onEdit={(cell) => cells.edit(cell)}
            onEdited={cells.edited}
            onEditCancelled={cells.cancelEdit}
            onCommand={cells.command}
            onCopy={cells.onCopy}
            onPaste={cells.onPaste}
            onFill={cells.onFill}
            onOpen={open}
            onNewRow={mayWrite && !isNarrowed && rowCount > 0 ? () => void cells.addRow() : null}
            onSeen={onSeen}
            onResize={(fieldId, width) => layout.change(resized(layout.columns, fieldId, width))}
            onReorder={(fieldId, before) => layout.change(reordered(layout.columns, fieldId, before))}
            highlight={address.search}
            headerEnd={mayWrite ? <AddColumn onChoose={(task) => setPanel({ panel: "column", task })} /> : null}
            header={(column, index) => (
              <ColumnHeader
                column={column}
                kindLabel={kindLabel(column, catalog.data?.columns)}
                sort={sorts.find((sort) => sort.field === column.field.id) ?? null}
                isFiltered={groupsOf(filters).flat().some((rule) => rule.field === column.field.id)}
                progress={live.progress.get(column.field.id)}
                counts={live.counts[column.field.id]}
                hasDependants={column.field.is_computed && dependantsOf([column.field.id], table.fields).length > 0}
                mayWrite={mayWrite}
                mayRun={mayRun}
                isMenuOpen={columnMenu === column.field.id}
                onMenu={(isOn) => {
                  setColumnMenu(isOn ? column.field.id : null);
                  if (!isOn) refocus();
                }}
                onSelect={(extend) => {
                  cells.select(extend && cells.selection?.kind === "columns" ? { ...cells.selection, head: { row: 0, column: index } } : columnSelection(index));
                  grid.current?.focus();
                }}
                onAct={(asked) => actOnColumn(column, asked)}
              />
            )}
          />
        )}
        {pages.total === 0 && <NoRows isNarrowed={isNarrowed} mayWrite={mayWrite} onClear={() => onAddress({ filters: [], search: "" })} onImport={() => setPanel({ panel: "import" })} onAdd={() => void cells.addRow()} />}
      </div>
      <StatusBar shown={pages.total} isExact={pages.isTotalExact} all={table.row_count} isNarrowed={isNarrowed} summary={summary && { ...summary, rows: selectedRows }} isOutdated={live.isOutdated} error={pages.error} onRefresh={live.refresh}>
        <RunStrip clientId={clientId} runs={live.runs} mayStop={mayStop} onStop={() => running.stop()} />
      </StatusBar>
      <CellMenu
        place={cells.menu}
        onClose={() => {
          cells.setMenu(null);
          refocus();
        }}
        rowCount={selectedRows}
        isScattered={(cells.selection?.more.length ?? 0) > 0}
        computed={range ? columns.slice(range.left, range.right + 1).filter((column) => column.field.is_computed).length : 0}
        isSingle={summary === null}
        mayWrite={mayWrite}
        mayRun={mayRun}
        onAct={(asked) => void cells.act(asked)}
      />
      <Panels
        clientId={clientId}
        table={table}
        pages={pages}
        columns={columns}
        address={address}
        panel={panel}
        running={running}
        mayWrite={mayWrite}
        mayRun={mayRun}
        onPanel={setPanel}
        onCloseDetail={closeDetail}
        onDeleteRows={edits.deleteRows}
        onWrite={cells.writeCell}
        onStep={(rows) => {
          const from = address.row === null ? undefined : pages.indexOf(address.row);
          const column = columns.findIndex((each) => each.field.id === address.field);
          if (from === undefined || column < 0) return;
          const row = Math.max(0, Math.min(rowCount - 1, from + rows));
          cells.go(cellSelection({ row, column }), false);
        }}
      />
    </div>
  );
}

/** Whether the keyboard is with nobody, or only with the button a closed menu hung from. */
function isFree(element: Element | null): boolean {
  return element === null || element === document.body || (element.tagName === "BUTTON" && element.closest("[data-header]") !== null);
}

function kindLabel({ field }: ShownColumn, kinds: { key: string; label: string }[] | undefined): string {
  return field.output_of !== null ? "Output" : (kinds?.find((kind) => kind.key === field.kind)?.label ?? field.kind);
}

function withRule(filters: Filters, rule: ReturnType<typeof newRule>): Filters {
  return Array.isArray(filters) ? [...filters, rule] : { or: [...filters.or, [rule]] };
}
