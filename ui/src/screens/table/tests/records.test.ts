// Fetching rows by pages: what is asked for, dropped, forgotten and changed in place.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { RecordPage } from "../../../api/types";
import { PAGE_ROWS, RecordPages } from "../records";

/** A server of `total` rows whose answers wait until they are let go, in any order. */
function aServer(total: number) {
  const asked: { offset: number; signal: AbortSignal; answer: () => void; refuse: () => void }[] = [];
  const fetchPage = (offset: number, limit: number, signal: AbortSignal) =>
    new Promise<RecordPage>((resolve, reject) => {
      const rows = Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, at) => ({ row_id: String(offset + at), values: { 1: `row ${offset + at}` }, cells: {} }));
      asked.push({ offset, signal, answer: () => resolve({ offset, total, version: 1, rows }), refuse: () => reject(new Error("down")) });
    });
  return { asked, fetchPage };
}
const settled = () => vi.advanceTimersByTimeAsync(80);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("pages", () => {
  test("looking far away drops the request for what is not looked at any more", async () => {
    const { asked, fetchPage } = aServer(1_000_000);
    const pages = new RecordPages(fetchPage);
    pages.want({ first: 0, last: 40 });
    pages.want({ first: 900_000, last: 900_040 });
    await settled();
    expect(asked.map((each) => [each.offset, each.signal.aborted])).toEqual([[0, true], [900_000, false]]);
    asked[1]!.answer();
    await settled();
    expect(pages.rowAt(900_007)?.values[1]).toBe("row 900007");
    expect(pages.rowAt(7)).toBeUndefined();
    expect(pages.total).toBe(1_000_000);
  });

  test("a thumb dragged over many pages asks only for the first and the last", async () => {
    const { asked, fetchPage } = aServer(1_000_000);
    const pages = new RecordPages(fetchPage);
    for (let at = 0; at < 50; at++) pages.want({ first: at * 10_000, last: at * 10_000 + 40 });
    await settled();
    expect(asked.map((each) => each.offset)).toEqual([0, 490_000]);
  });

  test("only so many pages are kept, and never one in sight is forgotten", async () => {
    const { asked, fetchPage } = aServer(100_000);
    const pages = new RecordPages(fetchPage);
    for (let page = 0; page < 70; page++) {
      pages.want({ first: page * PAGE_ROWS, last: page * PAGE_ROWS + 10 });
      await settled();
      asked.at(-1)!.answer();
      await Promise.resolve();
    }
    await settled();
    expect(pages.rowAt(0)).toBeUndefined();
    expect(pages.rowAt(69 * PAGE_ROWS)?.row_id).toBe(String(69 * PAGE_ROWS));
  });

  test("a stretch of changed rows fetches what is in sight again, once, and the rest when it is looked at", async () => {
    const { asked, fetchPage } = aServer(1_000);
    const pages = new RecordPages(fetchPage);
    pages.want({ first: 0, last: 300 });
    await settled();
    for (const each of [...asked]) each.answer();
    await settled();
    pages.want({ first: 0, last: 40 });
    pages.applyStretch(150, 260);
    pages.applyStretch(150, 270);
    pages.applyStretch(900, 950);
    await vi.advanceTimersByTimeAsync(500);
    expect(asked.slice(2).map((each) => each.offset)).toEqual([0]);
    expect(pages.rowAt(7)?.values[1]).toBe("row 7");
    pages.want({ first: 210, last: 240 });
    await settled();
    expect(asked.slice(3).map((each) => each.offset)).toEqual([200]);
  });

  test("a page that was on its way while its rows changed is fetched once more", async () => {
    const { asked, fetchPage } = aServer(100);
    const pages = new RecordPages(fetchPage);
    pages.want({ first: 0, last: 40 });
    await settled();
    pages.applyStretch(3, 60);
    asked[0]!.answer();
    await vi.advanceTimersByTimeAsync(500);
    expect(asked.map((each) => each.offset)).toEqual([0, 0]);
    asked[1]!.answer();
    await vi.advanceTimersByTimeAsync(500);
    expect(asked.length).toBe(2);
  });

  test("a page that was still on its way when the pause after a change was over is fetched once more all the same", async () => {
    const { asked, fetchPage } = aServer(100);
    const pages = new RecordPages(fetchPage);
    pages.want({ first: 0, last: 40 });
    await settled();
    pages.applyStretch(3, 60);
    await vi.advanceTimersByTimeAsync(1000);
    asked[0]!.answer();
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked.map((each) => each.offset)).toEqual([0, 0]);
  });

  test("a page that was on its way while one of its cells changed is fetched once more, and for others' cells it is not", async () => {
    const { asked, fetchPage } = aServer(400);
    const pages = new RecordPages(fetchPage);
    pages.want({ first: 0, last: 40 });
    await settled();
    asked[0]!.answer();
    await settled();
    pages.refresh();
    await settled();
    pages.applyChanges([["3", 1, "done", "fresh", 0, null]], 1234);
    asked[1]!.answer();
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked.map((each) => each.offset)).toEqual([0, 0, 0]);
    pages.applyState(1, ["350"], "running");
    asked[2]!.answer();
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked.length).toBe(3);
  });

  test("a failed page is told and asked for again by refresh", async () => {
    const { asked, fetchPage } = aServer(10);
    const pages = new RecordPages(fetchPage);
    pages.want({ first: 0, last: 9 });
    asked[0]!.refuse();
    await settled();
    expect(pages.error).toBeInstanceOf(Error);
    pages.refresh();
    await settled();
    asked[1]!.answer();
    await settled();
    expect(pages.error).toBeNull();
    expect(pages.rowAt(9)?.row_id).toBe("9");
  });

  test("a refresh shows the old rows until the new ones come", async () => {
    const { asked, fetchPage } = aServer(10);
    const pages = new RecordPages(fetchPage);
    pages.want({ first: 0, last: 9 });
    asked[0]!.answer();
    await settled();
    pages.refresh();
    expect(pages.rowAt(3)?.row_id).toBe("3");
  });
});

