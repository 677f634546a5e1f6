// What every part of a column's settings form may look at: the table, its columns, the catalogue, the schema.
import { createContext, useContext } from "react";
import type { Catalog, Field, Table } from "../../../api/types";
import type { Schema } from "./schema";

export interface Surroundings {
  table: Table;
  catalog: Catalog;
  /** The columns that may be named; not the one that is being set. */
  fields: readonly Field[];
  root: Schema;
}

export const Around = createContext<Surroundings | null>(null);

export function useSurroundings(): Surroundings {
  const around = useContext(Around);
  if (!around) throw new Error("Settings are shown outside of their form.");
  return around;
}
