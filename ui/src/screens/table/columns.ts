// Which columns a view shows, in which order and how wide: pure, over the view's own list.
import type { Field, Json, JsonObject } from "../../api/types";
import { MAX_COLUMN_WIDTH, MIN_COLUMN_WIDTH } from "./grid/geometry";
import { isNumeric } from "./kinds";

/** One column of a view; fields the view does not name come after the others. */
export interface ViewColumn {
  field: string;
  width?: number;
  is_hidden?: boolean;
}

export interface ShownColumn {
  field: Field;
  width: number;
  /** The field's number as the key of a row's values and cells. */
  no: string;
}

const USUAL_WIDTHS: Record<string, number> = { number: 120, boolean: 96, date: 132, url: 200, email: 220, json: 180, waterfall: 320, enrichment: 240, ai: 220, rubric: 120, formula: 150, dossier: 280 };

/** A view's `columns` as it is stored: the order, and widths and hiding by field id. */
export function parseViewColumns(columns: Json): ViewColumn[] {
  if (typeof columns !== "object" || columns === null || Array.isArray(columns)) return [];
  const { order, widths, hidden } = columns;
  if (!Array.isArray(order)) return [];
  const isHidden = new Set(Array.isArray(hidden) ? hidden : []);
  const widthOf = typeof widths === "object" && widths !== null && !Array.isArray(widths) ? widths : {};
  return order.flatMap((field) => {
    if (typeof field !== "string") return [];
    const width = widthOf[field];
    return [{ field, width: typeof width === "number" ? width : undefined, is_hidden: isHidden.has(field) || undefined }];
  });
}

export function storedColumns(columns: readonly ViewColumn[]): JsonObject {
  return {
    order: columns.map((each) => each.field),
    widths: Object.fromEntries(columns.flatMap((each) => (each.width === undefined ? [] : [[each.field, each.width]]))),
    hidden: columns.filter((each) => each.is_hidden).map((each) => each.field),
  };
}

/** The view's list completed: every field once, with its own width and hiding where the view says nothing. */
export function completed(fields: readonly Field[], columns: readonly ViewColumn[]): ViewColumn[] {
  const byId = new Map(fields.map((field) => [field.id, field]));
  const named = columns.filter((each) => byId.has(each.field));
  const known = new Set(named.map((each) => each.field));
  const rest = [...fields].filter((field) => !known.has(field.id)).sort((one, other) => one.position - other.position);
  const result: ViewColumn[] = named.map((each) => ({ ...each }));
  for (const field of rest) {
    const entry = { field: field.id, width: field.width ?? undefined, is_hidden: field.is_hidden || undefined };
    const parent = field.output_of === null ? -1 : lastOf(result, field.output_of, byId);
    if (parent >= 0) result.splice(parent + 1, 0, entry);
    else result.push(entry);
  }
  return result;
}

function lastOf(columns: ViewColumn[], parent: string, byId: Map<string, Field>): number {
  return columns.findLastIndex((each) => each.field === parent || byId.get(each.field)?.output_of === parent);
}

export function shownColumns(fields: readonly Field[], columns: readonly ViewColumn[]): ShownColumn[] {
  const byId = new Map(fields.map((field) => [field.id, field]));
  return completed(fields, columns)
    .filter((each) => !each.is_hidden)
    .map((each, at) => {
      const field = byId.get(each.field)!;
      // The first column says what a row is about.
      return { field, no: String(field.no), width: each.width ?? Math.max(at === 0 ? 220 : 0, usualWidth(field)) };
    });
}

function usualWidth(field: Field): number {
  const forKind = isNumeric(field) ? 120 : (USUAL_WIDTHS[field.output_of === null ? field.kind : field.storage] ?? 190);
  return Math.max(forKind, Math.min(260, field.name.length * 7.4 + 68));
}

export function resized(columns: readonly ViewColumn[], fieldId: string, width: number): ViewColumn[] {
  const bounded = Math.round(Math.max(MIN_COLUMN_WIDTH, Math.min(MAX_COLUMN_WIDTH, width)));
  return columns.map((each) => (each.field === fieldId ? { ...each, width: bounded } : each));
}

export function withHidden(columns: readonly ViewColumn[], fieldIds: readonly string[], isHidden: boolean): ViewColumn[] {
  return columns.map((each) => (fieldIds.includes(each.field) ? { ...each, is_hidden: isHidden || undefined } : each));
}

/** The column taken out and put before `before`, or at the end when that is null. */
export function reordered(columns: readonly ViewColumn[], fieldId: string, before: string | null): ViewColumn[] {
  const taken = columns.find((each) => each.field === fieldId);
  if (!taken || fieldId === before) return [...columns];
  const rest = columns.filter((each) => each.field !== fieldId);
  const at = before === null ? rest.length : rest.findIndex((each) => each.field === before);
  return [...rest.slice(0, at), taken, ...rest.slice(at)];
}
