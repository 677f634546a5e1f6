// Running a workflow in this browser: what was given, how it goes, what came of it. It lives as long as the screen.
import { useCallback, useEffect, useRef, useState } from "react";
import { api, messageOf } from "../../api/client";
import { queryClient } from "../../api/queries";
import { workflowChanged, workflowQuery } from "../../api/workflowQueries";
import type { Workflow, WorkflowRun, WorkflowVersion } from "../../api/workflowTypes";
import { PythonError, run, type Outcome } from "../../python/door";
import { keptNames, underAliases, type KeptFile } from "../../shared/keptNames";
import { toastError } from "../../shared/Toast";
import { isFileField, renamesOf, type Files, type Mapping, type Values } from "./inputs";

export type Going =
  | { state: "idle" }
  | { state: "running"; share: number | null; startedAt: string }
  | { state: "over"; outcome: Outcome; version: number }
  | { state: "cancelled" }
  | { state: "refused"; message: string };

export interface Runner {
  /** The version this form was opened with; another one is never taken silently. */
  version: WorkflowVersion | null;
  /** The version that is approved now, when it is another one. */
  newer: WorkflowVersion | null;
  useNewer: () => void;
  files: Files;
  values: Values;
  mapping: Mapping;
  setFiles: (field: string, files: File[]) => void;
  setValue: (field: string, value: string) => void;
  setMapping: (mapping: Mapping) => void;
  going: Going;
  log: string;
  start: (mapping: Mapping) => void;
  cancel: () => void;
  clear: () => void;
}

// What is shown of a log; the outcome has it to its own limit.
const SHOWN_CHARACTERS = 40_000;
const LOG_EVERY_MS = 120;

export function useRunner(workflow: Workflow): Runner {
  const active = workflow.active_version;
  const [pinned, setPinned] = useState(active);
  const version = pinned ?? active;
  const [files, setAllFiles] = useState<Files>({});
  const [values, setValues] = useState<Values>({});
  const [mapping, setMapping] = useState<Mapping>({});
  const [going, setGoing] = useState<Going>({ state: "idle" });
  const { log, add, empty } = useLog();
  const handle = useRef<{ cancel(): void } | null>(null);
  const isBusy = useRef(false);
  const isCancelled = useRef(false);
  useEffect(() => {
    if (pinned === null && active !== null) setPinned(active);
  }, [pinned, active]);
  useEffect(() => () => handle.current?.cancel(), []);

  async function start(chosen: Mapping) {
    if (isBusy.current || !version?.execution || !version.script_sha256) return;
    isBusy.current = true;
    isCancelled.current = false;
    empty();
    setGoing({ state: "running", share: null, startedAt: new Date().toISOString() });
    try {
      if (!(await isStillApproved(workflow.id, version))) {
        setGoing({ state: "idle" });
        return;
      }
      if (isCancelled.current) {
        setGoing({ state: "cancelled" });
        return;
      }
      const { script, outputFilename } = version.execution;
      const started = run(
        { script, sha256: version.script_sha256, files: filesOf(version, files, keptNames(workflow.id)), values: valuesOf(version, values), renames: renamesOf(chosen), outputFilename },
        { log: add, progress: (share) => setGoing((now) => (now.state === "running" ? { ...now, share } : now)) },
      );
      handle.current = started;
      const outcome = await started.result;
      setGoing({ state: "over", outcome, version: version.version });
      await record(workflow.id, version, outcome);
    } catch (error) {
      setGoing(error instanceof PythonError && error.code === "cancelled" ? { state: "cancelled" } : { state: "refused", message: messageOf(error) });
    } finally {
      handle.current = null;
      isBusy.current = false;
    }
  }

  return {
    version,
    newer: active !== null && version !== null && active.id !== version.id ? active : null,
    useNewer: () => {
      setPinned(active);
      setMapping({});
      setGoing({ state: "idle" });
    },
    files,
    values,
    mapping,
    setFiles: (field, chosen) => setAllFiles((before) => ({ ...before, [field]: chosen })),
    setValue: (field, value) => setValues((before) => ({ ...before, [field]: value })),
    setMapping,
    going,
    log,
    start: (chosen) => void start(chosen),
    cancel: () => {
      isCancelled.current = true;
      handle.current?.cancel();
    },
    clear: () => setGoing({ state: "idle" }),
  };
}

/** Asks once more before anything runs: what was read a while ago may no longer be what is approved. */
async function isStillApproved(workflowId: string, version: WorkflowVersion): Promise<boolean> {
  const now = await queryClient.fetchQuery({ ...workflowQuery(workflowId), staleTime: 0 });
  return now.active_version?.id === version.id && now.active_version.script_sha256 === version.script_sha256;
}

function filesOf(version: WorkflowVersion, files: Files, kept: readonly KeptFile[]): Files {
  return Object.fromEntries((version.fields ?? []).filter(isFileField).map((field) => [field.id, underAliases(files[field.id] ?? [], kept)]));
}

function valuesOf(version: WorkflowVersion, values: Values): Values {
  return Object.fromEntries((version.fields ?? []).filter((field) => !isFileField(field)).map((field) => [field.id, values[field.id] ?? ""]));
}

/** Counts, time and the masked failure go into the history; a result that could not be written down is still the person's. */
async function record(workflowId: string, version: WorkflowVersion, outcome: Outcome): Promise<void> {
  try {
    await api.post<WorkflowRun>(`/api/workflows/${workflowId}/runs`, {
      version_id: version.id,
      script_sha256: version.script_sha256,
      runner: "browser",
      success: outcome.success,
      seconds: outcome.seconds,
      rows_in: outcome.rows_in,
      rows_out: outcome.rows_out,
      files_out: outcome.outputs.length,
      failure: outcome.failure,
    });
    workflowChanged(workflowId);
  } catch (error) {
    toastError("write the run into the history", error);
  }
}

/** The last of what a script prints, shown a few times a second however fast it prints. */
function useLog() {
  const [log, setLog] = useState("");
  const text = useRef("");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const add = useCallback((line: string) => {
    text.current = `${text.current}${line.endsWith("\n") ? line : `${line}\n`}`.slice(-SHOWN_CHARACTERS);
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      setLog(text.current);
    }, LOG_EVERY_MS);
  }, []);
  const empty = useCallback(() => {
    text.current = "";
    setLog("");
  }, []);
  return { log, add, empty };
}
