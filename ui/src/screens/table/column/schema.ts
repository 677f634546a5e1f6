// Reading a column kind's settings schema (JSON Schema, as pydantic writes it) for the form: pure.
import type { Json, JsonObject } from "../../../api/types";
import { words } from "../../../shared/format";

export interface Schema {
  type?: string;
  title?: string;
  description?: string;
  default?: Json;
  enum?: Json[];
  const?: Json;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  minItems?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  additionalProperties?: boolean | Schema;
  $ref?: string;
  $defs?: Record<string, Schema>;
  /** Outputs a kind has whatever its settings say. */
  "x-outputs"?: string[];
}

/** The schema behind a reference and without "or null"; `isNullable` says whether null was allowed. */
export function resolved(schema: Schema, root: Schema): Schema & { isNullable: boolean } {
  const name = schema.$ref?.split("/").at(-1);
  if (name !== undefined) {
    const { $ref: _, ...own } = schema;
    return resolved({ ...root.$defs?.[name], ...own }, root);
  }
  if (!schema.anyOf) return { ...schema, isNullable: schema.type === "null" };
  const { anyOf, ...rest } = schema;
  const some = anyOf.filter((each) => each.type !== "null");
  const isNullable = some.length < anyOf.length;
  if (some.length !== 1) return { ...rest, anyOf: some, isNullable };
  return { ...resolved({ ...some[0], ...rest }, root), isNullable };
}

export type InputKind = "text" | "long" | "number" | "boolean" | "choice" | "choices" | "texts" | "objects" | "object" | "map" | "json";

/** Which input a property gets; what no input fits is edited as JSON. */
export function inputKind(schema: Schema, root: Schema): InputKind {
  const { type, enum: values, items, properties, additionalProperties, maxLength, anyOf } = resolved(schema, root);
  if (values) return "choice";
  if (anyOf) return "json";
  if (type === "boolean") return "boolean";
  if (type === "integer" || type === "number") return "number";
  if (type === "string") return (maxLength ?? 0) > 500 ? "long" : "text";
  if (type === "array" && items) {
    const item = resolved(items, root);
    if (item.enum) return "choices";
    if (item.properties) return "objects";
    if (item.type === "string" || item.anyOf) return "texts";
    return "json";
  }
  if (type === "object") return properties ? "object" : additionalProperties ? "map" : "json";
  return "json";
}

/** What a new object of this schema starts with: its defaults, and blanks where something is needed. */
export function initial(schema: Schema, root: Schema): JsonObject {
  const { properties = {} } = resolved(schema, root);
  const value: JsonObject = {};
  for (const [name, property] of Object.entries(properties)) {
    if (property.default !== undefined) value[name] = property.default;
    else value[name] = blank(property, root);
  }
  return value;
}

function blank(schema: Schema, root: Schema): Json {
  const { type, enum: values, properties, isNullable } = resolved(schema, root);
  if (isNullable) return null;
  if (values) return values[0] ?? null;
  if (type === "array") return [];
  if (type === "object") return properties ? initial(schema, root) : {};
  if (type === "boolean") return false;
  if (type === "number" || type === "integer") return null;
  return "";
}

/** Without what was left at its default or blank, so that a later default still reaches this column. */
export function stripped(value: JsonObject, schema: Schema, root: Schema): JsonObject {
  const { properties = {} } = resolved(schema, root);
  return Object.fromEntries(
    Object.entries(value).filter(([name, each]) => {
      const property = properties[name];
      if (!property) return true;
      if (JSON.stringify(each) === JSON.stringify(property.default)) return false;
      const isNeeded = resolved(schema, root).required?.includes(name) ?? false;
      return isNeeded || (each !== "" && each !== null);
    }),
  );
}

/** "max_tokens" as "Max tokens"; pydantic's own titles only repeat the name. */
export function labelOf(name: string): string {
  if (name === "op") return "Comparison";
  return words(name.replace(/_micro_usd(?=_|$)/, ""));
}

/** A list of words and numbers from one line; a blank place is null where that means something (an open end). */
export function parseList(text: string, schema: Schema, root: Schema): Json[] {
  const item = resolved(schema.items ?? {}, root);
  const takesNumbers = (item.anyOf ?? []).some((each) => each.type === "number" || each.type === "integer");
  const takesNull = item.isNullable;
  const parts = text.split(/[,\n]/).map((each) => each.trim());
  if (parts.length === 1 && parts[0] === "") return [];
  return parts
    .filter((part) => part !== "" || takesNull)
    .map((part) => (part === "" ? null : takesNumbers && Number.isFinite(Number(part)) ? Number(part) : part));
}

export function listText(value: Json | undefined): string {
  return Array.isArray(value) ? value.map((each) => (each === null ? "" : String(each))).join(", ") : "";
}

export function asObject(value: Json | undefined): JsonObject | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
}

/** A setting as the text an input shows; blank for none. */
export function textOf(value: Json | undefined): string {
  return value === null || value === undefined ? "" : String(value);
}
