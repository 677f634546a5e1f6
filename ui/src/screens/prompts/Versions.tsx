// Every version with its notes and author, two of them side by side, and branches with the way back into main.
import { useQuery } from "@tanstack/react-query";
import { ArrowLeftRight, PencilLine } from "lucide-react";
import { diffQuery } from "../../api/promptQueries";
import type { Prompt, VersionBrief } from "../../api/promptTypes";
import { useGo } from "../../frame/LinkTo";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { SelectField } from "../../shared/Field";
import { Panel } from "../../shared/Panel";
import { EmptyState, Loaded, Skeleton } from "../../shared/Placeholder";
import { Table, type TableColumn } from "../../shared/Table";
import { Ago } from "../../shared/Time";
import { DiffView } from "../../shared/DiffView";
import { branchHead } from "./draft";
import { LabelChip } from "./LabelChips";
import { MergeBranch } from "./MergeBranch";
import styles from "./Prompts.module.css";

export function Versions({ prompt }: { prompt: Prompt }) {
  const newest = prompt.versions[0];
  const [left, setLeft] = useUrlState("left", String(newest?.parent ?? newest?.number ?? 1));
  const [right, setRight] = useUrlState("right", String(newest?.number ?? 1));
  const branches = [...new Set(prompt.versions.map((each) => each.branch))].filter((each) => each !== "main");
  const open = branches.map((each) => branchHead(prompt.versions, each)).filter((head) => head !== undefined && !isMerged(prompt.versions, head));
  const compare = (version: VersionBrief) => {
    setRight(String(version.number));
    setLeft(String(version.parent ?? version.number));
  };
  return (
    <div className={styles.stack}>
      {open.map((head) => head && <MergeBranch key={head.branch} prompt={prompt} branch={head.branch} head={head.number} />)}
      <Compare prompt={prompt} left={Number(left)} right={Number(right)} onLeft={(value) => setLeft(value)} onRight={(value) => setRight(value)} />
      <Panel title="All versions" hint="A saved version never changes. Open one to see what it changed." isFlush>
        <Table label="Versions" rows={prompt.versions} columns={columnsOf(prompt)} rowKey={(each) => each.id} onOpen={compare} isSelected={(each) => each.number === Number(right)} />
      </Panel>
    </div>
  );
}

function isMerged(versions: VersionBrief[], head: VersionBrief): boolean {
  return versions.some((each) => each.merged === head.number || (each.parent === head.number && each.branch !== head.branch));
}

interface CompareProps {
  prompt: Prompt;
  left: number;
  right: number;
  onLeft: (value: string) => void;
  onRight: (value: string) => void;
}

function Compare({ prompt, left, right, onLeft, onRight }: CompareProps) {
  const query = useQuery({ ...diffQuery(prompt.key, left, right), enabled: left !== right });
  const options = prompt.versions.map((each) => ({ value: String(each.number), label: `Version ${each.number}${each.branch === "main" ? "" : `, ${each.branch}`}${each.notes ? `: ${each.notes}` : ""}` }));
  const swap = () => {
    onLeft(String(right));
    onRight(String(left));
  };
  return (
    <Panel
      title="Difference"
      actions={
        <>
          <SelectField name="Left version" className={styles.choice} value={String(left)} onChange={onLeft} options={options} />
          <Button look="quiet" icon={ArrowLeftRight} aria-label="Swap the sides" onClick={swap} />
          <SelectField name="Right version" className={styles.choice} value={String(right)} onChange={onRight} options={options} />
        </>
      }
      isFlush
    >
      {left === right ? (
        <EmptyState size="panel" title={prompt.versions.length > 1 ? "The same version on both sides" : "There is one version so far"}>
          {prompt.versions.length > 1 ? "Choose another one at either side." : "Save a change and both stand here side by side."}
        </EmptyState>
      ) : (
        <Loaded query={query} doing="compare the versions" size="panel" skeleton={<Skeleton height={160} />}>
          {(difference) => <DiffView difference={difference} left={`Version ${left}`} right={`Version ${right}`} />}
        </Loaded>
      )}
    </Panel>
  );
}

function columnsOf(prompt: Prompt): TableColumn<VersionBrief>[] {
  return [
    { key: "number", heading: "Version", width: 92, cell: (each) => <b>{each.number}</b> },
    { key: "notes", heading: "What changed", cell: (each) => each.notes || <span className="faint">No note</span> },
    {
      key: "labels",
      heading: "Labels",
      cell: (each) => (
        <span className={styles.chips}>
          {each.branch !== "main" && <LabelChip name={each.branch} isProtected={false} />}
          {each.number === prompt.current_version && <LabelChip name="latest" isProtected={false} />}
          {prompt.labels.filter((label) => label.number === each.number).map((label) => <LabelChip key={label.name} name={label.name} isProtected={label.is_protected} />)}
        </span>
      ),
    },
    { key: "from", heading: "Made from", width: 150, isSecondary: true, cell: (each) => (each.parent ? `version ${each.parent}${each.merged ? ` and ${each.merged}` : ""}` : <span className="faint">nothing</span>) },
    { key: "by", heading: "By", width: 150, cell: (each) => (each.is_library ? "Spadework" : (each.created_by_name ?? <span className="faint">–</span>)) },
    { key: "at", heading: "Saved", width: 110, cell: (each) => <Ago at={each.created_at} /> },
    { key: "open", heading: "", width: 56, cell: (each) => <OpenVersion number={each.number} /> },
  ];
}

function OpenVersion({ number }: { number: number }) {
  const go = useGo();
  return <Button look="quiet" size="small" icon={PencilLine} aria-label={`Open version ${number} in the editor`} onClick={() => go(`${location.pathname}?v=${number}`)} />;
}
