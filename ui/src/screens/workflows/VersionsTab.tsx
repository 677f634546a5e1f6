// Every version of a workflow, and two of their scripts side by side.
import { useQuery } from "@tanstack/react-query";
import { ArrowLeftRight, FileCode2 } from "lucide-react";
import { useMemo } from "react";
import { versionsQuery } from "../../api/workflowQueries";
import type { Workflow, WorkflowVersion } from "../../api/workflowTypes";
import { useGo } from "../../frame/LinkTo";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { DiffView } from "../../shared/DiffView";
import { SelectField } from "../../shared/Field";
import { counted } from "../../shared/format";
import { Panel } from "../../shared/Panel";
import { EmptyState, Loaded, SkeletonRows } from "../../shared/Placeholder";
import { Table, type TableColumn } from "../../shared/Table";
import { Ago } from "../../shared/Time";
import { WorkflowStatus } from "../../shared/WorkflowStatus";
import { differenceOf } from "./difference";
import styles from "./Workflow.module.css";

export function VersionsTab({ workflow }: { workflow: Workflow }) {
  const query = useQuery(versionsQuery(workflow.id));
  return (
    <Loaded query={query} doing="load the versions" size="panel" skeleton={<SkeletonRows rows={4} />}>
      {({ versions }) => <Versions versions={[...versions].sort((a, b) => b.version - a.version)} />}
    </Loaded>
  );
}

function Versions({ versions }: { versions: WorkflowVersion[] }) {
  const written = versions.filter((each) => each.execution !== null);
  const [newest, older] = written;
  const [left, setLeft] = useUrlState("left", String(older?.version ?? newest?.version ?? ""));
  const [right, setRight] = useUrlState("right", String(newest?.version ?? ""));
  const compare = (version: WorkflowVersion) => {
    if (version.execution === null) return;
    const before = written[written.indexOf(version) + 1] ?? version;
    setRight(String(version.version));
    setLeft(String(before.version));
  };
  return (
    <div className={styles.stack}>
      {written.length > 0 && <Compare written={written} left={Number(left)} right={Number(right)} onLeft={setLeft} onRight={setRight} />}
      <Panel title="All versions" hint="A version that was approved never changes. Open one to see what it changed." isFlush>
        <Table label="Versions" rows={versions} columns={COLUMNS} rowKey={(each) => each.id} onOpen={compare} isSelected={(each) => each.version === Number(right)} />
      </Panel>
    </div>
  );
}

interface CompareProps {
  written: WorkflowVersion[];
  left: number;
  right: number;
  onLeft: (value: string) => void;
  onRight: (value: string) => void;
}

function Compare({ written, left, right, onLeft, onRight }: CompareProps) {
  const one = written.find((each) => each.version === left);
  const other = written.find((each) => each.version === right);
  const difference = useMemo(() => (one && other && one !== other ? differenceOf(one, other) : null), [one, other]);
  const options = written.map((each) => ({ value: String(each.version), label: `Version ${each.version}` }));
  const swap = () => {
    onLeft(String(right));
    onRight(String(left));
  };
  return (
    <Panel
      title="Difference"
      hint={difference ? (difference.changed === 0 ? "The scripts are the same" : `${counted(difference.changed, "line")} changed`) : undefined}
      actions={
        written.length > 1 && (
          <>
            <SelectField name="Left version" className={styles.choice} value={String(left)} onChange={onLeft} options={options} />
            <Button look="quiet" icon={ArrowLeftRight} aria-label="Swap the sides" onClick={swap} />
            <SelectField name="Right version" className={styles.choice} value={String(right)} onChange={onRight} options={options} />
          </>
        )
      }
      isFlush
    >
      {difference ? (
        <DiffView key={`${left}-${right}`} difference={difference} left={`Version ${left}`} right={`Version ${right}`} />
      ) : (
        <EmptyState size="panel" title={written.length > 1 ? "The same version on both sides" : "There is one script so far"}>
          {written.length > 1 ? "Choose another one at either side." : "After an edit both scripts stand here side by side."}
        </EmptyState>
      )}
    </Panel>
  );
}

const COLUMNS: TableColumn<WorkflowVersion>[] = [
  { key: "version", heading: "Version", width: 84, cell: (each) => <b>{each.version}</b> },
  { key: "status", heading: "Status", width: 170, cell: (each) => <WorkflowStatus status={each.status} look="plain" note={each.rejection_reason} /> },
  { key: "source", heading: "Made", cell: (each) => (each.source === "form" ? "From a form" : "In the conversation") },
  { key: "test", heading: "Auto-test", cell: (each) => testWord(each) },
  { key: "lines", heading: "Lines", width: 80, isNumeric: true, cell: (each) => each.execution?.script.trimEnd().split("\n").length ?? <span className="faint">–</span> },
  { key: "at", heading: "Begun", width: 110, cell: (each) => <Ago at={each.created_at} /> },
  { key: "open", heading: "", width: 56, cell: (each) => each.execution && <OpenScript version={each.version} /> },
];

function testWord(version: WorkflowVersion) {
  if (!version.test || version.test.result === "not_run") return <span className="faint">Not run</span>;
  return `${version.test.result === "passed" ? "Passed" : "Failed"} on ${version.test.kind === "real" ? "real files" : "made-up files"}`;
}

function OpenScript({ version }: { version: number }) {
  const go = useGo();
  return <Button look="quiet" size="small" icon={FileCode2} aria-label={`Script of version ${version}`} onClick={() => go(`${location.pathname}?tab=script&version=${version}`)} />;
}
