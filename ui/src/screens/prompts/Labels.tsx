// Where the labels point, moving them, and what stands in the way of a protected one.
import { useQuery } from "@tanstack/react-query";
import { Lock, LockOpen, Tag, Trash2 } from "lucide-react";
import { api } from "../../api/client";
import { labelsQuery, movesQuery, promptAddress, promptChanged } from "../../api/promptQueries";
import type { Label, Move, Prompt } from "../../api/promptTypes";
import { usersQuery } from "../../api/queries";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { Panel } from "../../shared/Panel";
import { EmptyState, Loaded } from "../../shared/Placeholder";
import { StateBadge } from "../../shared/StateBadge";
import { Table, type TableColumn } from "../../shared/Table";
import { Ago } from "../../shared/Time";
import { toastError } from "../../shared/Toast";
import { LabelChip } from "./LabelChips";
import { MoveLabel } from "./MoveLabel";
import { WaitingMove } from "./WaitingMove";
import styles from "./Labels.module.css";

const MOVED: Record<Move["state"], { state: string; word: string }> = {
  waiting: { state: "draft", word: "Waits for an approver" },
  moved: { state: "succeeded", word: "Moved" },
  rejected: { state: "rejected", word: "Rejected" },
};

export function Labels({ clientId, prompt }: { clientId: string; prompt: Prompt }) {
  const labels = useQuery(labelsQuery(prompt.key));
  const moves = useQuery(movesQuery(prompt.key));
  const mayWrite = useMay("prompts.write");
  const waiting = moves.data?.data.filter((each) => each.state === "waiting") ?? [];
  return (
    <div className={styles.labels}>
      {waiting.map((move) => (
        <WaitingMove key={move.id} clientId={clientId} prompt={prompt} move={move} />
      ))}
      <div className={styles.pair}>
        <Panel title="Labels" hint="Steps and columns take the version that production points to." isFlush>
          <Loaded query={labels} doing="load the labels" size="panel">
            {({ data }) =>
              data.length === 0 ? (
                <EmptyState size="panel" icon={Tag} title="No label points anywhere yet">Every prompt has “latest”, which follows the newest version by itself.</EmptyState>
              ) : (
                <ul className={styles.list}>
                  {data.map((label) => (
                    <LabelRow key={label.name} prompt={prompt} label={label} />
                  ))}
                  <li className={styles.row}>
                    <LabelChip name="latest" number={prompt.current_version} isProtected={false} />
                    <span className="muted">follows the newest version of main</span>
                  </li>
                </ul>
              )
            }
          </Loaded>
        </Panel>
        {mayWrite && <MoveLabel clientId={clientId} prompt={prompt} labels={labels.data?.data ?? []} waiting={waiting} />}
      </div>
      <History moves={moves.data?.data ?? []} />
    </div>
  );
}

function LabelRow({ prompt, label }: { prompt: Prompt; label: Label }) {
  const mayWrite = useMay("prompts.write");
  const mayApprove = useMay("prompts.approve");
  const address = `${promptAddress(prompt.key)}/labels/${encodeURIComponent(label.name)}`;
  async function act(doing: string, send: () => Promise<unknown>) {
    try {
      await send();
      promptChanged(prompt.key);
    } catch (error) {
      toastError(doing, error);
    }
  }
  return (
    <li className={styles.row}>
      <LabelChip name={label.name} number={label.number} isProtected={label.is_protected} />
      <span className="muted">
        moved <Ago at={label.moved_at} />
      </span>
      {mayApprove && (
        <Button look="quiet" size="small" icon={label.is_protected ? LockOpen : Lock} onClick={() => void act("change the protection", () => api.patch(address, { is_protected: !label.is_protected }))}>
          {label.is_protected ? "Unprotect" : "Protect"}
        </Button>
      )}
      {mayWrite && !label.is_protected && <Button look="quiet" size="small" icon={Trash2} aria-label={`Remove ${label.name}`} onClick={() => void act("remove the label", () => api.delete(address))} />}
    </li>
  );
}

function History({ moves }: { moves: Move[] }) {
  const mayRead = useMay("users.read");
  const users = useQuery({ ...usersQuery, enabled: mayRead }).data?.data ?? [];
  const name = (id: string | null) => users.find((each) => each.id === id)?.name ?? (id ? "Somebody" : "Spadework");
  const over = moves.filter((each) => each.state !== "waiting");
  if (over.length === 0) return null;
  const columns: TableColumn<Move>[] = [
    { key: "label", heading: "Label", cell: (each) => <b>{each.label}</b> },
    { key: "to", heading: "From → to", width: 160, cell: (each) => `${each.from_number === null ? "nowhere" : `v${each.from_number}`} → v${each.number}` },
    { key: "state", heading: "", width: 190, cell: (each) => <StateBadge state={MOVED[each.state].state} word={MOVED[each.state].word} /> },
    { key: "note", heading: "Why", cell: (each) => each.note || <span className="faint">–</span> },
    { key: "asked", heading: "Asked by", width: 130, isSecondary: true, cell: (each) => name(each.asked_by) },
    { key: "decided", heading: "Decided by", width: 130, isSecondary: true, cell: (each) => (each.decided_at ? name(each.decided_by) : <span className="faint">moves at once</span>) },
    { key: "at", heading: "When", width: 110, cell: (each) => <Ago at={each.decided_at ?? each.asked_at} /> },
  ];
  return (
    <Panel title="Moves" isFlush>
      <Table label="Moves of labels" rows={over} columns={columns} rowKey={(each) => each.id} />
    </Panel>
  );
}
