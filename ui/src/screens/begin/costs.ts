// A first idea of the cost while the wizard is filled in. The plan's own figures, computed by the server, are what counts.
import type { Catalog } from "../../api/types";
import { usableLlms, type Draft, type DraftColumn } from "./draft";

export interface ColumnCost {
  name: string;
  /** Per row, in micro-dollars; null when it cannot be known (no model connected, no price published). */
  expected: number | null;
  worst: number | null;
  note: string;
}

const CHARACTERS_PER_TOKEN = 4;
const RULES_TOKENS = 350;
const USUAL_REPLY_TOKENS = 150;
const LONGEST_REPLY_TOKENS = 1024;
/** How often the next source of a waterfall is asked, when nothing has been measured yet. */
const MISS_RATE = 0.5;

export function costOf(column: DraftColumn, draft: Draft, catalog: Catalog, isTraining: boolean): ColumnCost {
  const free = (note: string): ColumnCost => ({ name: column.name, expected: 0, worst: 0, note });
  switch (column.kind) {
    case "ai":
      return costOfAi(column, draft, catalog);
    case "waterfall": {
      if (isTraining) return free("simulated");
      const prices = waterfallSources(column, catalog).map(({ price }) => price);
      const expected = prices.reduce((sum, price, index) => sum + price * MISS_RATE ** index, 0);
      return { name: column.name, expected: Math.round(expected), worst: prices.reduce((sum, price) => sum + price, 0), note: `${prices.length} sources in order` };
    }
    case "enrichment": {
      const provider = catalog.providers.find((each) => each.key === column.settings?.provider);
      const capability = provider?.capabilities.find((each) => each.key === column.settings?.capability);
      if (!capability) return { name: column.name, expected: null, worst: null, note: "no source chosen" };
      if (isTraining || provider?.is_local) return free(provider?.is_local ? "local" : "simulated");
      return { name: column.name, expected: capability.price_micro_usd, worst: capability.price_micro_usd, note: provider?.label ?? "" };
    }
    default:
      return free("computed here");
  }
}

function costOfAi(column: DraftColumn, draft: Draft, catalog: Catalog): ColumnCost {
  const llms = usableLlms(catalog);
  const llm = llms.find((each) => each.models.some((model) => model.id === column.model)) ?? llms[0];
  const model = llm?.models.find((each) => each.id === column.model) ?? llm?.models[0];
  if (!llm) return { name: column.name, expected: null, worst: null, note: "no language model" };
  if (llm.is_simulated) return { name: column.name, expected: 0, worst: 0, note: "simulated" };
  if (!model || model.input_micro_usd_per_mtok === null || model.output_micro_usd_per_mtok === null) {
    return { name: column.name, expected: null, worst: null, note: "price of the model unknown" };
  }
  const input = RULES_TOKENS + (column.prompt?.length ?? 0) / CHARACTERS_PER_TOKEN + draft.columns.length;
  const price = (output: number) => Math.ceil((input * (model.input_micro_usd_per_mtok ?? 0) + output * (model.output_micro_usd_per_mtok ?? 0)) / 1_000_000);
  return { name: column.name, expected: price(USUAL_REPLY_TOKENS), worst: price(LONGEST_REPLY_TOKENS), note: model.label };
}

export interface WaterfallSource {
  key: string;
  label: string;
  price: number;
  isLocal: boolean;
  hasKey: boolean;
}

/** Sources that can answer a capability, as the catalogue has them. */
export function sourcesFor(capability: string, catalog: Catalog): WaterfallSource[] {
  return catalog.providers.flatMap((provider) => {
    const found = provider.capabilities.find((each) => each.key === capability);
    return found ? [{ key: provider.key, label: provider.label, price: found.price_micro_usd, isLocal: provider.is_local, hasKey: provider.has_key }] : [];
  });
}

export function waterfallSources(column: DraftColumn, catalog: Catalog): WaterfallSource[] {
  const all = sourcesFor("find_email", catalog);
  const chosen = column.settings?.providers;
  if (!Array.isArray(chosen)) return all.filter((source) => !source.isLocal);
  return chosen.flatMap((key) => all.find((source) => source.key === key) ?? []);
}

/** Rows the source will bring, as far as it is known. */
export function rowsOf(draft: Draft, matches: number | undefined): number | null {
  if (draft.leadSource === "find_companies") return matches === undefined ? null : Math.min(matches, draft.filters.limit);
  if (draft.leadSource === "csv") return draft.upload?.rows_seen ?? null;
  return 0;
}
