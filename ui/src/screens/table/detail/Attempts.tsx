// What was tried for a cell, in order: who was asked, what they said, what it cost and why it went on.
import { useQueryClient } from "@tanstack/react-query";
import { ChevronRight, CircleHelp } from "lucide-react";
import { useState } from "react";
import { api } from "../../../api/client";
import { useOnce } from "../../../api/once";
import type { CellAttempt, CellDetail, ReconcileAction } from "../../../api/types";
import { Button } from "../../../shared/Button";
import { CodeBlock } from "../../../shared/CodeBlock";
import { CopyId } from "../../../shared/Copy";
import { ConfirmDialog } from "../../../shared/Dialog";
import { count, duration, money, words } from "../../../shared/format";
import { SimulatedMark } from "../../../shared/Marks";
import { Notice } from "../../../shared/Panel";
import { SideBySide } from "../../../shared/SideBySide";
import { useSourceNames } from "../../../shared/Source";
import { StateBadge } from "../../../shared/StateBadge";
import { Ago } from "../../../shared/Time";
import { cellKey } from "./CellDetail";
import styles from "./CellDetail.module.css";

interface Props {
  detail: CellDetail;
  tableId: string;
  rowId: string;
  /** After a person decided about an unknown call; null where they may not. */
  onReconciled: (() => void) | null;
}

export function Attempts({ detail, tableId, rowId, onReconciled }: Props) {
  if (detail.attempts.length === 0) return null;
  return (
    <section>
      <h3>{detail.attempts.length === 1 ? "What was asked" : "What was asked, in order"}</h3>
      <ol className={styles.attempts}>
        {detail.attempts.map((attempt, at) => (
          <Attempt key={attempt.call_id ?? at} attempt={attempt} number={at + 1} isOpen={detail.attempts.length === 1} tableId={tableId} rowId={rowId} fieldId={detail.field.id} onReconciled={onReconciled} />
        ))}
      </ol>
    </section>
  );
}

interface AttemptProps {
  attempt: CellAttempt;
  number: number;
  isOpen: boolean;
  tableId: string;
  rowId: string;
  fieldId: string;
  onReconciled: (() => void) | null;
}

function Attempt({ attempt, number, isOpen: isOpenAtFirst, tableId, rowId, fieldId, onReconciled }: AttemptProps) {
  const [isOpen, setIsOpen] = useState(isOpenAtFirst);
  const names = useSourceNames();
  const isUnknown = attempt.state === "unknown";
  return (
    <li className={styles.attempt}>
      <button type="button" className={styles.attemptTop} aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        <ChevronRight size={14} className={styles.chevron} data-open={isOpen || undefined} aria-hidden />
        <span className={styles.number}>{number}</span>
        <span className={styles.who}>
          {names.source(attempt.provider)} <span className="muted">{names.task(attempt.provider, attempt.capability)}</span>
        </span>
        <Outcome attempt={attempt} />
        <span className={styles.cost}>{attempt.is_simulated ? <SimulatedMark /> : money(attempt.cost_micro_usd)}</span>
      </button>
      {attempt.message && <p className={styles.why}>{attempt.message}</p>}
      {isUnknown && attempt.call_id && <Reconcile attempt={attempt} callId={attempt.call_id} tableId={tableId} rowId={rowId} fieldId={fieldId} onReconciled={onReconciled} />}
      {isOpen && <AttemptBody attempt={attempt} />}
    </li>
  );
}

const STATE_OF_OUTCOME: Record<string, string> = {
  found: "done", done: "done", accepted: "done", not_found: "no_data", no_data: "no_data", rejected: "invalid", invalid: "invalid",
  pending: "waiting", rate_limited: "rate_limited", refused: "failed", failed: "failed", vendor_down: "failed", bad_key: "failed", out_of_credits: "over_budget", unknown: "unknown",
};

function Outcome({ attempt }: { attempt: CellAttempt }) {
  const said = attempt.outcome ?? attempt.state;
  const state = attempt.state === "unknown" ? "unknown" : (STATE_OF_OUTCOME[said] ?? attempt.state);
  // A check that came back is no find: what it says of the address stands in the note and the response.
  const word = attempt.state === "unknown" ? "unknown" : said !== "found" ? said : attempt.capability.startsWith("verify") ? "checked" : attempt.model ? "answered" : said;
  return <StateBadge state={state} look="plain" word={words(word)} note={attempt.message} />;
}

