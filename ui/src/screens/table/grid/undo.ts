// A person's own edits of one table, to go back and forth through.
import type { Json } from "../../../api/types";

export interface CellEdit {
  rowId: string;
  fieldId: string;
  before: Json;
  after: Json;
}

const DEEPEST = 100;

export class UndoStack {
  private done: CellEdit[][] = [];
  private undone: CellEdit[][] = [];

  add(edits: CellEdit[]): void {
    if (edits.length === 0) return;
    this.done = [...this.done, edits].slice(-DEEPEST);
    this.undone = [];
  }

  /** The edits that take the last change back; null when there is none. */
  takeUndo(): CellEdit[] | null {
    const edits = this.done.pop();
    if (!edits) return null;
    this.undone.push(edits);
    return edits.map(({ before, after, ...cell }) => ({ ...cell, before: after, after: before }));
  }

  takeRedo(): CellEdit[] | null {
    const edits = this.undone.pop();
    if (!edits) return null;
    this.done.push(edits);
    return edits;
  }

  /** Forgets a change that the server refused, so that undo does not write what never was. */
  drop(edits: CellEdit[]): void {
    this.done = this.done.filter((each) => each !== edits);
  }
}
