// A move that waits for an approver: exactly what would move, its gate, and yes or no.
import { useMutation } from "@tanstack/react-query";
import { ArrowRight, Check, X } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import { promptChanged } from "../../api/promptQueries";
import type { Move, Prompt } from "../../api/promptTypes";
import { LinkTo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { TextField } from "../../shared/Field";
import { Panel } from "../../shared/Panel";
import { InlineError } from "../../shared/Placeholder";
import { Ago } from "../../shared/Time";
import { toast } from "../../shared/Toast";
import { GateCard } from "./GateCard";
import styles from "./Labels.module.css";

export function WaitingMove({ clientId, prompt, move }: { clientId: string; prompt: Prompt; move: Move }) {
  const [note, setNote] = useState("");
  const mayApprove = useMay("prompts.approve");
  const decide = useMutation({
    mutationFn: (isYes: boolean) => api.post<Move>(`/v2/prompt-moves/${move.id}/decide`, { hash: move.hash, is_yes: isYes, note }),
    onSuccess: (decided) => {
      promptChanged(prompt.key);
      toast({ tone: "done", title: decided.state === "moved" ? `${move.label} points at version ${move.number}` : `The move of ${move.label} is rejected` });
    },
  });
  const isBusy = (isYes: boolean) => decide.isPending && decide.variables === isYes;
  return (
    <Panel
      title={
        <span className={styles.move}>
          {move.label}: {move.from_number === null ? "nowhere" : `version ${move.from_number}`} <ArrowRight size={15} aria-label="to" /> version {move.number}
        </span>
      }
      hint={
        <>
          Asked <Ago at={move.asked_at} />
          {move.note && ` · ${move.note}`}
          {move.from_number !== null && (
            <>
              {" · "}
              <LinkTo className="link" to={`${paths.prompt(clientId, prompt.key, "versions")}&left=${move.from_number}&right=${move.number}`}>
                what would change
              </LinkTo>
            </>
          )}
        </>
      }
    >
      <div className={styles.form}>
        <GateCard clientId={clientId} prompt={prompt} number={move.number} label={move.label} />
        {mayApprove ? (
          <div className={styles.decide}>
            <TextField name="Note on the decision" placeholder="A note, if there is something to say" value={note} onChange={setNote} />
            <Button icon={X} isBusy={isBusy(false)} disabled={decide.isPending} onClick={() => decide.mutate(false)}>
              Reject
            </Button>
            <Button look="primary" icon={Check} isBusy={isBusy(true)} disabled={decide.isPending} onClick={() => decide.mutate(true)}>
              Approve and move
            </Button>
          </div>
        ) : (
          <p className="muted">Somebody who may approve prompts decides. Your role may ask, and not approve.</p>
        )}
        <InlineError error={decide.error} />
      </div>
    </Panel>
  );
}
