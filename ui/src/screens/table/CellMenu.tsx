// The menu of what is selected, at the mouse or at the active cell.
import { ArrowDownToLine, ClipboardPaste, Copy, Eraser, PanelRight, Pencil, Play, Rows3, Scissors, Trash2 } from "lucide-react";
import { Menu } from "../../shared/Menu";
import { counted } from "../../shared/format";
import styles from "./Table.module.css";

export interface MenuPlace {
  left: number;
  top: number;
}

interface Props {
  place: MenuPlace | null;
  onClose: () => void;
  rowCount: number;
  /** How many computed columns are in the selection. */
  computed: number;
  isSingle: boolean;
  /** Rows apart from each other: what works on one block is not offered. */
  isScattered: boolean;
  mayWrite: boolean;
  mayRun: boolean;
  onAct: (act: CellAct) => void;
}

export type CellAct = "open" | "edit" | "copy" | "cut" | "paste" | "fill" | "clear" | "run" | "newRow" | "deleteRows";

export function CellMenu({ place, onClose, rowCount, computed, isSingle, isScattered, mayWrite, mayRun, onAct }: Props) {
  const act = (what: CellAct) => () => onAct(what);
  return (
    <Menu
      isOpen={place !== null}
      onOpenChange={(isOpen) => !isOpen && onClose()}
      align="start"
      minWidth={220}
      trigger={<span className={styles.anchor} style={place ?? undefined} aria-hidden />}
      groups={[
        {
          actions: [
            ...(isSingle ? [{ label: "Open the cell", icon: PanelRight, aside: "Space", onSelect: act("open") }] : []),
            ...(isSingle && mayWrite && computed === 0 ? [{ label: "Edit", icon: Pencil, aside: "Enter", onSelect: act("edit") }] : []),
            ...(computed > 0 && mayRun ? [{ label: isSingle ? "Run this cell…" : `Run in ${counted(rowCount, "row")}…`, icon: Play, onSelect: act("run") }] : []),
          ],
        },
        {
          actions: isScattered ? [] : [
            { label: "Copy", icon: Copy, aside: "Ctrl+C", onSelect: act("copy") },
            ...(mayWrite
              ? [
                  { label: "Cut", icon: Scissors, aside: "Ctrl+X", onSelect: act("cut") },
                  { label: "Paste", icon: ClipboardPaste, aside: "Ctrl+V", onSelect: act("paste") },
                  ...(isSingle ? [] : [{ label: "Fill down", icon: ArrowDownToLine, aside: "Ctrl+D", onSelect: act("fill") }]),
                  { label: "Clear", icon: Eraser, aside: "Del", onSelect: act("clear") },
                ]
              : []),
          ],
        },
        {
          actions: mayWrite
            ? [
                { label: "New row at the end", icon: Rows3, onSelect: act("newRow") },
                { label: `Delete ${counted(rowCount, "row")}…`, icon: Trash2, isDanger: true, onSelect: act("deleteRows") },
              ]
            : [],
        },
      ]}
    />
  );
}
