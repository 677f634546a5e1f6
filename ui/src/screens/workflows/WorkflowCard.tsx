// One workflow in the list: where it stands, what it saves, how it last went, and the next step.
import { CircleCheck, CircleX, Clock, Eye, MessageSquare, Play, Users } from "lucide-react";
import { useState } from "react";
import type { WorkflowCard as Card } from "../../api/workflowTypes";
import { LinkTo, useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { Button } from "../../shared/Button";
import { counted } from "../../shared/format";
import { Ago } from "../../shared/Time";
import { Tooltip } from "../../shared/Tooltip";
import { WorkflowStatus } from "../../shared/WorkflowStatus";
import { InlineEdit } from "./InlineEdit";
import { minutes } from "./saved";
import { hasDraft, nextOf } from "./standing";
import { useChange, useEdit } from "./useActs";
import { WorkflowMenu } from "./WorkflowMenu";
import styles from "./Workflows.module.css";

export function WorkflowCard({ card, labels, mayWrite }: { card: Card; labels: string[]; mayWrite: boolean }) {
  const [editing, setEditing] = useState<"name" | "label" | null>(null);
  const change = useChange(card.id);
  const name = card.name ?? "Unnamed workflow";
  return (
    <article className={styles.card} aria-label={name}>
      <div className={styles.top}>
        <Standing card={card} />
        {editing === "label" ? (
          <InlineEdit look="chip" name="Label" value={card.label ?? ""} placeholder="Label" maxLength={60} mayEdit suggestions={labels} isEditing onEditing={() => setEditing(null)} onSave={(label) => change.mutate({ label: label === "" ? null : label })} />
        ) : (
          card.label && <span className={styles.label}>{card.label}</span>
        )}
        {card.is_shared && card.is_mine && (
          <Tooltip text="Shared: others of this account may look at it and run it.">
            <span className={styles.shared}>
              <Users size={13} aria-hidden /> <span className="visually-hidden">Shared</span>
            </span>
          </Tooltip>
        )}
        <span className={styles.more}>
          <WorkflowMenu workflow={card} mayWrite={mayWrite} onRename={() => setEditing("name")} onLabel={() => setEditing("label")} />
        </span>
      </div>
      {editing === "name" ? (
        <InlineEdit name="Name" value={card.name ?? ""} placeholder="Name" maxLength={120} mayEdit isRequired isEditing onEditing={() => setEditing(null)} onSave={(next) => change.mutate({ name: next })} />
      ) : (
        <h2 className={styles.name}>
          <LinkTo to={paths.workflow(card.id)} data-list-item="">
            {name}
          </LinkTo>
        </h2>
      )}
      <p className={styles.about}>{card.description || <span className="faint">No description yet.</span>}</p>
      {!card.is_mine && (
        <p className={styles.owner}>
          <Users size={13} aria-hidden /> Shared by {card.owner.name}
        </p>
      )}
      <div className={styles.foot}>
        <Past card={card} />
        <NextStep card={card} mayWrite={mayWrite} />
      </div>
    </article>
  );
}

function Standing({ card }: { card: Card }) {
  const { current_version: current, active_version: active } = card;
  return (
    <>
      {active && <WorkflowStatus status="approved" note={`Version ${active.version} is approved and can be run.`} />}
      {current && (!active || hasDraft(card)) && <WorkflowStatus status={current.status} note={active ? `Version ${current.version}; version ${active.version} stays usable until this one is approved.` : undefined} />}
    </>
  );
}

function Past({ card }: { card: Card }) {
  return (
    <div className={styles.past}>
      {card.last_run_at ? (
        <span data-ok={card.last_run_success ?? undefined} title={`${counted(card.runs, "run")}; the last one ${card.last_run_success ? "succeeded" : "failed"}`}>
          {card.last_run_success ? <CircleCheck size={13} aria-label="Last run succeeded" /> : <CircleX size={13} aria-label="Last run failed" />}
          <Ago at={card.last_run_at} />
          <span>· {counted(card.runs, "run")}</span>
        </span>
      ) : (
        <span className="faint">Not run yet</span>
      )}
      {card.saved_minutes ? (
        <span title="An estimate made with the script">
          <Clock size={13} aria-hidden /> {card.minutes_saved_total > 0 ? `about ${minutes(card.minutes_saved_total)} saved` : `saves about ${minutes(card.saved_minutes)} a run`}
        </span>
      ) : null}
    </div>
  );
}

function NextStep({ card, mayWrite }: { card: Card; mayWrite: boolean }) {
  const go = useGo();
  const edit = useEdit(card.id);
  const next = nextOf(card);
  const name = card.name ?? "the unnamed workflow";
  if (next === "run") return <Button size="small" icon={Play} aria-label={`Run ${name}`} onClick={() => go(paths.workflow(card.id, "run"))}>Run</Button>;
  if (next === "review") return <Button size="small" look="primary" icon={Eye} aria-label={`Review ${name}`} onClick={() => go(paths.workflow(card.id, "script"))}>Review</Button>;
  if (next === "continue" && mayWrite) return <Button size="small" icon={MessageSquare} aria-label={`Continue ${name}`} onClick={() => go(paths.builder(card.id))}>Continue</Button>;
  if (next === "edit" && mayWrite) return <Button size="small" icon={MessageSquare} isBusy={edit.isPending} aria-label={`Edit ${name}`} onClick={() => edit.mutate()}>Edit</Button>;
  return <Button size="small" aria-label={`Open ${name}`} onClick={() => go(paths.workflow(card.id))}>Open</Button>;
}
