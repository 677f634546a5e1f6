// What an AI column asks with: its own text, or a prompt of the registry whose variables the row fills.
import { useQuery } from "@tanstack/react-query";
import { ListPlus } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { inUseQuery, promptsQuery } from "../../../api/promptQueries";
import type { PromptBrief, Version } from "../../../api/promptTypes";
import type { JsonObject } from "../../../api/types";
import { fittingInputs } from "../../../columns/answer";
import { LinkTo } from "../../../frame/LinkTo";
import { paths } from "../../../frame/paths";
import { Button } from "../../../shared/Button";
import { CodeBlock } from "../../../shared/CodeBlock";
import { SelectField } from "../../../shared/Field";
import { words } from "../../../shared/format";
import { Loaded, SkeletonRows } from "../../../shared/Placeholder";
import { Segments } from "../../../shared/Tabs";
import { variablesOf } from "../../../shared/templateText";
import { GivenValue } from "./GivenValue";
import { PromptEditor } from "./PromptEditor";
import { outputFieldsOf } from "./promptOutputs";
import { asObject, textOf } from "./schema";
import { useSurroundings } from "./surroundings";
import styles from "./ColumnForm.module.css";

/** The settings that this part draws. */
export const PROMPT_SETTINGS = ["prompt", "prompt_key", "prompt_label", "variables"];

const PRODUCTION = "production";
const LATEST = "latest";
const NOTHING: JsonObject = { prompt: "", prompt_key: "", prompt_label: PRODUCTION, variables: {} };

interface Props {
  value: JsonObject;
  onChange: (value: JsonObject) => void;
}

export function PromptFields({ value, onChange }: Props) {
  const [isOwn, setIsOwn] = useState(textOf(value.prompt_key) === "");
  // What was set on the other side waits there, so that looking at both loses nothing.
  const other = useRef<JsonObject>(NOTHING);
  function turn(next: boolean) {
    if (next === isOwn) return;
    const before = Object.fromEntries(PROMPT_SETTINGS.map((name) => [name, value[name] ?? NOTHING[name]!]));
    setIsOwn(next);
    onChange({ ...value, ...other.current });
    other.current = before;
  }
  return (
    <>
      <div>
        <Segments
          name="Where the prompt is written"
          value={isOwn ? "own" : "registry"}
          options={[{ value: "own", label: "Written here" }, { value: "registry", label: "From Prompts" }]}
          onChange={(next) => turn(next === "own")}
        />
      </div>
      {isOwn ? <OwnPrompt value={textOf(value.prompt)} onChange={(prompt) => onChange({ ...value, prompt })} /> : <Chosen value={value} onChange={onChange} />}
    </>
  );
}

