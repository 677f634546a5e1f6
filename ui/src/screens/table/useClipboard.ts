// Copying a range of any size: at once when its rows are here, else after they are fetched.
import { useCallback, type ClipboardEvent } from "react";
import { messageOf } from "../../api/client";
import { counted } from "../../shared/format";
import { toast } from "../../shared/Toast";
import type { ShownColumn } from "./columns";
import { toTsv } from "./grid/clipboard";
import type { Range } from "./grid/selection";
import type { LoadedRow, RecordPages } from "./records";

const ROWS_COPIED = 50_000;

export function useCopy(pages: RecordPages, columns: readonly ShownColumn[]) {
  return useCallback(
    (range: Range, event: ClipboardEvent | null): void => {
      const count = range.bottom - range.top + 1;
      event?.preventDefault();
      if (count > ROWS_COPIED) {
        toast({ tone: "failed", title: `That is ${counted(count, "row")}`, body: `At most ${counted(ROWS_COPIED, "row")} are copied at once. Nothing was copied; export the view instead.` });
        return;
      }
      const text = (rows: readonly LoadedRow[]) => toTsv(rows.map((row) => columns.slice(range.left, range.right + 1).map((column) => row.values[column.no])));
      const here: LoadedRow[] = [];
      for (let at = range.top; at <= range.bottom; at++) {
        const row = pages.rowAt(at);
        if (!row) break;
        here.push(row);
      }
      if (here.length === count && event) {
        event.clipboardData.setData("text/plain", text(here));
        return;
      }
      const fetched = here.length === count ? Promise.resolve(here) : pages.load({ first: range.top, last: range.bottom }, new AbortController().signal);
      const blob = fetched.then((rows) => new Blob([text(rows)], { type: "text/plain" }));
      // Handing over the promise keeps the person's click valid while the rows are on their way.
      navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]).then(
        () => toast({ tone: "done", title: `Copied ${counted(count, "row")}` }),
        (error: unknown) => toast({ tone: "failed", title: "Could not copy", body: messageOf(error) }),
      );
    },
    [pages, columns],
  );
}
