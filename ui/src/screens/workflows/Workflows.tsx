// All workflows that this person may run: cards with search and filters, and the way to a new one.
import { useQuery } from "@tanstack/react-query";
import { FileCog, Plus, SearchX } from "lucide-react";
import { useDeferredValue } from "react";
import { workflowsQuery } from "../../api/workflowQueries";
import type { WorkflowCard as Card, WorkflowStatus } from "../../api/workflowTypes";
import { useCrumbs } from "../../frame/crumbs";
import { LinkTo, useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { SearchField, SelectField } from "../../shared/Field";
import { counted } from "../../shared/format";
import { Page } from "../../shared/Panel";
import { EmptyState, Loaded, NoPermission, Skeleton } from "../../shared/Placeholder";
import { lookOf } from "../../shared/states";
import { Segments } from "../../shared/Tabs";
import { minutes } from "./saved";
import { useWorkflowNews } from "./useWorkflowNews";
import { WorkflowCard } from "./WorkflowCard";
import styles from "./Workflows.module.css";

const STATUSES: WorkflowStatus[] = ["approved", "pending_user_approval", "building", "clarifying", "validated", "failed", "rejected", "archived"];
const WHOSE = [
  { value: "", label: "All" },
  { value: "mine", label: "Mine" },
  { value: "shared", label: "Shared with me" },
];

export function Workflows() {
  const mayRead = useMay("builder.read");
  useCrumbs([{ label: "Builder" }]);
  if (!mayRead) return <NoPermission what="Your role does not include workflows. Ask an administrator of your account to change it." />;
  return <WorkflowList />;
}

function WorkflowList() {
  const mayWrite = useMay("builder.write");
  const go = useGo();
  const [search, setSearch] = useUrlState("q");
  const [label, setLabel] = useUrlState("label");
  const [status, setStatus] = useUrlState("status");
  const [whose, setWhose] = useUrlState("whose");
  const everything = useQuery(workflowsQuery());
  const found = useQuery(workflowsQuery({ q: useDeferredValue(search.trim()), label }));
  useWorkflowNews();
  const all = everything.data?.workflows ?? [];
  const labels = [...new Set(all.map((each) => each.label).filter((each) => each !== null && each !== ""))].sort() as string[];
  const isFiltered = search !== "" || label !== "" || status !== "" || whose !== "";
  const isNew = everything.data !== undefined && all.length === 0;
  return (
    <Page
      title="Workflows"
      subtitle={all.length > 0 && <Saved cards={all} />}
      actions={
        mayWrite && !isNew && (
          <Button look="primary" icon={Plus} onClick={() => go(paths.builder())}>
            New workflow
          </Button>
        )
      }
    >
      {!isNew && (
        <div className={styles.tools}>
          <SearchField name="Search workflows" placeholder="Search by name or description" width={260} value={search} onChange={setSearch} />
          <SelectField className={styles.choice} name="Status" value={status} onChange={setStatus} placeholder="Any status" options={STATUSES.map((each) => ({ value: each, label: lookOf(`workflow_${each}`).word }))} />
          {(labels.length > 0 || label !== "") && (
            <SelectField className={styles.choice} name="Label" value={label} onChange={setLabel} placeholder="Any label" options={[...new Set([...labels, ...(label === "" ? [] : [label])])].map((each) => ({ value: each, label: each }))} />
          )}
          <span className={styles.whose}>
            <Segments name="Whose workflows" value={whose} onChange={setWhose} options={WHOSE} />
          </span>
        </div>
      )}
      <Loaded query={found} doing="load the workflows" skeleton={<Skeletons />}>
        {({ workflows }) => {
          const shown = workflows.filter((each) => isShown(each, whose, status));
          if (isNew) return <Nothing mayWrite={mayWrite} />;
          if (shown.length === 0) {
            return (
              <EmptyState icon={SearchX} title={isFiltered ? "No workflow fits" : "All workflows are archived"} size="panel"
                action={isFiltered ? <LinkTo to={paths.workflows()} className="link">Show all workflows</LinkTo> : <Button onClick={() => setStatus("archived")}>Show the archived ones</Button>}>
                {isFiltered ? "Nothing has this name, label and status." : "They can still be read and exported."}
              </EmptyState>
            );
          }
          return (
            <ul className={styles.cards} data-list aria-label="Workflows" aria-busy={found.isPlaceholderData || undefined}>
              {shown.map((each) => (
                <li key={each.id}>
                  <WorkflowCard card={each} labels={labels} mayWrite={mayWrite} />
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Page>
  );
}

/** Archived ones are shown only when they are asked for; one that can be run counts as ready also while its next version is made. */
function isShown(card: Card, whose: string, status: string): boolean {
  const now = card.current_version?.status;
  if (status === "approved" ? card.active_version === null : status !== "" && now !== status) return false;
  if (status === "" && now === "archived" && !card.active_version) return false;
  return whose === "" || (whose === "mine") === card.is_mine;
}

function Saved({ cards }: { cards: Card[] }) {
  const runs = cards.reduce((sum, each) => sum + each.runs, 0);
  const saved = cards.reduce((sum, each) => sum + each.minutes_saved_total, 0);
  return (
    <>
      <span>{counted(cards.length, "workflow")}</span>
      <span>{counted(runs, "run")}</span>
      {saved > 0 && <span title="Each workflow's estimate of the minutes saved, for every run that succeeded">about {minutes(saved)} saved</span>}
    </>
  );
}

function Nothing({ mayWrite }: { mayWrite: boolean }) {
  const go = useGo();
  return (
    <EmptyState icon={FileCog} title="No workflows yet" action={mayWrite && <Button look="primary" icon={Plus} onClick={() => go(paths.builder())}>New workflow</Button>}>
      A workflow turns files into another file with a script that runs on your own machine. To make one, choose example files: only their column names and masked samples leave this browser, after you have approved them.
    </EmptyState>
  );
}

function Skeletons() {
  return (
    <div className={styles.cards} role="status" aria-label="Loading">
      {Array.from({ length: 6 }, (_, index) => (
        <div key={index} className={styles.card}>
          <Skeleton width={90} />
          <Skeleton width={`${70 - index * 5}%`} height={18} />
          <Skeleton />
          <Skeleton width="40%" />
        </div>
      ))}
    </div>
  );
}
