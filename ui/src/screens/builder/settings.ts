// The settings of a form's operation, read from their JSON Schema: what is asked, what stands there at first, what is missing.
import type { FileExtract } from "../../api/workflowTypes";

/** As far as the schemas of operations go. */
export interface Schema {
  type?: string;
  title?: string;
  description?: string;
  enum?: (string | number)[];
  default?: unknown;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  anyOf?: Schema[];
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  $ref?: string;
  $defs?: Record<string, Schema>;
  "x-kind"?: "file" | "column";
  "x-of"?: string;
  "x-labels"?: Record<string, string>;
}

export type Values = Record<string, unknown>;

export interface Setting {
  key: string;
  schema: Schema;
  isRequired: boolean;
  isNullable: boolean;
}

/** The settings of an object in their order, references and "or nothing" resolved. */
export function settingsOf(object: Schema, root: Schema): Setting[] {
  return Object.entries(object.properties ?? {}).map(([key, given]) => {
    const schema = resolved(given, root);
    return { key, schema, isRequired: object.required?.includes(key) ?? false, isNullable: given.anyOf?.some((each) => each.type === "null") ?? false };
  });
}

export function resolved(schema: Schema, root: Schema): Schema {
  if (schema.$ref) return { ...root.$defs?.[schema.$ref.split("/").at(-1) ?? ""], ...without(schema, "$ref") };
  const one = schema.anyOf?.find((each) => each.type !== "null");
  return one ? { ...resolved(one, root), ...without(schema, "anyOf") } : schema;
}

function without(schema: Schema, key: "$ref" | "anyOf"): Schema {
  const rest = { ...schema };
  delete rest[key];
  return rest;
}

/** What stands in a form before anybody has touched it. */
export function firstValues(object: Schema, root: Schema): Values {
  return Object.fromEntries(settingsOf(object, root).map(({ key, schema, isNullable }) => [key, firstValue(schema, root, isNullable)]));
}

export function firstValue(schema: Schema, root: Schema, isNullable = false): unknown {
  if (schema.default !== undefined) return schema.default;
  if (isNullable) return null;
  if (schema.type === "array") return schema.items && resolved(schema.items, root).type === "object" ? [firstValues(resolved(schema.items, root), root)] : [];
  if (schema.type === "object") return firstValues(schema, root);
  if (schema.type === "boolean") return false;
  if (schema.type === "integer" || schema.type === "number") return schema.minimum ?? 0;
  return "";
}

/** Whether nothing that must be said is left out; the server says what else does not fit. */
export function isComplete(object: Schema, root: Schema, values: Values): boolean {
  return settingsOf(object, root).every(({ key, schema, isRequired, isNullable }) => {
    const value = values[key];
    if (value === null || value === undefined) return isNullable || !isRequired;
    if (schema.type === "array") {
      const list = value as unknown[];
      const item = schema.items && resolved(schema.items, root);
      return list.length >= (schema.minItems ?? 0) && (item?.type !== "object" || list.every((each) => isComplete(item, root, each as Values)));
    }
    if (schema.type === "object") return isComplete(schema, root, value as Values);
    return !isRequired || value !== "";
  });
}

const DATED = new Set(["date", "day", "month", "quarter", "year", "before", "on_or_before", "after", "on_or_after"]);

/** Whether a setting only matters for dates, and nothing in the form is about dates. */
export function isIdle(setting: Setting, beside: Values): boolean {
  const isDateOrder = setting.schema["x-labels"]?.day_first !== undefined;
  return isDateOrder && !Object.entries(beside).some(([key, value]) => key !== setting.key && (DATED.has(String(value)) || (key.includes("date") && Array.isArray(value) && value.length > 0)));
}

/** The columns of the file that a setting is about. */
export function columnsFor(schema: Schema, values: Values, extracts: readonly FileExtract[]): string[] {
  const position = values[schema["x-of"] ?? "file"];
  return extracts[typeof position === "number" ? position : 0]?.columns ?? [];
}

export function extractName(extract: FileExtract): string {
  return extract.sheet ? `${extract.filename} · ${extract.sheet}` : extract.filename;
}
