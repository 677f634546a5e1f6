// A prompt's output schema as the output fields of a column: pure.
import type { Json, JsonObject } from "../../../api/types";
import { asObject } from "./schema";

const NAME = /^[A-Za-z][A-Za-z0-9_ -]{0,63}$/;
const MOST = 30;

/** One field for each property of the schema a column can hold; empty where the schema describes no object. */
export function outputFieldsOf(schema: JsonObject | null): JsonObject[] {
  return Object.entries(objectOf(schema?.properties))
    .filter(([name]) => NAME.test(name) && name !== "evidence_quote")
    .slice(0, MOST)
    .map(([name, property]) => fieldOf(name, objectOf(property)));
}

function fieldOf(name: string, property: JsonObject): JsonObject {
  const { description } = property;
  return { name, ...typeOf(property), description: typeof description === "string" ? description.slice(0, 500) : "" };
}

function typeOf(property: JsonObject): JsonObject {
  const some = Array.isArray(property.anyOf) ? property.anyOf.map(objectOf).filter((each) => each.type !== "null") : [];
  if (some.length === 1) return typeOf(some[0]!);
  const types = (Array.isArray(property.type) ? property.type : [property.type]).filter((each) => each !== "null");
  if (types.length !== 1) return { type: "json" };
  const options = Array.isArray(property.enum) ? property.enum.filter((each) => typeof each === "string") : [];
  if (types[0] === "string") return options.length > 0 ? { type: "select", options } : { type: "text" };
  if (types[0] === "number" || types[0] === "integer") return { type: "number" };
  return { type: types[0] === "boolean" ? "boolean" : "json" };
}

function objectOf(value: Json | undefined): JsonObject {
  return asObject(value) ?? {};
}
