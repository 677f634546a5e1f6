// The prompts of the account grouped by stage, with search, files in and out, and new ones.
import type { UseQueryResult } from "@tanstack/react-query";
import { Archive, Download, Ellipsis, FileUp, Plus } from "lucide-react";
import { useState } from "react";
import type { PromptBrief } from "../../api/promptTypes";
import type { Page } from "../../api/types";
import { LinkTo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { useUrlState } from "../../frame/urlState";
import { useKeys } from "../../frame/keys";
import { Button } from "../../shared/Button";
import { download } from "../../shared/download";
import { SearchField } from "../../shared/Field";
import { words } from "../../shared/format";
import { Menu } from "../../shared/Menu";
import { EmptyState, Loaded, SkeletonRows } from "../../shared/Placeholder";
import { Archived } from "./Archived";
import { ImportPrompts } from "./ImportPrompts";
import { NewPrompt } from "./NewPrompt";
import styles from "./Prompts.module.css";

interface Props {
  clientId: string;
  chosen: string | null;
  query: UseQueryResult<Page<PromptBrief>>;
}

const SEARCH_ID = "search-prompts";

export function PromptList({ clientId, chosen, query }: Props) {
  const [search, setSearch] = useState("");
  const [opened, setOpened] = useUrlState("do");
  const mayWrite = useMay("prompts.write");
  useKeys({ "/": () => document.getElementById(SEARCH_ID)?.focus() });
  const write = [
    { label: "New prompt", icon: Plus, onSelect: () => setOpened("new") },
    { label: "Import files", icon: FileUp, onSelect: () => setOpened("import") },
  ];
  const read = [
    { label: "Export all as files", icon: Download, onSelect: () => download("/v2/prompt-files.zip") },
    { label: "Export what production uses", icon: Download, onSelect: () => download("/v2/prompt-files.zip?label=production") },
    { label: "Archived prompts", icon: Archive, onSelect: () => setOpened("archived") },
  ];
  return (
    <nav className={styles.list} aria-label="Prompts">
      <div className={styles.tools}>
        <SearchField id={SEARCH_ID} name="Search prompts" placeholder="Search" width={188} value={search} onChange={setSearch} />
        <Menu
          trigger={<Button look="quiet" icon={Ellipsis} aria-label="New, import and export" />}
          groups={[{ actions: mayWrite ? write : [] }, { actions: read }]}
        />
      </div>
      <div className={styles.scroll}>
        <Loaded query={query} doing="load the prompts" size="panel" skeleton={<SkeletonRows rows={12} height={32} />}>
          {({ data }) => <Groups clientId={clientId} chosen={chosen} prompts={data} search={search.trim().toLowerCase()} />}
        </Loaded>
      </div>
      {opened === "new" && <NewPrompt clientId={clientId} stages={[...new Set(query.data?.data.map((each) => each.stage))]} onClose={() => setOpened("")} />}
      {opened === "import" && <ImportPrompts clientId={clientId} onClose={() => setOpened("")} />}
      {opened === "archived" && <Archived clientId={clientId} onClose={() => setOpened("")} />}
    </nav>
  );
}

function Groups({ clientId, chosen, prompts, search }: { clientId: string; chosen: string | null; prompts: PromptBrief[]; search: string }) {
  const found = prompts.filter((each) => `${each.name} ${each.key} ${each.stage}`.toLowerCase().includes(search));
  if (prompts.length === 0) return <EmptyState size="panel" title="No prompts">Import files, or make the first one.</EmptyState>;
  if (found.length === 0) return <p className={styles.none}>No prompt is called “{search}”.</p>;
  // In the order of the pipeline, which is that of the last step of each stage; parts of others come last.
  const place = (stage: string) => (stage === "" ? Infinity : Math.max(...prompts.filter((each) => each.stage === stage && !each.is_fragment).map((each) => each.position)));
  const stages = [...new Set(found.map((each) => (each.is_fragment ? "" : each.stage)))].sort((a, b) => place(a) - place(b));
  return stages.map((stage) => (
    <section key={stage}>
      <h2 className={styles.stage}>{stage === "" ? "Shared parts" : words(stage.toLowerCase())}</h2>
      <ul>
        {found
          .filter((each) => (each.is_fragment ? "" : each.stage) === stage)
          .map((each) => (
            <li key={each.id}>
              <LinkTo to={paths.prompt(clientId, each.key)} className={styles.entry} data-list-item="" aria-current={each.key === chosen || each.id === chosen ? "page" : undefined}>
                <span className="clip" ref={each.key === chosen ? intoView : undefined}>{each.name}</span>
                <VersionOf prompt={each} />
              </LinkTo>
            </li>
          ))}
      </ul>
    </section>
  ));
}

/** Keeps the chosen prompt in sight of a list that is longer than the screen. */
function intoView(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: "nearest" });
}

/** The newest version, and the one in production where that is another. */
function VersionOf({ prompt }: { prompt: PromptBrief }) {
  const production = prompt.labels.find((label) => label.name === "production");
  const isBehind = production && production.number !== prompt.current_version;
  return (
    <span className={styles.version} title={isBehind ? `The newest is version ${prompt.current_version}; production uses version ${production.number}.` : undefined}>
      {isBehind && <i>v{production.number} →</i>} v{prompt.current_version}
    </span>
  );
}
