// Making a workflow without a language model: choose what to do, with which files and columns, and a template writes the script.
import { useMutation } from "@tanstack/react-query";
import { Hammer } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { api, ApiError } from "../../api/client";
import { workflowChanged } from "../../api/workflowQueries";
import type { FormOperation, Workflow } from "../../api/workflowTypes";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { chooseByArrow } from "../../shared/focus";
import { EmptyState, InlineError, SkeletonRows } from "../../shared/Placeholder";
import { Notice } from "../../shared/Panel";
import { mayEdit } from "../workflows/standing";
import type { Forms } from "./conversation";
import { areAllApproved, deskOf, leavingFrom, useSlots } from "./desk";
import { EditButton } from "./EditButton";
import { JoinSuggestions } from "./JoinSuggestions";
import { SettingFields } from "./SettingFields";
import { firstValues, isComplete, type Schema, type Values } from "./settings";
import { useBegin } from "./useSay";
import styles from "./Side.module.css";

interface Filled {
  operation: string;
  settings: Values;
}

export function FormPane({ workflow, forms }: { workflow: Workflow | null; forms: Forms | null }) {
  if (!forms) return <SkeletonRows rows={4} />;
  if (forms.operations.length === 0) return <EmptyState size="panel" title="No form is here">This installation offers no form operation. Reload, or ask whoever looks after it.</EmptyState>;
  return <Form workflow={workflow} operations={forms.operations} />;
}

function Form({ workflow, operations }: { workflow: Workflow | null; operations: FormOperation[] }) {
  const desk = deskOf(workflow?.id ?? null);
  const slots = useSlots(desk);
  const mayWrite = useMay("builder.write") && workflow?.is_mine !== false;
  const [filled, setFilled] = useState<Filled | null>(() => filledFrom(workflow));
  const version = workflow?.current_version ?? null;
  const extracts = useMemo(() => version?.file_extracts ?? leavingFrom(slots), [version, slots]);
  const begin = useBegin();
  const make = useMutation({
    mutationFn: ({ id, body }: { id: string; body: Filled }) => api.post(`/api/workflows/${id}/form`, body),
    onSettled: (_, __, { id }) => workflowChanged(id),
  });
  const id = workflow?.id;
  const { mutate } = make;
  // What was filled in before the workflow was there is given to it as soon as it is.
  useEffect(() => {
    if (id === undefined || !desk.waiting || !("operation" in desk.waiting)) return;
    const body = desk.waiting;
    desk.waiting = null;
    setFilled(body);
    mutate({ id, body });
  }, [id, desk, mutate]);

  const operation = operations.find((each) => each.key === filled?.operation);
  const schema = operation?.settings_schema as Schema | undefined;
  const isFilled = filled !== null && schema !== undefined && isComplete(schema, schema, filled.settings);
  const why = reasonAgainst(workflow, slots.length > 0 && areAllApproved(slots)) ?? (isFilled ? null : filled ? "Something above is still to be chosen." : "Choose above what to do.");
  const error = make.error ?? begin.error;
  const named = error instanceof ApiError ? String(error.details.setting ?? "").split(".")[0] : "";

  function choose(key: string) {
    const next = operations.find((each) => each.key === key)?.settings_schema as Schema;
    make.reset();
    setFilled({ operation: key, settings: firstValues(next, next) });
  }

  function submit() {
    if (!filled) return;
    if (workflow) make.mutate({ id: workflow.id, body: filled });
    else begin.mutate(filled);
  }

  return (
    <>
      <div className={styles.form}>
        <p className={styles.about}>No language model reads this: a template of Spadework writes the script from what you choose.</p>
        <div className={styles.operations} role="radiogroup" aria-label="What to do" onKeyDown={chooseByArrow}>
          {operations.map((each) => (
            <button key={each.key} type="button" role="radio" aria-checked={each.key === filled?.operation} className={styles.operation} onClick={() => choose(each.key)}>
              {each.label}
            </button>
          ))}
        </div>
        {operation && schema && filled && (
          <>
            <p className={styles.about}>{operation.description}</p>
            {extracts.length === 0 ? (
              <Notice>Add the files at the right; their columns can then be chosen here.</Notice>
            ) : (
              <>
                {operation.key === "merge" && <JoinSuggestions slots={slots} extracts={extracts} settings={filled.settings} onTake={(found) => setFilled({ ...filled, settings: { ...filled.settings, ...found } })} />}
                <SettingFields object={schema} root={schema} values={filled.settings} all={filled.settings} extracts={extracts} wrong={named} onChange={(settings) => setFilled({ ...filled, settings })} />
              </>
            )}
          </>
        )}
      </div>
      <div className={styles.compose}>
        <InlineError error={error} />
        {why && <p className={styles.about}>{why}</p>}
        {workflow && mayEdit(workflow) && version?.status !== "pending_user_approval" ? (
          <EditButton workflow={workflow} />
        ) : (
          <Button look={version?.status === "pending_user_approval" ? "plain" : "primary"} icon={Hammer} isBusy={make.isPending || begin.isPending} disabled={!mayWrite || why !== null} onClick={submit}>
            {version?.status === "pending_user_approval" ? "Make the next version" : "Make the workflow"}
          </Button>
        )}
      </div>
    </>
  );
}

function filledFrom(workflow: Workflow | null): Filled | null {
  const form = workflow?.current_version?.form as { operation?: string; settings?: Values } | null | undefined;
  return form?.operation && form.settings ? { operation: form.operation, settings: form.settings } : null;
}

/** Why nothing can be made now, as a sentence. */
function reasonAgainst(workflow: Workflow | null, isApproved: boolean): string | null {
  if (!workflow) return isApproved ? null : "Add files and approve what leaves of each first.";
  switch (workflow.current_version?.status) {
    case "building":
      return "The script is being built. Wait until it is there.";
    case "approved":
      return "This version is approved. Edit begins the next one.";
    case "rejected":
    case "failed":
    case "archived":
      return "This version is at its end. Edit goes on with the next one.";
    default:
      return null;
  }
}
