// The rows of one view as far as they were fetched: pages by offset, the least used forgotten first.
import type { CellChange, CellState, CellStatus, Json, RecordPage, RecordRow } from "../../api/types";
import type { Span } from "./grid/geometry";

export const PAGE_ROWS = 200;
const PAGES_KEPT = 60;
// A dragged scrollbar passes many pages; asking for each would keep the server from the one that counts.
const PAUSE_MS = 60;
// A fast run tells of changed stretches many times a second; nobody reads faster than this.
const CHANGES_PAUSE_MS = 400;

export interface LoadedRow extends RecordRow {
  /** When a cell last changed by itself, by field number, in `performance.now()` time. */
  changedAt?: Record<string, number>;
}

export interface CellValue {
  rowId: string;
  no: number;
  value: Json;
  status?: CellStatus;
}

export type FetchPage = (offset: number, limit: number, signal: AbortSignal) => Promise<RecordPage>;

export class RecordPages {
  private readonly pages = new Map<number, LoadedRow[]>();
  private readonly places = new Map<string, number>();
  private readonly fetching = new Map<number, AbortController>();
  private readonly stale = new Set<number>();
  /** Pages whose rows changed while they were on their way: what comes may be old already. */
  private readonly overtaken = new Set<number>();
  private readonly typed = new Map<string, CellValue>();
  private readonly listeners = new Set<() => void>();
  private wanted: Span = { first: 0, last: 0 };
  private lastAsked = -Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private changesTimer: ReturnType<typeof setTimeout> | undefined;
  private isClosed = false;

  /** How many rows the view has; null until the first page came. */
  total: number | null = null;
  /** False while the server stopped counting; `total` then grows as the end comes near. */
  isTotalExact = true;
  error: unknown = null;
  /** Rises with each change, for `useSyncExternalStore`. */
  revision = 0;

