// Keeping an input under a name, to try versions on it again.
import { useMutation } from "@tanstack/react-query";
import { BookmarkPlus } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import { promptAddress, promptChanged } from "../../api/promptQueries";
import type { Prompt, Variables } from "../../api/promptTypes";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { TextField } from "../../shared/Field";
import { InlineError } from "../../shared/Placeholder";
import { toast } from "../../shared/Toast";
import styles from "./Try.module.css";

interface Props {
  prompt: Prompt;
  variables: Variables;
  /** The step run it was captured from, null for one written by hand. */
  stepRunId: string | null;
}

export function KeepFixture({ prompt, variables, stepRunId }: Props) {
  const [name, setName] = useState<string | null>(null);
  const mayWrite = useMay("prompts.write");
  const keep = useMutation({
    mutationFn: async (name: string): Promise<void> => {
      if (stepRunId) await api.post("/v2/fixtures/capture", { step_run_id: stepRunId, name });
      else await api.post(`${promptAddress(prompt.key)}/fixtures`, { name, variables });
    },
    onSuccess: (_, kept) => {
      promptChanged(prompt.key);
      toast({ tone: "done", title: `Kept as “${kept}”`, body: "Experiments and the gate of protected labels try versions on it." });
      setName(null);
    },
  });
  if (!mayWrite) return null;
  if (name === null) {
    return (
      <Button look="quiet" size="small" icon={BookmarkPlus} onClick={() => setName("")}>
        Save as fixture
      </Button>
    );
  }
  return (
    <form
      className={styles.keep}
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) keep.mutate(name);
      }}
      onKeyDown={(event) => event.key === "Escape" && setName(null)}
    >
      <TextField name="Name of the fixture" placeholder="Name it" value={name} onChange={setName} autoFocus />
      <Button type="submit" size="small" look="primary" disabled={!name.trim()} isBusy={keep.isPending}>
        Save
      </Button>
      <InlineError error={keep.error} />
    </form>
  );
}
