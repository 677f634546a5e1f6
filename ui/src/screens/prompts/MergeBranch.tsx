// A branch beside main: what merging it would give, a person's choice where both changed the same, and the merge.
import { useMutation, useQuery } from "@tanstack/react-query";
import { GitMerge } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import { draftDiffQuery, promptAddress, promptChanged } from "../../api/promptQueries";
import type { Content, Prompt, PromptConfig } from "../../api/promptTypes";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { CodeEditor } from "../../shared/CodeEditor";
import { Labelled } from "../../shared/Field";
import { counted } from "../../shared/format";
import { Notice, Panel } from "../../shared/Panel";
import { InlineError, Loaded, Skeleton } from "../../shared/Placeholder";
import { toast } from "../../shared/Toast";
import { DiffView } from "../../shared/DiffView";
import styles from "./Prompts.module.css";

interface Preview {
  text: string;
  config: PromptConfig;
  conflicts: number;
  setting_conflicts: string[];
}

const MARKS = /^(<{7}|>{7})/m;

export function MergeBranch({ prompt, branch, head }: { prompt: Prompt; branch: string; head: number }) {
  const [isOpen, setIsOpen] = useState(false);
  const mayWrite = useMay("prompts.write");
  return (
    <Panel
      title={`Branch ${branch}`}
      hint={`Version ${head} is on it and not in main yet.`}
      actions={!isOpen && <Button icon={GitMerge} onClick={() => setIsOpen(true)}>{mayWrite ? "Merge into main" : "See the merge"}</Button>}
    >
      {isOpen && <Merging prompt={prompt} branch={branch} head={head} onClose={() => setIsOpen(false)} />}
    </Panel>
  );
}

function Merging({ prompt, branch, head, onClose }: { prompt: Prompt; branch: string; head: number; onClose: () => void }) {
  const address = `${promptAddress(prompt.key)}/merge`;
  const preview = useQuery({
    queryKey: ["prompt", prompt.key, "merge", branch, head, prompt.current_version],
    queryFn: () => api.post<Preview>(address, { branch, is_preview: true }),
  });
  return (
    <Loaded query={preview} doing="join the two" size="panel" skeleton={<Skeleton height={120} />}>
      {(seen) => <Decision key={`${head}-${prompt.current_version}`} prompt={prompt} branch={branch} seen={seen} address={address} onClose={onClose} />}
    </Loaded>
  );
}

function Decision({ prompt, branch, seen, address, onClose }: { prompt: Prompt; branch: string; seen: Preview; address: string; onClose: () => void }) {
  const [text, setText] = useState(seen.text);
  const mayWrite = useMay("prompts.write");
  const main: Content = { text, config: seen.config, inputs: prompt.current.inputs };
  const query = useQuery(draftDiffQuery(prompt.key, prompt.current_version, main));
  const places = seen.conflicts + seen.setting_conflicts.length;
  const merge = useMutation({
    // A clean merge is the server's own; a person's choice is sent as what they made of it.
    mutationFn: () => api.post(address, places === 0 ? { branch } : { branch, resolved: main }),
    onSuccess: () => {
      promptChanged(prompt.key);
      toast({ tone: "done", title: `${branch} is merged into main` });
      onClose();
    },
  });
  return (
    <div className={styles.stack}>
      {places > 0 && (
        <Notice tone="attention">
          Both changed the same {counted(places, "place")}. Keep one side of each, or write a third, and take the marks out.
          {seen.setting_conflicts.length > 0 && ` Main’s own ${seen.setting_conflicts.join(", ")} will be kept.`}
        </Notice>
      )}
      {seen.conflicts > 0 && (
        <Labelled label="Merged text">
          <CodeEditor mode="template" label="Merged text" value={text} onChange={setText} minHeight={200} />
        </Labelled>
      )}
      <Loaded query={query} doing="compare with main" size="panel" skeleton={<Skeleton height={80} />}>
        {(difference) => <DiffView difference={difference} left={`Main, version ${prompt.current_version}`} right="After the merge" />}
      </Loaded>
      <InlineError error={merge.error} />
      <div className={styles.actions}>
        <Button onClick={onClose}>Cancel</Button>
        {mayWrite && (
          <Button look="primary" icon={GitMerge} disabled={MARKS.test(text)} isBusy={merge.isPending} onClick={() => merge.mutate()}>
            Merge into main
          </Button>
        )}
      </div>
    </div>
  );
}
