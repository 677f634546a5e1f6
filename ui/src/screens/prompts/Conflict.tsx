// Two people saved the same prompt: both texts side by side, and the ways on. Nothing is lost in any of them.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Combine, GitBranch, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import { draftDiffQuery, promptAddress, promptChanged } from "../../api/promptQueries";
import type { Prompt, SaveConflict, Version } from "../../api/promptTypes";
import { Button } from "../../shared/Button";
import { TextField } from "../../shared/Field";
import { counted } from "../../shared/format";
import { Notice, Panel } from "../../shared/Panel";
import { InlineError, Loaded, Skeleton } from "../../shared/Placeholder";
import { toast } from "../../shared/Toast";
import { DiffView } from "../../shared/DiffView";
import { contentOf, type Draft } from "./draft";
import styles from "./Edit.module.css";

interface Props {
  prompt: Prompt;
  draft: Draft;
  conflict: SaveConflict;
  onDraft: (draft: Draft | null) => void;
  onShow: (number: number | null) => void;
  onClose: () => void;
}

export function Conflict({ prompt, draft, conflict, onDraft, onShow, onClose }: Props) {
  const [branch, setBranch] = useState("mine");
  const { newer_version: newer, conflicts, setting_conflicts: clashing } = conflict;
  const author = prompt.versions.find((each) => each.number === newer)?.created_by_name;
  const query = useQuery(draftDiffQuery(prompt.key, newer, contentOf(draft)));
  const places = conflicts + clashing.length;
  const saveApart = useMutation({
    mutationFn: () => api.put<Version>(promptAddress(prompt.key), { ...contentOf(draft), base_version: draft.base, branch, notes: `Beside version ${newer}` }),
    onSuccess: (version) => {
      promptChanged(prompt.key);
      toast({ tone: "done", title: `Saved as version ${version.number} on ${version.branch}`, body: "Merge it into main under Versions when you like." });
      onDraft(null);
      onClose();
      onShow(version.number);
    },
  });
  function join() {
    onDraft({ base: newer, branch: draft.branch, text: conflict.merged_text, config: conflict.merged_config, inputs: conflict.merged_inputs });
    onClose();
    onShow(null);
  }
  return (
    <Panel
      title={`Version ${newer} was saved${author ? ` by ${author}` : ""} while you wrote`}
      hint={`You began from version ${draft.base}. Nothing was saved over, and nothing of yours is lost.`}
      actions={<Button look="quiet" onClick={onClose}>Keep writing</Button>}
    >
      <div className={styles.conflict}>
        <Notice tone={places ? "attention" : "done"} icon={<TriangleAlert size={16} aria-hidden />}>
          {places === 0
            ? "The two changes do not touch the same place, so they can be joined as they are."
            : `Both changed the same ${counted(places, "place")}${clashing.length ? ` (settings: ${clashing.join(", ")}; yours are kept until you choose)` : ""}. Joining puts both between marks in the text, for you to choose.`}
        </Notice>
        <div className={styles.ways}>
          <Button look="primary" icon={Combine} onClick={join}>
            {places === 0 ? "Join both and go on" : "Join both, then choose"}
          </Button>
          <span className="muted">or keep yours apart:</span>
          <TextField name="Branch for your version" isMono value={branch} onChange={setBranch} />
          <Button icon={GitBranch} disabled={!branch.trim()} isBusy={saveApart.isPending} onClick={() => saveApart.mutate()}>
            Save mine on this branch
          </Button>
        </div>
        <InlineError error={saveApart.error} />
        <Loaded query={query} doing="compare the two" size="panel" skeleton={<Skeleton height={80} />}>
          {(difference) => <DiffView difference={difference} left={`Version ${newer}${author ? `, ${author}’s` : ""}`} right="Yours, not saved" />}
        </Loaded>
      </div>
    </Panel>
  );
}
