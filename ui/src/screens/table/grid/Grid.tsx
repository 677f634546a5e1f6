// The grid: a million rows by hundreds of columns, of which only what is in sight exists as elements.
import { useCallback, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState, type ClipboardEvent, type KeyboardEvent, type ReactNode, type Ref } from "react";
import { Plus } from "lucide-react";
import type { ShownColumn } from "../columns";
import type { LoadedRow } from "../records";
import { GridHeader } from "./GridHeader";
import { GridRow, type RowSelection } from "./GridRow";
import { columnStarts, GUTTER_WIDTH, HEADER_HEIGHT, ROW_HEIGHT, type Span } from "./geometry";
import { commandFor, type Command } from "./keymap";
import { cellSelection, leavesGrid, rangeOf, rowSpans, type CellAt, type Range, type Selection } from "./selection";
import { GridTip } from "./GridTip";
import { useColumnDrag } from "./useColumnDrag";
import { usePointer } from "./usePointer";
import { useViewport } from "./useViewport";
import styles from "./Grid.module.css";

export interface Editing extends CellAt {
  /** What the editor starts with; null takes the cell's own text. */
  text: string | null;
}

export interface GridHandle {
  focus: () => void;
  reveal: (row: number, column: number | null) => void;
  readonly rowsPerPage: number;
}

export interface GridProps {
  name: string;
  columns: readonly ShownColumn[];
  rowCount: number;
  rowAt: (index: number) => LoadedRow | undefined;
  /** Changes whenever `rowAt` may answer otherwise. */
  revision: number;
  selection: Selection | null;
  onSelect: (selection: Selection | null) => void;
  editing: Editing | null;
  onEdit: (cell: CellAt) => void;
  onEdited: (text: string, then: "down" | "right" | "left" | "stay") => void;
  onEditCancelled: () => void;
  onCommand: (command: Command) => void;
  onCopy: (event: ClipboardEvent, isCut: boolean) => void;
  onPaste: (text: string) => void;
  onFill: (target: Range) => void;
  onOpen: (cell: CellAt) => void;
  onNewRow: (() => void) | null;
  onSeen: (span: Span) => void;
  onResize: (fieldId: string, width: number) => void;
  onReorder: (fieldId: string, before: string | null) => void;
  header: (column: ShownColumn, index: number) => ReactNode;
  headerEnd: ReactNode;
  highlight: string;
  ref?: Ref<GridHandle>;
}

const HEADER_END_WIDTH = 160;
const NOTHING: RowSelection = "";
// Shift+Tab begins with Shift.
const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta"]);

