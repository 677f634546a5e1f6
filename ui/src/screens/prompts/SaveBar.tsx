// Saving a draft as a version: on its branch, or on a new one.
import { useMutation, useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronUp, GitBranch, Save, Undo2 } from "lucide-react";
import { useState } from "react";
import { api, ApiError } from "../../api/client";
import { draftDiffQuery, promptAddress, promptChanged } from "../../api/promptQueries";
import type { Prompt, SaveConflict, Version } from "../../api/promptTypes";
import { Button } from "../../shared/Button";
import { TextField } from "../../shared/Field";
import { counted } from "../../shared/format";
import { InlineError, Loaded, Skeleton } from "../../shared/Placeholder";
import { toast } from "../../shared/Toast";
import { DiffView } from "../../shared/DiffView";
import { contentOf, type Draft } from "./draft";
import styles from "./Edit.module.css";

interface Props {
  prompt: Prompt;
  base: Version;
  draft: Draft | null;
  isDirty: boolean;
  hasUnknown: boolean;
  onSaved: () => void;
  onDiscard: () => void;
  onConflict: (conflict: SaveConflict) => void;
}

export function SaveBar({ prompt, base, draft, isDirty, hasUnknown, onSaved, onDiscard, onConflict }: Props) {
  const [notes, setNotes] = useState("");
  const [branch, setBranch] = useState<string | null>(null);
  const [isDiffOpen, setIsDiffOpen] = useState(false);
  const save = useMutation({
    mutationFn: (draft: Draft) =>
      api.put<Version>(promptAddress(prompt.key), { ...contentOf(draft), base_version: draft.base, branch: branch ?? draft.branch, notes }),
    onSuccess: (version) => {
      promptChanged(prompt.key);
      toast({ tone: "done", title: `Saved as version ${version.number}`, body: version.branch === "main" ? undefined : `On the branch ${version.branch}.` });
      setNotes("");
      setBranch(null);
      onSaved();
    },
    onError: (error) => {
      const conflict = asConflict(error);
      if (conflict) onConflict(conflict);
    },
  });
  if (!isDirty || !draft) return null;
  const target = branch ?? draft.branch;
  return (
    <div className={styles.save} role="region" aria-label="Unsaved changes">
      <div className={styles.saveLine}>
        <TextField name="What changed" placeholder="What changed, in a few words" value={notes} onChange={setNotes} className={styles.grow} />
        {branch !== null && <TextField name="Name of the branch" placeholder="name-of-the-branch" isMono value={branch} onChange={setBranch} autoFocus />}
        <Button look="quiet" icon={isDiffOpen ? ChevronDown : ChevronUp} aria-expanded={isDiffOpen} onClick={() => setIsDiffOpen(!isDiffOpen)}>
          {isDiffOpen ? "Hide changes" : "Show changes"}
        </Button>
        <Button look="quiet" icon={Undo2} onClick={onDiscard}>
          Discard
        </Button>
        <Button icon={GitBranch} onClick={() => setBranch(branch === null ? "" : null)}>
          {branch === null ? "On a branch" : `On ${draft.branch}`}
        </Button>
        <Button look="primary" icon={Save} isBusy={save.isPending} disabled={hasUnknown || target.trim() === ""} onClick={() => save.mutate(draft)}>
          {target === "main" ? "Save version" : `Save on ${target || "…"}`}
        </Button>
      </div>
      {isDiffOpen && <Changes prompt={prompt} base={base} draft={draft} />}
      {!asConflict(save.error) && <InlineError error={save.error} />}
    </div>
  );
}

function Changes({ prompt, base, draft }: { prompt: Prompt; base: Version; draft: Draft }) {
  const query = useQuery(draftDiffQuery(prompt.key, base.number, contentOf(draft)));
  return (
    <Loaded query={query} doing="compare with the saved version" size="panel" skeleton={<Skeleton height={80} />}>
      {(difference) => <DiffView difference={difference} left={`Version ${base.number}`} right={`Not saved yet, ${counted(difference.changed, "line")} changed`} />}
    </Loaded>
  );
}

/** What the server says when somebody saved first; null for any other refusal. */
function asConflict(error: unknown): SaveConflict | null {
  if (!(error instanceof ApiError) || error.status !== 409 || !("newer_version" in error.details)) return null;
  return error.details as unknown as SaveConflict;
}
