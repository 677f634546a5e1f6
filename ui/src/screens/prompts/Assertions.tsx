// What a good output is: the set every evaluation judges by, and the gate of protected labels with it.
import { useMutation, useQuery } from "@tanstack/react-query";
import { ListChecks, Plus, Save } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import { assertionKindsQuery, assertionsQuery, promptAddress, promptChanged } from "../../api/promptQueries";
import type { Assertion, AssertionKind, AssertionSet, Prompt } from "../../api/promptTypes";
import type { Json } from "../../api/types";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { Menu } from "../../shared/Menu";
import { Notice, Panel } from "../../shared/Panel";
import { EmptyState, InlineError, Loaded } from "../../shared/Placeholder";
import { toast } from "../../shared/Toast";
import { AssertionForm } from "./AssertionForm";
import { plainly } from "./assertionTitle";
import styles from "./Assertions.module.css";

export function Assertions({ prompt }: { prompt: Prompt }) {
  const kinds = useQuery(assertionKindsQuery);
  const saved = useQuery(assertionsQuery(prompt.key));
  return (
    <Loaded query={kinds} doing="load the kinds of assertions" size="panel">
      {({ data }) => (
        <Loaded query={saved} doing="load the assertions" size="panel">
          {(set) => <Editor key={set.revision} prompt={prompt} kinds={data} saved={set} />}
        </Loaded>
      )}
    </Loaded>
  );
}

function Editor({ prompt, kinds, saved }: { prompt: Prompt; kinds: AssertionKind[]; saved: AssertionSet }) {
  const [set, setSet] = useState<Assertion[]>(saved.assertions);
  const mayWrite = useMay("prompts.write");
  const isDirty = JSON.stringify(set) !== JSON.stringify(saved.assertions);
  const save = useMutation({
    mutationFn: () => api.put<AssertionSet>(`${promptAddress(prompt.key)}/assertions`, { assertions: set }),
    onSuccess: (kept) => {
      promptChanged(prompt.key);
      toast({ tone: "done", title: `Saved as revision ${kept.revision}`, body: "Versions must pass it anew before a protected label moves to them." });
    },
  });
  const add = mayWrite && (
    <Menu
      minWidth={380}
      trigger={<Button icon={Plus}>Add assertion</Button>}
      groups={[{ actions: kinds.map((kind) => ({ label: kind.label, detail: plainly(kind.summary.split(/[.;]/)[0] ?? ""), aside: kind.asks_llm ? "asks a model" : undefined, onSelect: () => setSet([...set, { kind: kind.kind, settings: initial(kind) }]) })) }]}
    />
  );
  return (
    <Panel
      title="Assertions"
      hint={saved.revision === 0 ? "Nobody has said yet what a good output is." : `Revision ${saved.revision}. Every experiment judges by these; a protected label moves only to a version that passes them all.`}
      actions={
        <>
          {isDirty && (
            <Button look="quiet" onClick={() => setSet(saved.assertions)}>
              Discard
            </Button>
          )}
          {set.length > 0 && add}
          {(isDirty || save.isPending) && (
            <Button look="primary" icon={Save} isBusy={save.isPending} onClick={() => save.mutate()}>
              Save assertions
            </Button>
          )}
        </>
      }
    >
      {set.length === 0 ? (
        <EmptyState size="panel" icon={ListChecks} title="No assertions" action={add}>
          Say what a good output has: a shape, a word, a pattern, a price, quotes that stand in the source. Without any, nothing shows that a version works, and protected labels stay where they are.
        </EmptyState>
      ) : (
        <ol className={styles.set}>
          {set.map((assertion, index) => (
            <AssertionForm
              key={index}
              assertion={assertion}
              kind={kinds.find((each) => each.kind === assertion.kind)}
              isReadOnly={!mayWrite}
              onChange={(settings) => setSet(set.map((each, at) => (at === index ? { ...each, settings } : each)))}
              onRemove={() => setSet(set.filter((_, at) => at !== index))}
            />
          ))}
        </ol>
      )}
      {save.error && (
        <Notice tone="failed">
          <InlineError error={save.error} />
        </Notice>
      )}
    </Panel>
  );
}

// Ten seconds, or one cent.
const FIRST_LIMIT = 10_000;

/** The settings a new assertion of the kind begins with: what must be given, empty. */
function initial(kind: AssertionKind): Record<string, Json> {
  const { properties = {}, required = [] } = kind.settings_schema;
  return Object.fromEntries(required.map((name): [string, Json] => {
    const type = properties[name]?.type;
    return [name, type === "integer" || type === "number" ? FIRST_LIMIT : ""];
  }));
}
