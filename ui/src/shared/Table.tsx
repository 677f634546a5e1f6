// Simple lists in columns; the grid of a workbook's table is a screen of its own.
import type { ReactNode } from "react";
import { classes } from "./format";
import styles from "./Table.module.css";

export interface TableColumn<R> {
  key: string;
  heading: ReactNode;
  cell: (row: R) => ReactNode;
  isNumeric?: boolean;
  width?: number | string;
  /** Left out where there is little room. */
  isSecondary?: boolean;
}

interface Props<R> {
  rows: R[];
  columns: TableColumn<R>[];
  rowKey: (row: R) => string;
  /** Makes rows openable by click, Enter and J/K. */
  onOpen?: (row: R) => void;
  isSelected?: (row: R) => boolean;
  footer?: ReactNode;
  label: string;
}

export function Table<R>({ rows, columns, rowKey, onOpen, isSelected, footer, label }: Props<R>) {
  return (
    <div className={styles.wrap}>
      <table className={styles.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" className={look(column)} style={{ width: column.width }}>
                {column.heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody data-list>
          {rows.map((row) => (
            <tr
              key={rowKey(row)}
              data-list-item={onOpen ? "" : undefined}
              tabIndex={onOpen ? 0 : undefined}
              aria-selected={isSelected?.(row) || undefined}
              className={onOpen ? styles.opens : undefined}
              onClick={(event) => {
                if (onOpen && !(event.target as HTMLElement).closest("a, button, input, select")) onOpen(row);
              }}
              onKeyDown={(event) => {
                if (onOpen && event.key === "Enter" && event.target === event.currentTarget) onOpen(row);
              }}
            >
              {columns.map((column) => (
                <td key={column.key} className={look(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        {footer && <tfoot>{footer}</tfoot>}
      </table>
    </div>
  );
}

function look<R>(column: TableColumn<R>): string {
  return classes(column.isNumeric && styles.numeric, column.isSecondary && styles.secondary);
}
