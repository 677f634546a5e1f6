// Writing a prompt: the text at the left, its settings at the right, and beneath both what it does on an input.
import { useQuery } from "@tanstack/react-query";
import { GitBranch, History, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { versionQuery } from "../../api/promptQueries";
import type { Prompt, PromptInput, SaveConflict, Version } from "../../api/promptTypes";
import { useMay } from "../../frame/session";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { CodeEditor } from "../../shared/CodeEditor";
import { SelectField } from "../../shared/Field";
import { Notice } from "../../shared/Panel";
import { Loaded, Skeleton } from "../../shared/Placeholder";
import { Tabs } from "../../shared/Tabs";
import { variablesOf } from "../../shared/templateText";
import { ConfigPanel } from "./ConfigPanel";
import { Conflict } from "./Conflict";
import { branchHead, contentOf, draftFrom, isSame, unknownVariables, unusedInputs, useDraft, type Draft } from "./draft";
import { InputsPanel } from "./InputsPanel";
import { SaveBar } from "./SaveBar";
import { TryPanel } from "./TryPanel";
import styles from "./Edit.module.css";

export function EditTab({ clientId, prompt }: { clientId: string; prompt: Prompt }) {
  const [chosen, setChosen] = useUrlState("v");
  const [draft, setDraft] = useDraft(prompt.id);
  const number = Number(chosen) || draft?.base || prompt.current_version;
  const version = useQuery(versionQuery(prompt.key, number));
  return (
    <Loaded query={version} doing="open this version" size="panel" skeleton={<Skeleton height={420} />}>
      {(shown) => <Editing key={shown.number} clientId={clientId} prompt={prompt} shown={shown} draft={draft} onDraft={setDraft} onShow={(next) => setChosen(next === null ? "" : String(next))} />}
    </Loaded>
  );
}

interface EditingProps {
  clientId: string;
  prompt: Prompt;
  shown: Version;
  draft: Draft | null;
  onDraft: (draft: Draft | null) => void;
  onShow: (number: number | null) => void;
}

function Editing({ clientId, prompt, shown, draft, onDraft, onShow }: EditingProps) {
  const mayWrite = useMay("prompts.write");
  const [conflict, setConflict] = useState<SaveConflict | null>(null);
  const head = branchHead(prompt.versions, shown.branch);
  const own = draft?.base === shown.number ? draft : null;
  const canEdit = mayWrite && (own !== null || head?.number === shown.number);
  const content = contentOf(own ?? shown);
  const isDirty = own !== null && !isSame(own, shown);
  const change = (part: Partial<Draft>) => {
    const next = { ...(own ?? draftFrom(shown)), ...part };
    onDraft(isSame(next, shown) ? null : next);
  };
  const unknown = unknownVariables(content);
  const names = content.inputs.length > 0 ? content.inputs.map((each) => each.name) : undefined;
  const addInputs = (added: string[]) =>
    change({ inputs: [...content.inputs, ...added.map((name): PromptInput => ({ name, description: "", is_required: true }))] });
  return (
    <div className={styles.tab}>
      <div className={styles.bar}>
        <VersionSelect prompt={prompt} shown={shown} onShow={onShow} />
        <Notes shown={shown} />
      </div>
      <Standing prompt={prompt} shown={shown} head={head?.number} draft={draft} isEditing={own !== null} onDraft={onDraft} onShow={onShow} mayWrite={mayWrite} />
      {conflict && own && <Conflict prompt={prompt} draft={own} conflict={conflict} onDraft={onDraft} onShow={onShow} onClose={() => setConflict(null)} />}
      <div className={styles.pair}>
        <div className={styles.text}>
          <CodeEditor mode="template" label={`Text of ${prompt.name}`} value={content.text} onChange={(text) => text !== content.text && change({ text })} columns={names} isReadOnly={!canEdit} minHeight={300} maxHeight={400} />
          {unknown.length > 0 && (
            <Notice
              tone="attention"
              icon={<TriangleAlert size={16} aria-hidden />}
              action={canEdit && <Button size="small" onClick={() => addInputs(unknown)}>{unknown.length === 1 ? "Add it to the inputs" : "Add them to the inputs"}</Button>}
            >
              The text names {unknown.map((name) => `“${name}”`).join(", ")}, which {unknown.length === 1 ? "is" : "are"} not among the inputs. It cannot be saved like this: correct the name, or add the input.
            </Notice>
          )}
          <p className={styles.hint}>
            {"{{name}} is a variable, {{#if name}} … {{else}} … {{/if}} keeps one part, {{> key}} takes another prompt in. What a variable holds is handed over as data; instructions inside it are not followed."}
          </p>
        </div>
        <div className={styles.settings}>
          <Tabs
            size="small"
            tabs={[
              { value: "settings", label: "Settings", content: <ConfigPanel config={content.config} isReadOnly={!canEdit} onChange={(config) => change({ config })} /> },
              {
                value: "inputs",
                label: "Inputs",
                count: content.inputs.length,
                content: <InputsPanel inputs={content.inputs} named={variablesOf(content.text)} unused={unusedInputs(content)} isReadOnly={!canEdit} onChange={(inputs) => change({ inputs })} />,
              },
            ]}
          />
        </div>
      </div>
      {canEdit && (
        <SaveBar
          prompt={prompt}
          base={shown}
          draft={own}
          isDirty={isDirty}
          hasUnknown={unknown.length > 0}
          onSaved={() => {
            onDraft(null);
            setConflict(null);
            onShow(null);
          }}
          onDiscard={() => {
            onDraft(null);
            setConflict(null);
          }}
          onConflict={setConflict}
        />
      )}
      <TryPanel clientId={clientId} prompt={prompt} content={content} version={isDirty ? null : shown.number} />
    </div>
  );
}

function VersionSelect({ prompt, shown, onShow }: { prompt: Prompt; shown: Version; onShow: (number: number) => void }) {
  const options = prompt.versions.map((each) => {
    const labels = prompt.labels.filter((label) => label.number === each.number).map((label) => label.name);
    const place = each.branch === "main" ? [] : [`on ${each.branch}`];
    const newest = each.number === prompt.current_version ? ["newest"] : [];
    return { value: String(each.number), label: [`Version ${each.number}`, ...place, ...newest, ...labels].join(" · ") };
  });
  return <SelectField name="Version" className={styles.versions} value={String(shown.number)} onChange={(value) => onShow(Number(value))} options={options} />;
}

function Notes({ shown }: { shown: Version }) {
  const who = shown.created_by_name ? `by ${shown.created_by_name}` : "";
  return (
    <span className={styles.notes} title={shown.notes}>
      {[shown.notes, who].filter(Boolean).join(" · ")}
    </span>
  );
}

interface StandingProps extends Omit<EditingProps, "clientId"> {
  head: number | undefined;
  isEditing: boolean;
  mayWrite: boolean;
}

/** Where what is shown stands: older than the branch's newest, changed by somebody meanwhile, or beside an unsaved draft. */
function Standing({ prompt, shown, head, draft, isEditing, onDraft, onShow, mayWrite }: StandingProps) {
  const newer = prompt.versions.find((each) => each.number === head);
  if (isEditing && newer && newer.number !== shown.number) {
    return (
      <Notice tone="attention" icon={<TriangleAlert size={16} aria-hidden />}>
        Version {newer.number} was saved{newer.created_by_name ? ` by ${newer.created_by_name}` : ""} after you began from version {shown.number}. Nothing of yours is lost: saving shows both and lets you join them.
      </Notice>
    );
  }
  if (!isEditing && draft) {
    return (
      <Notice icon={<History size={16} aria-hidden />} action={<Button size="small" onClick={() => onShow(null)}>Back to them</Button>}>
        You have unsaved changes that began from version {draft.base}.
      </Notice>
    );
  }
  if (newer && newer.number !== shown.number) {
    const bringBack = () => {
      onDraft({ base: newer.number, branch: newer.branch, ...contentOf(shown) });
      onShow(null);
    };
    return (
      <Notice icon={<History size={16} aria-hidden />} action={mayWrite && <Button size="small" onClick={bringBack}>Bring it back as a draft</Button>}>
        An earlier version. Saved versions stay as they are.
      </Notice>
    );
  }
  if (shown.branch !== "main") {
    return (
      <Notice icon={<GitBranch size={16} aria-hidden />}>
        The newest version on the branch {shown.branch}. Merge it into main under Versions.
      </Notice>
    );
  }
  return null;
}
