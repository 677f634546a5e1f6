// Which source is asked what, and which columns it is given.
import type { Capability, JsonObject, ProviderEntry } from "../../../api/types";
import { fittingInputs, isPerRow } from "../../../columns/answer";
import { CheckboxField, SelectField } from "../../../shared/Field";
import { money, words } from "../../../shared/format";
import { GivenValue } from "./GivenValue";
import { asObject, textOf, type Schema } from "./schema";
import { useSurroundings } from "./surroundings";
import styles from "./ColumnForm.module.css";

/** The settings that this part draws. */
export const SOURCE_SETTINGS = ["provider", "capability", "inputs", "output", "outputs"];

interface Props {
  properties: Record<string, Schema>;
  value: JsonObject;
  onChange: (value: JsonObject) => void;
}

export function SourceFields({ properties, value, onChange }: Props) {
  const { catalog, fields } = useSurroundings();
  const provider = catalog.providers.find((each) => each.key === value.provider);
  const capability = provider?.capabilities.find((each) => each.key === value.capability);
  const chosen = value.provider ? `${String(value.provider)}/${String(value.capability)}` : "";
  function choose(key: string) {
    const [nextProvider = "", nextCapability = ""] = key.split("/");
    const isSameQuestion = nextCapability === value.capability;
    const asked = catalog.providers.find((each) => each.key === nextProvider)?.capabilities.find((each) => each.key === nextCapability);
    const inputs = fittingInputs(asked?.inputs ?? [], fields.map((field) => field.name));
    onChange({ ...value, provider: nextProvider, capability: nextCapability, ...("inputs" in properties && !isSameQuestion && { inputs }), ...("outputs" in properties && !isSameQuestion && { output: "", outputs: {} }) });
  }
  return (
    <>
      <SelectField
        label="Source"
        value={chosen}
        onChange={choose}
        placeholder="Choose a source"
        error={chosen && !capability ? "This source is not in the catalogue any more." : null}
        options={catalog.providers.map((each) => ({
          group: each.is_local ? `${each.label} · free, on this machine` : each.has_key ? each.label : `${each.label} · no key stored`,
          options: each.capabilities.filter((one) => isPerRow(one) || `${each.key}/${one.key}` === chosen).map((one) => ({ value: `${each.key}/${one.key}`, label: `${each.label}: ${one.label}${priceOf(one)}` })),
        }))}
      />
      {provider && capability && <About provider={provider} capability={capability} />}
      {capability && "inputs" in properties && <Inputs capability={capability} value={asObject(value.inputs) ?? {}} onChange={(inputs) => onChange({ ...value, inputs })} />}
      {capability && "outputs" in properties && <Outputs capability={capability} value={value} onChange={onChange} />}
    </>
  );
}

function About({ provider, capability }: { provider: ProviderEntry; capability: Capability }) {
  const price = capability.price_micro_usd === 0 ? "Free." : `${money(capability.price_micro_usd)} an answer; ${capability.is_miss_charged ? "a miss is charged too." : "a miss is not charged."}`;
  return (
    <p className={styles.hint}>
      {price} {!provider.is_local && !provider.has_key && "No key is stored, so this runs only in training mode."}{" "}
      {provider.docs_url && <a className="link" href={provider.docs_url} target="_blank" rel="noreferrer">Documentation</a>}
    </p>
  );
}

function Inputs({ capability, value, onChange }: { capability: Capability; value: JsonObject; onChange: (value: JsonObject) => void }) {
  const needed = neededWords(capability);
  const put = (name: string, text: string) => {
    const { [name]: _, ...rest } = value;
    onChange(text === "" ? rest : { ...rest, [name]: text });
  };
  return (
    <fieldset className={styles.inputs}>
      <legend>Given from the row</legend>
      {needed && <p className={styles.hint}>{needed}</p>}
      {capability.inputs.map((input) => (
        <GivenValue key={input.name} label={input.label} text={textOf(value[input.name])} onChange={(text) => put(input.name, text)} />
      ))}
    </fieldset>
  );
}

function neededWords(capability: Capability): string | null {
  const label = (name: string) => capability.inputs.find((input) => input.name === name)?.label ?? words(name);
  if (capability.needs.length === 0) return null;
  return `Needs ${capability.needs.map((group) => group.map(label).join(" and ")).join(", or ")}.`;
}

function Outputs({ capability, value, onChange }: { capability: Capability; value: JsonObject; onChange: (value: JsonObject) => void }) {
  const names = capability.outputs.map((output) => (typeof output === "string" ? { name: output, label: words(output) } : output));
  const outputs = asObject(value.outputs) ?? {};
  if (names.length === 0) return null;
  return (
    <>
      <SelectField label="Value of the cell" value={textOf(value.output)} onChange={(output) => onChange({ ...value, output })} placeholder="The usual one" options={names.map((each) => ({ value: each.name, label: each.label }))} />
      <fieldset className={styles.checks}>
        <legend>Also as columns of their own</legend>
        {names.map((each) => (
          <CheckboxField
            key={each.name}
            label={each.label}
            isOn={each.name in outputs}
            onChange={(isOn) => {
              const { [each.name]: _, ...rest } = outputs;
              onChange({ ...value, outputs: isOn ? { ...rest, [each.name]: each.name } : rest });
            }}
          />
        ))}
      </fieldset>
    </>
  );
}

function priceOf(capability: Capability): string {
  return capability.price_micro_usd === 0 ? "" : ` · ${money(capability.price_micro_usd)}`;
}
