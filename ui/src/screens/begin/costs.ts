// A first idea of the cost while the wizard is filled in. The plan's own figures, computed by the server, are what counts.
import type { Catalog } from "../../api/types";
import { capabilityOf, stepsOf, validatorOf } from "../../columns/answer";
import type { Draft, DraftColumn } from "./draft";

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
      const priceOf = (key: string, capability: string) => capabilityOf(catalog.providers.find((each) => each.key === key), capability)?.price_micro_usd ?? 0;
      const steps = stepsOf(column);
      const check = validatorOf(column) ? priceOf(validatorOf(column), "verify_email") : 0;
      let expected = 0;
      let worst = 0;
      steps.forEach((step, index) => {
        const price = priceOf(step.provider, step.capability);
        const reached = MISS_RATE ** index;
        expected += reached * (price + check * MISS_RATE);
        worst += price + check;
      });
      return { name: column.name, expected: Math.round(expected), worst, note: `${steps.length} sources in order` };
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
  const llms = catalog.llms.filter((each) => each.has_key);
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

/** Rows the source will bring, as far as it is known. */
export function rowsOf(draft: Draft, matches: number | undefined): number | null {
  if (draft.leadSource === "find_companies") return matches === undefined ? null : Math.min(matches, draft.filters.limit);
  if (draft.leadSource === "csv") return draft.upload?.rows_seen ?? null;
  return 0;
}