function AttemptBody({ attempt }: { attempt: CellAttempt }) {
  const isLlm = Boolean(attempt.model);
  // A dossier is asked of our own research, whose every question stands in its run.
  if (attempt.run_id) return <div className={styles.body}><p className={styles.facts}><Ago at={attempt.started_at} /></p></div>;
  return (
    <div className={styles.body}>
      <p className={styles.facts}>
        {attempt.model && <span>{attempt.model}</span>}
        {attempt.input_tokens != null && <span>{count(attempt.input_tokens)} tokens in, {count(attempt.output_tokens ?? 0)} out</span>}
        {attempt.elapsed_ms !== null && <span>{duration(attempt.elapsed_ms)}</span>}
        <Ago at={attempt.started_at} />
        {!attempt.is_simulated && <span>{CLASS_WORDS[attempt.call_class]}</span>}
        {attempt.call_id && <CopyId label="Call" id={attempt.call_id} />}
      </p>
      {isLlm && (
        <>
          {attempt.system && <CodeBlock value={attempt.system} label="Instructions" maxHeight={160} />}
          <SideBySide leftTitle="Prompt" rightTitle="Answer" left={<CodeBlock value={attempt.prompt ?? null} label="As sent" maxHeight={260} />} right={<CodeBlock value={attempt.raw_output ?? null} label="As received" maxHeight={260} empty="No answer" />} />
        </>
      )}
      <SideBySide leftTitle="Request" rightTitle="Response" left={<CodeBlock value={attempt.request} label="Keys are hidden" maxHeight={300} empty="Nothing was sent" />} right={<CodeBlock value={attempt.response} label="As received" maxHeight={300} empty="No response" />} />
    </div>
  );
}

const CLASS_WORDS: Record<CellAttempt["call_class"], string> = {
  A: "paid, safe to repeat",
  B: "paid, never repeated by itself",
  C: "free or read-only",
};

const ACTIONS: Record<ReconcileAction, { title: string; confirm: string; text: string }> = {
  mark_done: { title: "Count this call as charged?", confirm: "Mark as done", text: "Its price is settled against the budgets. Do this when the vendor's own log shows the call. The cell stays without a value." },
  mark_failed: { title: "Count this call as not charged?", confirm: "Mark as failed", text: "The reservation is given back. Do this when the vendor's own log does not show the call." },
  retry_and_pay_again: { title: "Ask again and pay again?", confirm: "Retry and pay again", text: "If the first call was charged after all, this answer is paid for twice." },
};

interface ReconcileProps {
  attempt: CellAttempt;
  callId: string;
  tableId: string;
  rowId: string;
  fieldId: string;
  onReconciled: (() => void) | null;
}

function Reconcile({ attempt, callId, tableId, rowId, fieldId, onReconciled }: ReconcileProps) {
  const client = useQueryClient();
  const once = useOnce();
  const [asked, setAsked] = useState<ReconcileAction | null>(null);
  const price = attempt.cost_micro_usd;
  async function act() {
    if (!asked) return;
    await once(asked, (idempotencyKey) => api.post(`/v3/calls/${callId}/reconcile`, { action: asked }, { idempotencyKey }));
    await client.invalidateQueries({ queryKey: cellKey(tableId, rowId, fieldId) });
    onReconciled?.();
  }
  return (
    <div className={styles.unknown}>
      <Notice tone="attention" icon={<CircleHelp size={15} aria-hidden />}>
        This paid call went out and no answer came back, so nobody knows yet whether it was charged. It is not repeated by itself{price > 0 ? `; ${money(price)} stays reserved until you decide` : ""}.
      </Notice>
      {onReconciled ? (
        <div className={styles.buttons}>
          <Button size="small" onClick={() => setAsked("mark_done")}>Mark as done</Button>
          <Button size="small" onClick={() => setAsked("mark_failed")}>Mark as failed</Button>
          <Button size="small" onClick={() => setAsked("retry_and_pay_again")} priceMicroUsd={price}>Retry and pay again</Button>
        </div>
      ) : (
        <p className="muted">An administrator of your account can decide this.</p>
      )}
      {asked && (
        <ConfirmDialog isOpen onClose={() => setAsked(null)} title={ACTIONS[asked].title} confirm={ACTIONS[asked].confirm} priceMicroUsd={asked === "retry_and_pay_again" ? price : undefined} onConfirm={act}>
          <p>{ACTIONS[asked].text}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}
