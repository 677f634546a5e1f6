// An enrichment: one question to one source per row.
import type { AnswerColumn } from "../api/types";
import { SelectField } from "../shared/Field";
import { unitPrice, words } from "../shared/format";
import type { EditorProps } from "./AiEditor";
import { capabilityOf, fittingInputs, isPerRow } from "./answer";
import { InputsFields } from "./InputsFields";
import styles from "./columns.module.css";

export function EnrichmentEditor({ column, names, catalog, onChange }: EditorProps) {
  const provider = catalog.providers.find((each) => each.key === column.settings?.provider);
  const capability = capabilityOf(provider, String(column.settings?.capability ?? ""));
  const inputs = (column.settings?.inputs ?? {}) as Record<string, string>;
  const set = (settings: AnswerColumn["settings"]) => onChange({ settings: { ...column.settings, ...settings } });
  function choose(key: string) {
    const [providerKey = "", capabilityKey = ""] = key.split("/");
    const next = capabilityOf(catalog.providers.find((each) => each.key === providerKey), capabilityKey);
    onChange({
      name: column.name || (next?.label ?? ""),
      settings: { provider: providerKey, capability: capabilityKey, inputs: fittingInputs(next?.inputs ?? [], names) },
    });
  }
  const outputs = (capability?.outputs ?? []).map((each) => (typeof each === "string" ? { name: each, label: words(each) } : each));
  return (
    <>
      <div className={styles.pair}>
        <SelectField
          label="Look up"
          value={provider && capability ? `${provider.key}/${capability.key}` : ""}
          onChange={choose}
          placeholder="Choose a source"
          options={catalog.providers
            .map((each) => ({
              group: each.is_local ? `${each.label} (local)` : each.label,
              options: each.capabilities.filter(isPerRow).map((one) => ({ value: `${each.key}/${one.key}`, label: `${one.label}, ${one.price_micro_usd ? unitPrice(one.price_micro_usd) : "free"}` })),
            }))
            .filter((group) => group.options.length > 0)}
          hint={provider ? `${provider.summary}${!provider.is_local && !provider.has_key ? " No key is stored, so it runs in training mode only." : ""}` : undefined}
        />
        {outputs.length > 1 && (
          <SelectField
            label="Keep"
            value={String(column.settings?.output ?? "")}
            onChange={(output) => set({ output })}
            placeholder="The usual value"
            options={outputs.map((each) => ({ value: each.name, label: each.label }))}
          />
        )}
      </div>
      {capability && (
        <InputsFields
          inputs={capability.inputs}
          values={inputs}
          names={names}
          onChange={(name, reference) => {
            const { [name]: _gone, ...rest } = inputs;
            set({ inputs: reference ? { ...rest, [name]: reference } : rest });
          }}
        />
      )}
    </>
  );
}
