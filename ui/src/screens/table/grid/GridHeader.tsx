// The grid's first line: a place for each column's header, which can be resized and moved.
import { memo, type ReactNode } from "react";
import type { ShownColumn } from "../columns";
import type { Selection } from "./selection";
import type { ColumnDrag } from "./useColumnDrag";
import styles from "./Grid.module.css";

interface Props {
  columns: readonly ShownColumn[];
  shown: readonly number[];
  starts: readonly number[];
  /** The selected columns, -1 for none. */
  left: number;
  right: number;
  kind: Selection["kind"] | null;
  drag: ColumnDrag;
  header: (column: ShownColumn, index: number) => ReactNode;
  headerEnd: ReactNode;
  onSelectAll: () => void;
}

/** Drawn anew only when its columns change, not while rows scroll by. */
export const GridHeader = memo(function GridHeader({ columns, shown, starts, left, right, kind, drag, header, headerEnd, onSelectAll }: Props) {
  function place(index: number, isFrozen: boolean) {
    const column = columns[index];
    if (!column) return null;
    const isIn = kind !== null && kind !== "rows" && index >= left && index <= right;
    return (
      <div
        key={column.field.id}
        role="columnheader"
        aria-colindex={index + 2}
        className={isFrozen ? styles.headFrozen : styles.headCell}
        style={isFrozen ? { width: column.width } : { width: column.width, left: starts[index] }}
        data-header={index}
        data-in={isIn || undefined}
        data-whole={(isIn && kind === "columns") || undefined}
        data-dragged={drag.moving === column.field.id || undefined}
      >
        {header(column, index)}
        <div className={styles.resize} data-resize={index} aria-hidden />
      </div>
    );
  }
  return (
    <div className={styles.head} role="row" aria-rowindex={1} onPointerDown={drag.onPointerDown} onDoubleClick={drag.onDoubleClick}>
      <div className={styles.corner} role="columnheader" aria-colindex={1}>
        <button type="button" tabIndex={-1} className={styles.all} aria-label="Select everything" onClick={onSelectAll}>
          #
        </button>
      </div>
      {place(0, true)}
      {shown.map((index) => (index === 0 ? null : place(index, false)))}
      <div className={styles.headEnd} style={{ left: starts.at(-1) }}>{headerEnd}</div>
      {drag.dropLeft !== null && <div className={styles.dropLine} style={{ left: drag.dropLeft }} />}
    </div>
  );
});