  constructor(private readonly fetchPage: FetchPage) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  rowAt(index: number): LoadedRow | undefined {
    return this.pages.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS];
  }

  indexOf(rowId: string): number | undefined {
    return this.places.get(rowId);
  }

  /** The row as it was fetched last, wherever it stands by now. */
  find(rowId: string): LoadedRow | undefined {
    const index = this.places.get(rowId);
    const row = index === undefined ? undefined : this.rowAt(index);
    return row?.row_id === rowId ? row : undefined;
  }

  /** Says which rows are looked at: fetches what is missing, drops requests for what is not looked at any more. */
  want(span: Span): void {
    this.wanted = span;
    const pages = this.pagesOf(span);
    for (const [page, request] of this.fetching) {
      if (!pages.includes(page)) {
        request.abort();
        this.fetching.delete(page);
      }
    }
    for (const page of pages) this.touch(page);
    if (pages.some((page) => this.isMissing(page))) this.askSoon();
  }

  /** Fetches the looked-at pages again, showing what is there until they come; forgets the others. */
  refresh(): void {
    const shown = new Set(this.pagesOf(this.wanted));
    for (const page of [...this.pages.keys()]) {
      if (shown.has(page)) this.stale.add(page);
      else this.forget(page);
    }
    for (const request of this.fetching.values()) request.abort();
    this.fetching.clear();
    this.error = null;
    this.askSoon();
  }

  /** Ready again after `close`; a component may be left and shown again with the same pages. */
  open(): void {
    this.isClosed = false;
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    clearTimeout(this.changesTimer);
    this.changesTimer = undefined;
    for (const request of this.fetching.values()) request.abort();
    this.fetching.clear();
  }

  /** All rows of a span, fetched as needed, in order. */
  async load(span: Span, signal: AbortSignal): Promise<LoadedRow[]> {
    const rows: LoadedRow[] = [];
    for (const page of this.pagesOf(span)) {
      const known = this.stale.has(page) ? undefined : this.pages.get(page);
      const found = known ?? named((await this.fetchPage(page * PAGE_ROWS, PAGE_ROWS, signal)).rows);
      const from = Math.max(0, span.first - page * PAGE_ROWS);
      rows.push(...found.slice(from, span.last - page * PAGE_ROWS + 1));
    }
    return rows;
  }

  /** Applies what the server says happened to cells; returns how many of them are loaded here. */
  applyChanges(changes: readonly CellChange[], at: number): number {
    let applied = 0;
    for (const [rowId, no, state, value, marks, note] of changes) {
      if (this.put({ rowId: String(rowId), no, value, status: { state, marks, note } }, at)) applied++;
    }
    this.overtake(changes.map(([rowId]) => rowId));
    if (applied > 0) this.emit();
    return applied;
  }

  applyState(no: number, rowIds: readonly string[], state: CellState): void {
    let applied = false;
    for (const rowId of rowIds.map(String)) {
      const row = this.find(rowId);
      if (!row) continue;
      const status = row.cells[no];
      applied = this.put({ rowId, no, value: row.values[no] ?? null, status: { state, marks: status?.marks ?? 0 } }) || applied;
    }
    this.overtake(rowIds);
    if (applied) this.emit();
  }

  /** Rows between two ids changed, too many to say how: those in sight are fetched again now, others when looked at. */
  applyStretch(fromRowId: number, toRowId: number): void {
    const isInside = ({ row_id }: LoadedRow) => Number(row_id) >= fromRowId && Number(row_id) <= toRowId;
    for (const [page, rows] of this.pages) if (rows.some(isInside)) this.stale.add(page);
    for (const page of this.fetching.keys()) if (!this.pages.has(page) || this.stale.has(page)) this.overtaken.add(page);
    this.askAfterChanges();
  }

  /** Shows typed values at once and keeps them over pages that arrive meanwhile, until `settle`. */
  type(values: readonly CellValue[]): void {
    for (const each of values) {
      this.typed.set(`${each.rowId}:${each.no}`, each);
      this.put(each);
    }
    this.emit();
  }

  settle(values: readonly CellValue[]): void {
    for (const each of values) {
      if (this.typed.get(`${each.rowId}:${each.no}`) === each) this.typed.delete(`${each.rowId}:${each.no}`);
    }
  }

  /** Adds rows that were just made at the end. */
  append(rows: readonly LoadedRow[]): void {
    const start = this.total ?? 0;
    rows.forEach((row, offset) => {
      const index = start + offset;
      const page = Math.floor(index / PAGE_ROWS);
      const known = this.pages.get(page);
      if (known ? known.length === index % PAGE_ROWS : index % PAGE_ROWS === 0) {
        this.pages.set(page, [...(known ?? []), row]);
        this.places.set(row.row_id, index);
      }
    });
    this.total = start + rows.length;
    this.emit();
  }

  setTotal(total: number): void {
    if (this.total === null || this.total === total) return;
    this.total = total;
    this.emit();
  }

  private put({ rowId, no, value, status }: CellValue, at?: number): boolean {
    const row = this.find(rowId);
    if (!row) return false;
    const index = this.places.get(rowId)!;
    const changed: LoadedRow = {
      ...row,
      values: { ...row.values, [no]: value },
      cells: status ? { ...row.cells, [no]: status } : row.cells,
      changedAt: at === undefined ? row.changedAt : { ...row.changedAt, [no]: at },
    };
    this.pages.get(Math.floor(index / PAGE_ROWS))![index % PAGE_ROWS] = changed;
    return true;
  }

  private pagesOf({ first, last }: Span): number[] {
    const end = this.total === null ? Math.max(0, last) : Math.min(last, this.total - 1);
    const pages: number[] = [];
    for (let page = Math.floor(Math.max(0, first) / PAGE_ROWS); page * PAGE_ROWS <= end; page++) pages.push(page);
    return this.total === null && pages.length === 0 ? [0] : pages;
  }

  private isMissing(page: number): boolean {
    return (!this.pages.has(page) || this.stale.has(page)) && !this.fetching.has(page);
  }

  /** What is on its way and may hold one of these rows may have been read before they changed. */
  private overtake(rowIds: readonly (string | number)[]): void {
    for (const page of this.fetching.keys()) {
      if (rowIds.some((rowId) => this.pageOf(String(rowId)) === page || !this.pages.has(page))) this.overtaken.add(page);
    }
  }

  private pageOf(rowId: string): number | undefined {
    const index = this.places.get(rowId);
    return index === undefined ? undefined : Math.floor(index / PAGE_ROWS);
  }

  private askAfterChanges(): void {
    if (this.isClosed) return;
    this.changesTimer ??= setTimeout(() => {
      this.changesTimer = undefined;
      this.askSoon();
    }, CHANGES_PAUSE_MS);
  }

  private askSoon(): void {
    clearTimeout(this.timer);
    const pause = Math.max(0, this.lastAsked + PAUSE_MS - performance.now());
    if (pause === 0) this.ask();
    else this.timer = setTimeout(() => this.ask(), pause);
  }

  private ask(): void {
    if (this.isClosed) return;
    this.lastAsked = performance.now();
    const pages = this.pagesOf(this.wanted);
    for (const page of pages.length > 0 ? pages : [0]) if (this.isMissing(page)) void this.fetch(page);
  }

  private async fetch(page: number): Promise<void> {
    const request = new AbortController();
    this.fetching.set(page, request);
    this.overtaken.delete(page);
    try {
      const answer = await this.fetchPage(page * PAGE_ROWS, PAGE_ROWS, request.signal);
      if (request.signal.aborted) return;
      this.error = null;
      this.keep(page, answer);
    } catch (problem) {
      if (request.signal.aborted) return;
      this.error = problem;
    }
    if (this.fetching.get(page) === request) this.fetching.delete(page);
    this.emit();
  }

  private keep(page: number, answer: RecordPage): void {
    this.forget(page);
    this.isTotalExact = answer.is_total_exact !== false;
    this.total = this.isTotalExact ? answer.total : Math.max(this.total ?? 0, answer.total);
    const rows = named(answer.rows);
    this.pages.set(page, rows);
    rows.forEach((row, offset) => this.places.set(row.row_id, page * PAGE_ROWS + offset));
    if (this.overtaken.delete(page)) {
      this.stale.add(page);
      this.askAfterChanges();
    }
    for (const each of this.typed.values()) this.put(each);
    const shown = new Set(this.pagesOf(this.wanted));
    for (const old of this.pages.keys()) {
      if (this.pages.size <= PAGES_KEPT) break;
      if (!shown.has(old)) this.forget(old);
    }
  }

  private touch(page: number): void {
    const rows = this.pages.get(page);
    if (!rows) return;
    this.pages.delete(page);
    this.pages.set(page, rows);
  }

  private forget(page: number): void {
    this.pages.get(page)?.forEach((row, offset) => {
      if (this.places.get(row.row_id) === page * PAGE_ROWS + offset) this.places.delete(row.row_id);
    });
    this.pages.delete(page);
    this.stale.delete(page);
  }

  private emit(): void {
    this.revision++;
    for (const listener of [...this.listeners]) listener();
  }
}

// Row ids may come as numbers; here they are names, equal to those of live updates and addresses.
function named(rows: readonly RecordRow[]): LoadedRow[] {
  return rows.map((row) => ({ ...row, row_id: String(row.row_id) }));
}
