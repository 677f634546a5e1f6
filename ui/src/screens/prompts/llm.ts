// Which language model answers for a client here, and what asking it is likely to cost.
import { useQuery } from "@tanstack/react-query";
import { catalogQuery, clientQuery } from "../../api/queries";
import type { PromptConfig } from "../../api/promptTypes";

export interface Answering {
  /** Null while it is not known yet. */
  isThere: boolean | null;
  isSimulated: boolean;
  /** Micro-dollars for one go with so many characters sent; null when the price is not known. */
  price: (config: PromptConfig, characters: number) => number | null;
}

const CHARACTERS_PER_TOKEN = 4;
// A reply is seldom as long as it may be; half of the limit is what an estimate counts.
const USUAL_SHARE = 0.5;

export function useAnswering(clientId: string): Answering {
  const catalog = useQuery(catalogQuery).data;
  const client = useQuery(clientQuery(clientId)).data;
  if (!catalog || !client) return { isThere: null, isSimulated: false, price: () => null };
  const withKey = catalog.llms.filter((llm) => llm.has_key);
  const isChosen = client.llm === "scripted" || withKey.some((llm) => llm.key === client.llm);
  const llm = catalog.llms.find((each) => each.key === (isChosen ? client.llm : withKey[0]?.key));
  return {
    isThere: llm !== undefined,
    isSimulated: llm?.is_simulated ?? false,
    price: (config, characters) => {
      if (!llm) return null;
      if (llm.is_simulated) return 0;
      const model = llm.models.find((each) => each.id === (config.model || client.model)) ?? llm.models[0];
      if (!model || model.input_micro_usd_per_mtok === null || model.output_micro_usd_per_mtok === null) return null;
      const sent = characters / CHARACTERS_PER_TOKEN;
      return Math.ceil((sent * model.input_micro_usd_per_mtok + config.max_tokens * USUAL_SHARE * model.output_micro_usd_per_mtok) / 1_000_000);
    },
  };
}
