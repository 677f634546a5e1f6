// One configuration of a client: form or JSON, checked before it is saved, every version kept.
import { useMutation, useQuery } from "@tanstack/react-query";
import { History, RotateCcw } from "lucide-react";
import { useState } from "react";
import { api, ApiError } from "../../api/client";
import { configVersionsQuery, putAnswer, queryClient } from "../../api/queries";
import type { ClientConfig, ConfigKind, Json, JsonObject, ResearchClient } from "../../api/types";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { CodeBlock } from "../../shared/CodeBlock";
import { CodeEditor } from "../../shared/CodeEditor";
import { Drawer } from "../../shared/Dialog";
import { Notice, Panel } from "../../shared/Panel";
import { InlineError, Loaded } from "../../shared/Placeholder";
import { SideBySide } from "../../shared/SideBySide";
import { Segments } from "../../shared/Tabs";
import { Timestamp } from "../../shared/Time";
import { toast } from "../../shared/Toast";
import { ConfigForm } from "./ConfigForm";
import { KINDS, problemsOf } from "./configs";
import styles from "./Brief.module.css";

interface Props {
  client: ResearchClient;
  kind: ConfigKind;
}

/** Begun anew whenever a newer version is read, unless something here is not saved yet. */
export function ConfigEditor({ client, kind }: Props) {
  const stored = client.configs.find((each) => each.kind === kind);
  const [draft, setDraft] = useState<JsonObject | null>(null);
  const [base, setBase] = useState(stored?.version ?? 0);
  const [look, setLook] = useState<"form" | "json">("form");
  const [text, setText] = useState<string | null>(null);
  const [showsVersions, setShowsVersions] = useState(false);
  const mayWrite = useMay("clients.write");
  const original = (stored?.original ?? {}) as JsonObject;
  const config = draft ?? original;
  const parsed = text === null ? config : parse(text);
  const problems = parsed instanceof Error ? {} : problemsOf(kind, parsed);
  const isOdd = parsed instanceof Error || Object.keys(problems).length > 0;
  const isChanged = draft !== null || text !== null;

  function change(next: JsonObject) {
    if (draft === null) setBase(stored?.version ?? 0);
    setDraft(next);
  }
  function forget() {
    setDraft(null);
    setText(null);
  }
  const save = useMutation({
    mutationFn: (value: JsonObject) => api.put<ResearchClient>(`/v2/clients/${client.id}`, { [kind]: value, expected_versions: { [kind]: base } }),
    onSuccess: (saved) => {
      putAnswer(["research-client", client.id], saved);
      void queryClient.invalidateQueries({ queryKey: ["research-client", client.id, "versions", kind] });
      setBase(saved.configs.find((each) => each.kind === kind)?.version ?? 0);
      forget();
      toast({ tone: "done", title: `${KINDS[kind].label} saved` });
    },
  });
  const isConflict = save.error instanceof ApiError && save.error.status === 409;

  return (
    <Panel
      title={KINDS[kind].label}
      hint={KINDS[kind].purpose}
      actions={
        <>
          {stored && (
            <Button size="small" look="quiet" icon={History} onClick={() => setShowsVersions(true)}>
              Version {stored.version}
            </Button>
          )}
          <Segments
            name="Shown as"
            value={look}
            options={[
              { value: "form", label: "Form" },
              { value: "json", label: "JSON" },
            ]}
            onChange={(next) => {
              if (parsed instanceof Error) return;
              if (text !== null) change(parsed);
              setText(null);
              setLook(next);
            }}
          />
        </>
      }
    >
      <div className={styles.editor}>
        {stored?.refined && <Refined config={stored} />}
        {look === "form" ? (
          <fieldset disabled={!mayWrite}>
            <ConfigForm kind={kind} config={config} problems={problems} onChange={change} />
          </fieldset>
        ) : (
          <>
            <CodeEditor label={`${KINDS[kind].label} as JSON`} mode="json" minHeight={320} maxHeight={560} isReadOnly={!mayWrite} value={text ?? JSON.stringify(config, null, 2)} onChange={setText} />
            {parsed instanceof Error && <p className={styles.problem}>{parsed.message}</p>}
            {Object.values(problems).map((problem) => (
              <p key={problem} className={styles.problem}>
                {problem}
              </p>
            ))}
          </>
        )}
        <InlineError error={save.error} />
        {mayWrite && (
          <div className={styles.buttons}>
            <Button look="primary" isBusy={save.isPending} disabled={!isChanged || isOdd} onClick={() => !(parsed instanceof Error) && save.mutate(parsed)}>
              Save as version {(stored?.version ?? 0) + 1}
            </Button>
            {isChanged && <Button onClick={forget}>Undo the changes</Button>}
            {isConflict && (
              <Button
                icon={RotateCcw}
                onClick={() => {
                  forget();
                  save.reset();
                  void queryClient.invalidateQueries({ queryKey: ["research-client", client.id] });
                }}
              >
                Read the newer version
              </Button>
            )}
          </div>
        )}
      </div>
      <Versions clientId={client.id} kind={kind} isOpen={showsVersions} onClose={() => setShowsVersions(false)} onTake={mayWrite ? change : null} />
    </Panel>
  );
}

/** The pipeline reads a shorter form; saving here makes a new original, and the form has to be made again. */
function Refined({ config }: { config: ClientConfig }) {
  return (
    <Notice>
      <details>
        <summary>
          <b>The pipeline reads a refined form of this</b>, {share(config)} of the original’s length. Saving a change makes a new original, which is read until it is refined again.
        </summary>
        <SideBySide leftTitle="Original" rightTitle="Refined" left={<CodeBlock value={config.original as Json} />} right={<CodeBlock value={config.refined as Json} />} />
      </details>
    </Notice>
  );
}

export function share(config: Pick<ClientConfig, "original" | "refined">): string {
  const whole = JSON.stringify(config.original).length;
  return `${Math.round((JSON.stringify(config.refined ?? config.original).length / Math.max(1, whole)) * 100)} %`;
}

interface VersionsProps extends Omit<Props, "client"> {
  clientId: string;
  isOpen: boolean;
  onClose: () => void;
  onTake: ((config: JsonObject) => void) | null;
}

function Versions({ clientId, kind, isOpen, onClose, onTake }: VersionsProps) {
  const query = useQuery({ ...configVersionsQuery(clientId, kind), enabled: isOpen });
  return (
    <Drawer isOpen={isOpen} onClose={onClose} title={`Versions of ${KINDS[kind].label.toLowerCase()}`} width="var(--detail)">
      <Loaded query={query} doing="load the versions" size="panel">
        {({ data }) => (
          <ol className={styles.versions}>
            {data.map((each) => (
              <li key={each.version}>
                <div className={styles.versionHead}>
                  <b>Version {each.version}</b>
                  <Timestamp at={each.updated_at} className="muted" />
                  {each.refined && <span className="muted">refined, {share(each)}</span>}
                  {onTake && (
                    <Button
                      size="small"
                      onClick={() => {
                        onTake(each.original as JsonObject);
                        onClose();
                      }}
                    >
                      Bring into the editor
                    </Button>
                  )}
                </div>
                <CodeBlock value={each.original as Json} maxHeight={200} />
              </li>
            ))}
          </ol>
        )}
      </Loaded>
    </Drawer>
  );
}

function parse(text: string): JsonObject | Error {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
    return new Error("This must be one object, in braces.");
  } catch (problem) {
    return new Error(`This is no JSON yet: ${problem instanceof Error ? problem.message : String(problem)}`);
  }
}