function OwnPrompt({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { fields } = useSurroundings();
  return <PromptEditor label="Prompt" rows={8} value={value} onChange={onChange} fields={fields} isMono placeholder={"Does {{Company}} ship physical goods?"} hint="Type {{ or / to insert a column. Values are passed as data, never as instructions." />;
}

function Chosen({ value, onChange }: Props) {
  const list = useQuery(promptsQuery(false));
  return (
    <Loaded query={list} doing="load the prompts" size="panel" skeleton={<SkeletonRows rows={2} height={40} />}>
      {({ data }) => <Choice prompts={data.filter((each) => !each.is_fragment)} value={value} onChange={onChange} />}
    </Loaded>
  );
}

function Choice({ prompts, value, onChange }: Props & { prompts: PromptBrief[] }) {
  const { table } = useSurroundings();
  const key = textOf(value.prompt_key);
  const label = textOf(value.prompt_label) || PRODUCTION;
  const prompt = prompts.find((each) => each.key === key);
  const stages = [...new Set(prompts.map((each) => each.stage))];
  const labels = prompt?.labels.filter((each) => each.name !== LATEST) ?? [];
  const pointsNowhere = prompt !== undefined && label !== LATEST && !labels.some((each) => each.name === label);
  return (
    <>
      <SelectField
        label="Prompt"
        value={key}
        onChange={(next) => onChange({ ...value, prompt_key: next, prompt_label: usualLabel(prompts, next), variables: {} })}
        placeholder="Choose a prompt"
        hint={prompt?.description}
        error={key && !prompt ? "This prompt is not among the account's any more. Choose another." : null}
        options={[...(key && !prompt ? [{ value: key, label: key }] : []), ...stages.map((stage) => ({ group: words(stage), options: prompts.filter((each) => each.stage === stage).map((each) => ({ value: each.key, label: each.name })) }))]}
      />
      {prompt && (
        <>
          <SelectField
            label="Version"
            value={label}
            onChange={(next) => onChange({ ...value, prompt_label: next })}
            hint="The column asks with whatever version the label points to when it runs."
            error={pointsNowhere ? `“${label}” points to no version of this prompt. Choose another label.` : null}
            options={[
              ...(pointsNowhere ? [{ value: label, label }] : []),
              ...labels.map((each) => ({ value: each.name, label: `${words(each.name)} · version ${each.number}` })),
              { value: LATEST, label: `Latest · version ${prompt.current_version}` },
            ]}
          />
          {!pointsNowhere && <InUse key={`${key} ${label}`} promptKey={key} label={label} value={value} onChange={onChange} />}
          <p className={styles.hint}><LinkTo to={paths.prompt(table.client_id, key)} className="link">Open this prompt</LinkTo> to change it or try it on its own.</p>
        </>
      )}
    </>
  );
}

function InUse({ promptKey, label, ...form }: Props & { promptKey: string; label: string }) {
  const version = useQuery(inUseQuery(promptKey, label));
  return (
    <Loaded query={version} doing="load this version" size="panel" skeleton={<SkeletonRows rows={3} height={40} />}>
      {(found) => <Variables {...form} version={found} />}
    </Loaded>
  );
}

function Variables({ version, value, onChange }: Props & { version: Version }) {
  const { fields } = useSurroundings();
  const inputs = inputsOf(version);
  const given = asObject(value.variables) ?? {};
  const outputs = outputFieldsOf(version.config.output_schema as JsonObject | null);
  const put = (name: string, text: string) => {
    const { [name]: _, ...rest } = given;
    onChange({ ...value, variables: text === "" ? rest : { ...rest, [name]: text } });
  };

  // Once for each version shown: columns of the same names are taken, and what this version does not know goes.
  useEffect(() => {
    const known = Object.fromEntries(Object.entries(given).filter(([name]) => inputs.some((each) => each.name === name)));
    const first = Object.keys(given).length === 0 ? fittingInputs(inputs, fields.map((field) => field.name)) : known;
    if (JSON.stringify(first) !== JSON.stringify(given)) onChange({ ...value, variables: first });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- what a person chooses afterwards stays as they chose it
  }, []);

  return (
    <>
      <fieldset className={styles.inputs}>
        <legend>Given from the row</legend>
        {inputs.length === 0 && <p className={styles.hint}>This version takes no variables, so it says the same in every row.</p>}
        {inputs.map((each) => (
          <GivenValue key={each.name} label={each.name} text={textOf(given[each.name])} onChange={(text) => put(each.name, text)} hint={each.description || undefined} isOptional={!each.is_required} />
        ))}
      </fieldset>
      <details className={styles.more}>
        <summary>Text of version {version.number}</summary>
        <CodeBlock value={version.text} label="As saved" maxHeight={260} />
      </details>
      <p className={styles.hint}>Asks {version.config.model || "the client's model"}, unless you choose another below.</p>
      {outputs.length > 0 && (
        <div>
          <Button size="small" icon={ListPlus} onClick={() => onChange({ ...value, output_fields: outputs })}>Take the outputs this prompt returns</Button>
        </div>
      )}
    </>
  );
}

/** What a version takes: its own list, or every variable its text names when it lists none. */
function inputsOf(version: Version): { name: string; description: string; is_required: boolean }[] {
  if (version.inputs.length > 0) return version.inputs;
  return variablesOf(version.text).map((name) => ({ name, description: "", is_required: true }));
}

function usualLabel(prompts: PromptBrief[], key: string): string {
  return prompts.find((each) => each.key === key)?.labels.some((each) => each.name === PRODUCTION) ? PRODUCTION : LATEST;
}
