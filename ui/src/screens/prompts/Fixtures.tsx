// Inputs kept for testing: seen, written by hand, and forgotten.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Bookmark, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import { fixturesQuery, promptAddress, promptChanged } from "../../api/promptQueries";
import type { Fixture, Prompt, Variables } from "../../api/promptTypes";
import { useMay } from "../../frame/session";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { ConfirmDialog, Drawer } from "../../shared/Dialog";
import { counted } from "../../shared/format";
import { Panel } from "../../shared/Panel";
import { EmptyState, Loaded } from "../../shared/Placeholder";
import { Table, type TableColumn } from "../../shared/Table";
import { Ago } from "../../shared/Time";
import { missingVariables } from "./draft";
import { Inputs } from "./Inputs";
import { NewInput } from "./NewInput";

export function Fixtures({ prompt }: { prompt: Prompt }) {
  const query = useQuery(fixturesQuery(prompt.key));
  const [shown, setShown] = useUrlState("fixture");
  const [isAdding, setIsAdding] = useState(false);
  const [forgotten, setForgotten] = useState<Fixture | null>(null);
  const mayWrite = useMay("prompts.write");
  const add = useMutation({
    mutationFn: ({ variables, name }: { variables: Variables; name: string }) => api.post(`${promptAddress(prompt.key)}/fixtures`, { name, variables }),
    onSuccess: () => {
      promptChanged(prompt.key);
      setIsAdding(false);
    },
  });
  async function forget(fixture: Fixture) {
    await api.delete(`/v2/fixtures/${fixture.id}`);
    promptChanged(prompt.key);
    setShown("");
  }
  const open = query.data?.data.find((each) => each.id === shown);
  const addButton = mayWrite && (
    <Button icon={Plus} onClick={() => setIsAdding(true)}>
      New fixture
    </Button>
  );
  return (
    <Panel title="Fixtures" hint="Inputs kept to try versions on. An experiment copies them when it begins." actions={query.data?.data.length ? addButton : undefined} isFlush>
      <Loaded query={query} doing="load the fixtures" size="panel">
        {({ data }) =>
          data.length === 0 ? (
            <EmptyState size="panel" icon={Bookmark} title="No input is kept yet" action={addButton}>
              Use “Save as fixture” beside a run’s input, or write one by hand. Two or three that went wrong are worth more than twenty that went well.
            </EmptyState>
          ) : (
            <Table label="Fixtures" rows={data} columns={columnsOf(prompt)} rowKey={(each) => each.id} onOpen={(each) => setShown(each.id)} isSelected={(each) => each.id === shown} />
          )
        }
      </Loaded>
      {open && (
        <Drawer
          isOpen
          onClose={() => setShown("")}
          title={open.name}
          subtitle={open.step_run_id ? "Captured from a run" : "Written by hand"}
          actions={mayWrite && <Button look="quiet" size="small" icon={Trash2} aria-label="Forget this fixture" onClick={() => setForgotten(open)} />}
        >
          <Inputs variables={open.variables} missing={missingVariables(prompt.current, open.variables)} />
        </Drawer>
      )}
      {isAdding && (
        <NewInput title="New fixture" content={prompt.current} initial={{}} confirm="Keep it" isNamed isBusy={add.isPending} error={add.error} onClose={() => setIsAdding(false)} onGive={(variables, name) => add.mutate({ variables, name })} />
      )}
      {forgotten && (
        <ConfirmDialog isOpen onClose={() => setForgotten(null)} title={`Forget “${forgotten.name}”?`} confirm="Forget it" look="danger" onConfirm={() => forget(forgotten)}>
          Experiments that used it keep their copy. New ones no longer try versions on it.
        </ConfirmDialog>
      )}
    </Panel>
  );
}

function columnsOf(prompt: Prompt): TableColumn<Fixture>[] {
  return [
    { key: "name", heading: "Name", cell: (each) => <b>{each.name}</b> },
    { key: "variables", heading: "Variables", width: 180, cell: (each) => <Counted prompt={prompt} fixture={each} /> },
    { key: "from", heading: "From", width: 140, cell: (each) => (each.step_run_id ? "a run" : "written by hand") },
    { key: "at", heading: "Kept", width: 120, cell: (each) => <Ago at={each.created_at} /> },
  ];
}

function Counted({ prompt, fixture }: { prompt: Prompt; fixture: Fixture }) {
  const missing = missingVariables(prompt.current, fixture.variables);
  if (missing.length > 0) return <span title={`The newest version also needs ${missing.join(", ")}.`}>lacks {missing.join(", ")}</span>;
  return counted(Object.keys(fixture.variables).length, "variable");
}