export function Grid(props: GridProps) {
  const { columns, rowCount, rowAt, selection, editing } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [fillTarget, setFillTarget] = useState<Range | null>(null);
  const widths = useMemo(() => columns.map((column) => column.width), [columns]);
  const starts = useMemo(() => columnStarts(widths), [widths]);
  const inner = useMemo(() => starts.map((start) => start + GUTTER_WIDTH), [starts]);
  const frozenWidth = GUTTER_WIDTH + (widths[0] ?? 0);
  const lines = rowCount + (props.onNewRow ? 1 : 0);
  const view = useViewport(scroller, lines, inner, frozenWidth);
  const size = { rows: rowCount, columns: columns.length };
  const range = selection ? rangeOf(selection, size) : null;

  useImperativeHandle(props.ref, () => ({
    focus: () => scroller.current?.focus({ preventScroll: true }),
    reveal: view.reveal,
    get rowsPerPage() {
      return view.rowsPerPage;
    },
  }), [view.reveal, view.rowsPerPage]);

  const { onSeen } = props;
  const { first, last } = view.seen;
  useLayoutEffect(() => onSeen({ first, last: Math.min(last, rowCount - 1) }), [onSeen, first, last, rowCount]);

  const pointer = usePointer({
    scroller, size, selection, range,
    onSelect: props.onSelect, onEdit: props.onEdit, onOpen: props.onOpen,
    onFillTarget: setFillTarget, onFill: props.onFill,
  });
  const drag = useColumnDrag({ scroller, columns, inner, onResize: props.onResize, onReorder: props.onReorder });

  const { onCommand } = props;
  const selectAll = useCallback(() => onCommand({ act: "selectAll" }), [onCommand]);

  // Tab goes through all cells, which can be millions: Escape before it lets it go on to what follows the grid.
  const isReleased = useRef(false);

  function press(event: KeyboardEvent) {
    if (event.target !== scroller.current || event.nativeEvent.isComposing || MODIFIERS.has(event.key)) return;
    const command = commandFor(event);
    const wasReleased = isReleased.current;
    isReleased.current = command?.act === "leave";
    if (!command) return;
    if (command.act === "move" && command.move.wraps && (wasReleased || leavesGrid(selection, command.move.columns, size))) return;
    event.preventDefault();
    event.stopPropagation();
    onCommand(command);
  }

  // The edited cell stays an element while it is scrolled out of sight, so that nothing typed is lost.
  const { first: firstColumn, last: lastColumn } = view.columns;
  const shownColumns = useMemo(() => indices({ first: Math.max(1, firstColumn), last: lastColumn }, editing?.column), [firstColumn, lastColumn, editing?.column]);
  const shownRows = indices({ first: view.rows.first, last: Math.min(view.rows.last, rowCount - 1) }, editing?.row);
  const active = selection?.anchor;
  const activeId = active ? `${props.name}-${active.row}-${active.column}` : undefined;
  const spans = selection?.kind === "rows" ? rowSpans(selection) : null;

  return (
    <div
      ref={scroller}
      className={styles.grid}
      role="grid"
      tabIndex={0}
      aria-label="Rows of the table"
      aria-rowcount={rowCount + 1}
      aria-colcount={columns.length + 1}
      aria-multiselectable
      aria-activedescendant={activeId}
      data-own-keys
      data-moving={drag.moving !== null || undefined}
      onKeyDown={press}
      onBlur={() => {
        isReleased.current = false;
      }}
      onFocus={(event) => {
        if (event.target === event.currentTarget && !selection && rowCount > 0 && columns.length > 0) props.onSelect(cellSelection({ row: 0, column: 0 }));
      }}
      onCopy={(event) => event.target === scroller.current && props.onCopy(event, false)}
      onCut={(event) => event.target === scroller.current && props.onCopy(event, true)}
      onPaste={(event) => {
        if (event.target !== scroller.current) return;
        event.preventDefault();
        props.onPaste(event.clipboardData.getData("text/plain"));
      }}
      {...pointer}
    >
      <div className={styles.content} style={{ width: inner.at(-1)! + HEADER_END_WIDTH, height: view.height + HEADER_HEIGHT }}>
        <GridHeader
          columns={columns}
          shown={shownColumns}
          starts={inner}
          left={range?.left ?? -1}
          right={range?.right ?? -1}
          kind={selection?.kind ?? null}
          drag={drag}
          header={props.header}
          headerEnd={props.headerEnd}
          onSelectAll={selectAll}
        />
        <div role="rowgroup">
          {shownRows.map((index) => (
            <GridRow
              key={index}
              name={props.name}
              index={index}
              top={index * ROW_HEIGHT - view.shift}
              row={rowAt(index)}
              columns={columns}
              shown={shownColumns}
              starts={inner}
              selection={rowSelectionOf(index, range, spans, active)}
              fill={fillTarget && index >= fillTarget.top && index <= fillTarget.bottom ? `${fillTarget.left}-${fillTarget.right}` : null}
              editing={editing?.row === index ? editing : null}
              onEdited={props.onEdited}
              onEditCancelled={props.onEditCancelled}
              highlight={props.highlight}
            />
          ))}
          {props.onNewRow && view.rows.last >= rowCount && (
            <div className={styles.newRow} style={{ transform: `translateY(${rowCount * ROW_HEIGHT - view.shift}px)` }}>
              <button type="button" onClick={props.onNewRow} tabIndex={-1}>
                <Plus size={14} aria-hidden /> New row
              </button>
            </div>
          )}
        </div>
      </div>
      <GridTip scroller={scroller} />
    </div>
  );
}

function rowSelectionOf(row: number, range: Range | null, spans: readonly Span[] | null, active: CellAt | undefined): RowSelection {
  const isWhole = spans?.some((span) => row >= span.first && row <= span.last) ?? false;
  const isIn = range !== null && row >= range.top && row <= range.bottom;
  if (!isIn && !isWhole) return NOTHING;
  // A text, so that a row whose share did not change is not drawn again.
  return `${isWhole ? "row" : "cells"} ${range?.left} ${range?.right} ${isIn && row === range.top ? "t" : ""}${isIn && row === range.bottom ? "b" : ""} ${active?.row === row ? active.column : -1}`;
}

function indices(span: Span, also: number | undefined): number[] {
  const list: number[] = [];
  for (let index = Math.max(0, span.first); index <= span.last; index++) list.push(index);
  if (also !== undefined && (also < span.first || also > span.last)) list.push(also);
  return list;
}
