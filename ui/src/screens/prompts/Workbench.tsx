// One prompt: its text and settings with the last run beneath, its versions, fixtures, assertions, experiments and labels.
import { useQuery } from "@tanstack/react-query";
import { Archive, Download, Ellipsis } from "lucide-react";
import { api } from "../../api/client";
import { assertionsQuery, experimentsQuery, fixturesQuery, movesQuery, promptAddress, promptChanged, promptQuery } from "../../api/promptQueries";
import type { Prompt } from "../../api/promptTypes";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { words } from "../../shared/format";
import { Menu } from "../../shared/Menu";
import { Page } from "../../shared/Panel";
import { PageSkeleton } from "../../shared/PageSkeleton";
import { Loaded } from "../../shared/Placeholder";
import { Tabs } from "../../shared/Tabs";
import { toast, toastError } from "../../shared/Toast";
import { Assertions } from "./Assertions";
import { EditTab } from "./EditTab";
import { Experiments } from "./Experiments";
import { Fixtures } from "./Fixtures";
import { Labels } from "./Labels";
import { LabelChips } from "./LabelChips";
import { saveText } from "./saveText";
import { Versions } from "./Versions";

export function Workbench({ clientId, promptKey }: { clientId: string; promptKey: string }) {
  const query = useQuery(promptQuery(promptKey));
  return (
    <Loaded query={query} doing="open this prompt" skeleton={<PageSkeleton />}>
      {(prompt) => <Opened clientId={clientId} prompt={prompt} />}
    </Loaded>
  );
}

function Opened({ clientId, prompt }: { clientId: string; prompt: Prompt }) {
  const [tab, setTab] = useUrlState("tab", "edit");
  const fixtures = useQuery(fixturesQuery(prompt.key));
  const assertions = useQuery(assertionsQuery(prompt.key));
  const experiments = useQuery(experimentsQuery(prompt.key));
  const moves = useQuery(movesQuery(prompt.key));
  const waiting = moves.data?.data.filter((each) => each.state === "waiting").length;
  const tabs = [
    { value: "edit", label: "Edit and try", content: <EditTab clientId={clientId} prompt={prompt} /> },
    { value: "versions", label: "Versions", count: prompt.versions.length, content: <Versions prompt={prompt} /> },
    { value: "fixtures", label: "Fixtures", count: fixtures.data?.data.length, content: <Fixtures prompt={prompt} /> },
    { value: "assertions", label: "Assertions", count: assertions.data?.assertions.length, content: <Assertions prompt={prompt} /> },
    { value: "experiments", label: "Experiments", count: experiments.data?.data.filter((each) => each.kind !== "test").length, content: <Experiments clientId={clientId} prompt={prompt} /> },
    { value: "labels", label: "Labels", count: waiting || undefined, content: <Labels clientId={clientId} prompt={prompt} /> },
  ];
  return (
    <Page title={prompt.name} subtitle={<Subtitle prompt={prompt} />} actions={<Actions clientId={clientId} prompt={prompt} />} width="full">
      <Tabs tabs={tabs} value={tabs.some((each) => each.value === tab) ? tab : "edit"} onChange={setTab} />
    </Page>
  );
}

function Subtitle({ prompt }: { prompt: Prompt }) {
  return (
    <>
      <span>
        <code>{prompt.key}</code>
      </span>
      <span>{prompt.is_fragment ? "Part of other prompts" : words(prompt.stage.toLowerCase())}</span>
      {prompt.step && <span>step {prompt.step}</span>}
      <LabelChips labels={prompt.labels} latest={prompt.current_version} />
      {prompt.description && <span>{prompt.description}</span>}
    </>
  );
}

function Actions({ clientId, prompt }: { clientId: string; prompt: Prompt }) {
  const go = useGo();
  const mayWrite = useMay("prompts.write");
  async function exportFile() {
    try {
      const { files } = await api.get<{ files: Record<string, string> }>(`${promptAddress(prompt.key)}/file`);
      for (const [name, text] of Object.entries(files)) saveText(name, text);
    } catch (error) {
      toastError("export the prompt", error);
    }
  }
  async function archive() {
    try {
      await api.patch(promptAddress(prompt.key), { is_active: false });
      promptChanged(prompt.key);
      toast({ tone: "done", title: `${prompt.name} is archived`, body: "What names it by key still finds it. Bring it back under Archived prompts." });
      go(paths.prompts(clientId));
    } catch (error) {
      toastError("archive the prompt", error);
    }
  }
  const away = { label: "Archive", icon: Archive, onSelect: () => void archive() };
  return (
    <Menu
      trigger={<Button look="quiet" icon={Ellipsis} aria-label="More for this prompt" />}
      groups={[{ actions: [{ label: "Export as a file", icon: Download, onSelect: () => void exportFile() }] }, { actions: mayWrite && prompt.is_active ? [away] : [] }]}
    />
  );
}
