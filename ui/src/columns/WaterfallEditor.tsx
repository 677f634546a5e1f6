// A waterfall: sources in order until one gives a valid answer.
import { ArrowDown, ArrowUp, Plus, X } from "lucide-react";
import type { AnswerColumn, Json } from "../api/types";
import { Button } from "../shared/Button";
import { Labelled, SelectField, SwitchField } from "../shared/Field";
import { unitPrice } from "../shared/format";
import { Menu } from "../shared/Menu";
import type { EditorProps } from "./AiEditor";
import { capabilityOf, fittingInputs, providersFor, stepsOf, validatorOf, type WaterfallStep } from "./answer";
import { InputsFields } from "./InputsFields";
import styles from "./columns.module.css";

export function WaterfallEditor({ column, names, catalog, onChange }: EditorProps) {
  const steps = stepsOf(column);
  const capability = steps[0]?.capability ?? "find_email";
  const set = (part: AnswerColumn["settings"]) => onChange({ settings: { ...column.settings, ...part } });
  const setSteps = (next: WaterfallStep[]) => set({ steps: next as unknown as Json });
  const sources = providersFor(capability, catalog);
  const left = sources.filter((source) => !steps.some((step) => step.provider === source.key));
  const checkers = providersFor("verify_email", catalog);
  const validator = validatorOf(column);
  // The questions of all sources together: one place says which column answers which.
  const asked = [...new Map(steps.flatMap((step) => capabilityOf(sources.find((each) => each.key === step.provider), capability)?.inputs ?? []).map((input) => [input.name, input])).values()];
  const inputs = Object.assign({}, ...steps.map((step) => step.inputs)) as Record<string, string>;
  function setInput(name: string, reference: string) {
    setSteps(
      steps.map((step) => {
        const takes = capabilityOf(sources.find((each) => each.key === step.provider), capability)?.inputs.some((input) => input.name === name);
        if (!takes) return step;
        const { [name]: _gone, ...rest } = step.inputs;
        return { ...step, inputs: reference ? { ...rest, [name]: reference } : rest };
      }),
    );
  }
  const move = (from: number, to: number) => {
    const next = [...steps];
    next.splice(to, 0, ...next.splice(from, 1));
    setSteps(next);
  };
  return (
    <>
      <InputsFields inputs={asked} values={inputs} names={names} onChange={setInput} />
      <Labelled label="Sources, in order" hint="Each next one is asked only for rows the ones before had no valid answer for.">
        <ol className={styles.ordered}>
          {steps.map((step, index) => {
            const source = sources.find((each) => each.key === step.provider);
            const price = capabilityOf(source, capability)?.price_micro_usd ?? 0;
            return (
              <li key={step.provider}>
                <span className={styles.place}>{index + 1}</span>
                <b>{source?.label ?? step.provider}</b>
                <span className="muted">{source?.is_local ? "local, free" : `${unitPrice(price)} a row`}</span>
                {source && !source.is_local && !source.has_key && <span className="faint">no key</span>}
                <span className={styles.acts}>
                  <Button look="quiet" size="small" icon={ArrowUp} aria-label={`${source?.label} earlier`} disabled={index === 0} onClick={() => move(index, index - 1)} />
                  <Button look="quiet" size="small" icon={ArrowDown} aria-label={`${source?.label} later`} disabled={index === steps.length - 1} onClick={() => move(index, index + 1)} />
                  <Button look="quiet" size="small" icon={X} aria-label={`Leave out ${source?.label}`} disabled={steps.length === 1} onClick={() => setSteps(steps.filter((_, at) => at !== index))} />
                </span>
              </li>
            );
          })}
        </ol>
      </Labelled>
      {left.length > 0 && (
        <div>
          <Menu
            align="start"
            trigger={
              <Button size="small" icon={Plus}>
                Add source
              </Button>
            }
            groups={[
              {
                actions: left.map((source) => ({
                  label: source.label,
                  detail: source.summary,
                  aside: source.is_local ? "free" : unitPrice(capabilityOf(source, capability)?.price_micro_usd ?? 0),
                  onSelect: () => setSteps([...steps, { provider: source.key, capability, inputs: { ...fittingInputs(capabilityOf(source, capability)?.inputs ?? [], names), ...only(inputs, capabilityOf(source, capability)?.inputs ?? []) } }]),
                })),
              },
            ]}
          />
        </div>
      )}
      {capability === "find_email" && (
        <div className={styles.pair}>
          <SelectField
            label="Check each address with"
            value={validator}
            onChange={(provider) => set({ validator: provider ? { provider, capability: "verify_email" } : null })}
            placeholder="No check"
            options={checkers.map((each) => ({ value: each.key, label: `${each.label}, ${each.is_local ? "free" : unitPrice(capabilityOf(each, "verify_email")?.price_micro_usd ?? 0)}` }))}
            hint="An address that does not pass is not taken, and the next source is asked."
          />
          {validator && (
            <Labelled label="Catch-all domains">
              <SwitchField label="Accept" hint="Their servers take any address, so a check proves little." isOn={column.settings?.accept_catch_all === true} onChange={(isOn) => set({ accept_catch_all: isOn })} />
            </Labelled>
          )}
        </div>
      )}
    </>
  );
}

function only(values: Record<string, string>, inputs: { name: string }[]): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => inputs.some((input) => input.name === name)));
}
