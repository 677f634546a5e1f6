// Prompts taken in from files: what each would become is said before, and what it became after.
import { useMutation } from "@tanstack/react-query";
import { FileUp, FileText, X } from "lucide-react";
import { useRef, useState } from "react";
import { api } from "../../api/client";
import { promptChanged } from "../../api/promptQueries";
import { LinkTo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { Button } from "../../shared/Button";
import { Drawer } from "../../shared/Dialog";
import { counted } from "../../shared/format";
import { EmptyState, InlineError } from "../../shared/Placeholder";
import { StateBadge } from "../../shared/StateBadge";
import styles from "./Prompts.module.css";

const BECAME: Record<string, { state: string; word: string }> = {
  added: { state: "done", word: "New prompt" },
  saved: { state: "done", word: "New version" },
  same: { state: "condition_not_met", word: "Same as before" },
};

export function ImportPrompts({ clientId, onClose }: { clientId: string; onClose: () => void }) {
  const [files, setFiles] = useState<Record<string, string>>({});
  const input = useRef<HTMLInputElement>(null);
  const names = Object.keys(files);
  const take = useMutation({
    mutationFn: () => api.post("/v2/prompt-files", { files }),
    onSuccess: ({ data }) => {
      for (const each of data) promptChanged(each.key);
    },
  });
  async function read(chosen: FileList | null) {
    const read = await Promise.all([...(chosen ?? [])].map(async (file) => [file.name, await file.text()] as const));
    take.reset();
    setFiles({ ...files, ...Object.fromEntries(read) });
  }
  const choose = (
    <Button icon={FileUp} onClick={() => input.current?.click()}>
      Choose files
    </Button>
  );
  const footer = (
    <>
      <Button onClick={onClose}>{take.data ? "Close" : "Cancel"}</Button>
      {!take.data && (
        <Button look="primary" disabled={names.length === 0} isBusy={take.isPending} onClick={() => take.mutate()}>
          {names.length === 0 ? "Import" : `Import ${counted(names.length, "file")}`}
        </Button>
      )}
    </>
  );
  return (
    <Drawer isOpen onClose={onClose} title="Import prompts" subtitle="One text file for each prompt, as an export makes them. No label but “latest” moves." footer={footer} actions={names.length > 0 && !take.data ? choose : undefined}>
      <input ref={input} type="file" multiple accept=".md,.txt,text/markdown,text/plain" hidden aria-label="Prompt files" onChange={(event) => void read(event.target.files)} />
      {names.length === 0 ? (
        <EmptyState size="panel" icon={FileText} title="No files chosen" action={choose}>
          A key that is there already gets a new version; a new key makes a new prompt. All files come in, or none.
        </EmptyState>
      ) : (
        <ul className={styles.rows}>
          {names.map((name) => {
            const became = take.data?.data.find((each) => each.name === name);
            const shown = became && BECAME[became.state];
            return (
              <li key={name} className={styles.row}>
                <div>
                  <code>{name}</code>
                  {became && <LinkTo className="link" to={paths.prompt(clientId, became.key)}>{became.key}, version {became.number}</LinkTo>}
                </div>
                {shown ? (
                  <StateBadge state={shown.state} word={shown.word} />
                ) : (
                  <Button look="quiet" size="small" icon={X} aria-label={`Leave out ${name}`} onClick={() => setFiles(Object.fromEntries(Object.entries(files).filter(([each]) => each !== name)))} />
                )}
              </li>
            );
          })}
        </ul>
      )}
      <InlineError error={take.error} />
    </Drawer>
  );
}
