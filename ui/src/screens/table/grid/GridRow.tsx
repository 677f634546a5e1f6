// One row in sight: its number, the frozen first cell and the cells under the scrolled columns.
import { memo } from "react";
import { Maximize2 } from "lucide-react";
import { CellContent } from "../cells/CellContent";
import type { ShownColumn } from "../columns";
import { isNumeric } from "../kinds";
import type { LoadedRow } from "../records";
import { MARK_SIMULATED } from "../../../api/types";
import { CellEditor } from "./CellEditor";
import type { Editing } from "./Grid";
import { count } from "../../../shared/format";
import styles from "./Grid.module.css";

/** A row's share of the selection as text, "" when it has none: kind, left, right, edges, active column. */
export type RowSelection = string;

interface Props {
  name: string;
  index: number;
  top: number;
  row: LoadedRow | undefined;
  columns: readonly ShownColumn[];
  /** Which columns besides the frozen one are drawn. */
  shown: readonly number[];
  starts: readonly number[];
  selection: RowSelection;
  fill: string | null;
  editing: Editing | null;
  onEdited: (text: string, then: "down" | "right" | "left" | "stay") => void;
  onEditCancelled: () => void;
  highlight: string;
}

const FRESH_MS = 1600;

export const GridRow = memo(function GridRow(props: Props) {
  const { name, index, top, row, columns, shown, starts, selection, fill, editing, highlight } = props;
  const share = selection === "" ? null : parseShare(selection);
  const filled = fill === null ? null : fill.split("-").map(Number);

  function cell(column: number, isFrozen: boolean) {
    const shownColumn = columns[column];
    if (!shownColumn) return null;
    const { field, no, width } = shownColumn;
    const isActive = share?.active === column;
    const isIn = share !== null && (share.isRow || (column >= share.left && column <= share.right));
    const status = row?.cells[no];
    const changedAt = row?.changedAt?.[no];
    const isFresh = changedAt !== undefined && performance.now() - changedAt < FRESH_MS;
    return (
      <div
        key={field.id}
        id={`${name}-${index}-${column}`}
        role="gridcell"
        aria-colindex={column + 2}
        aria-selected={isIn || isActive}
        aria-busy={row === undefined || undefined}
        className={isFrozen ? styles.frozen : styles.cell}
        style={isFrozen ? { width } : { width, left: starts[column] }}
        data-column={column}
        data-in={(isIn && !isActive) || undefined}
        data-active={isActive || undefined}
        data-t={(share?.isTop && isIn && !share.isRow) || undefined}
        data-b={(share?.isBottom && isIn && !share.isRow) || undefined}
        data-l={(isIn && !share.isRow && column === share.left) || undefined}
        data-r={(isIn && !share.isRow && column === share.right) || undefined}
        data-filled={(filled && column >= filled[0]! && column <= filled[1]!) || undefined}
        data-number={isNumeric(field) || undefined}
        data-simulated={(status && (status.marks & MARK_SIMULATED) !== 0 && row!.values[no] != null) || undefined}
        data-fresh={isFresh ? Math.floor(changedAt) % 2 : undefined}
      >
        {row === undefined ? <span className={styles.bone} style={{ width: `${38 + ((index * 13 + column * 29) % 40)}%` }} /> : <CellContent field={field} value={row.values[no]} status={status} highlight={highlight} />}
        {isActive && row !== undefined && (
          <button type="button" tabIndex={-1} className={styles.open} data-open aria-label="Open the cell">
            <Maximize2 size={12} aria-hidden />
          </button>
        )}
        {share && !share.isRow && share.isBottom && column === share.right && row !== undefined && <span className={styles.handle} data-fill aria-hidden />}
        {editing?.column === column && row !== undefined && (
          <CellEditor field={field} value={row.values[no]} start={editing.text} onDone={props.onEdited} onCancel={props.onEditCancelled} />
        )}
      </div>
    );
  }

  return (
    <div role="row" aria-rowindex={index + 2} className={styles.row} style={{ transform: `translateY(${top}px)` }} data-row={index} data-picked={share?.isRow || undefined} data-raised={editing !== null || share?.isBottom || undefined}>
      <div role="rowheader" aria-colindex={1} className={styles.number} data-number-cell>
        {count(index + 1)}
      </div>
      {cell(0, true)}
      {shown.map((column) => (column === 0 ? null : cell(column, false)))}
    </div>
  );
});

function parseShare(text: string) {
  const [kind, left, right, edges, active] = text.split(" ");
  return {
    isRow: kind === "row",
    left: Number(left),
    right: Number(right),
    isTop: edges!.includes("t"),
    isBottom: edges!.includes("b"),
    active: Number(active),
  };
}