describe("changes in place", () => {
  async function loaded() {
    const { asked, fetchPage } = aServer(10);
    const pages = new RecordPages(fetchPage);
    pages.want({ first: 0, last: 9 });
    asked[0]!.answer();
    await settled();
    return { pages, asked };
  }

  test("a live cell changes its row alone and says when", async () => {
    const { pages } = await loaded();
    const other = pages.rowAt(4);
    expect(pages.applyChanges([["3", 1, "done", "fresh", 1, null], ["99", 1, "done", "elsewhere", 0, null]], 1234)).toBe(1);
    expect(pages.rowAt(3)).toMatchObject({ values: { 1: "fresh" }, cells: { 1: { state: "done", marks: 1 } }, changedAt: { 1: 1234 } });
    expect(pages.rowAt(4)).toBe(other);
  });

  test("a typed value outlives a page that arrives before it was saved, and not one after", async () => {
    const { pages, asked } = await loaded();
    const typed = { rowId: "3", no: 1, value: "typed" };
    pages.type([typed]);
    pages.refresh();
    await settled();
    asked.at(-1)!.answer();
    await settled();
    expect(pages.rowAt(3)?.values[1]).toBe("typed");
    pages.settle([typed]);
    pages.refresh();
    await settled();
    asked.at(-1)!.answer();
    await settled();
    expect(pages.rowAt(3)?.values[1]).toBe("row 3");
  });

  test("appended rows are there at once", async () => {
    const { pages } = await loaded();
    pages.append([{ row_id: "new", values: {}, cells: {} }]);
    expect(pages.total).toBe(11);
    expect(pages.rowAt(10)?.row_id).toBe("new");
    expect(pages.indexOf("new")).toBe(10);
  });
});
