// Takes one step again from what it was given then, with other variables or another version of its prompt.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import { useOnce } from "../../api/once";
import { plannedStepsQuery, promptVersionsQuery, queryClient } from "../../api/queries";
import type { Json, JsonObject, Pipeline, PipelineStepRun, PlannedStep } from "../../api/types";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { Button } from "../../shared/Button";
import { Drawer } from "../../shared/Dialog";
import { CheckboxField, SelectField, TextArea } from "../../shared/Field";
import { InlineError } from "../../shared/Placeholder";
import { valueOf } from "./seed";
import { pastCost, rerunKey } from "./steps";
import styles from "./StepPanel.module.css";

interface Props {
  run: Pipeline;
  clientId: string;
  planned: PlannedStep;
  step: PipelineStepRun;
  onClose: () => void;
}

export function RerunDrawer({ run, clientId, planned, step, onClose }: Props) {
  const go = useGo();
  const once = useOnce();
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [version, setVersion] = useState("");
  const [withDependants, setWithDependants] = useState(false);
  const plan = useQuery(plannedStepsQuery);
  const versions = useQuery({ ...promptVersionsQuery(step.prompt ?? ""), enabled: step.prompt !== null });
  const variables = step.prompt && rerunKey(step, planned) === step.step ? Object.entries(step.input_variables ?? {}) : [];
  const { overrides, problems } = readOverrides(typed, step.input_variables ?? {});
  const price = pastCost(plan.data?.data ?? [], run.steps, planned.key, withDependants);
  const start = useMutation({
    mutationFn: () => {
      const body = {
        variable_overrides: overrides,
        prompt_versions: step.prompt && version ? { [step.prompt]: Number(version) } : {},
        with_dependants: withDependants,
      };
      return once(JSON.stringify([run.id, step.step, body]), (idempotencyKey) => api.post(`/v2/pipeline/runs/${run.id}/steps/${encodeURIComponent(rerunKey(step, planned))}/rerun`, body, { idempotencyKey }));
    },
    onSuccess: (made) => {
      void queryClient.invalidateQueries({ queryKey: ["pipelines"] });
      void queryClient.invalidateQueries({ queryKey: ["pipeline", run.id], exact: true });
      go(paths.pipelineComparison(clientId, made.id));
    },
  });
  return (
    <Drawer
      isOpen
      onClose={onClose}
      title={`Re-run ${planned.label}`}
      subtitle="A run of its own, from what the step was given then. This run stays as it is."
      width="var(--detail)"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" icon={Play} isBusy={start.isPending} disabled={Object.keys(problems).length > 0} priceMicroUsd={run.is_simulated ? 0 : price || null} onClick={() => start.mutate()}>
            Re-run and compare
          </Button>
        </>
      }
    >
      <div className={styles.form}>
        <InlineError error={start.error} />
        {step.prompt && (
          <SelectField
            label={`Version of ${step.prompt}`}
            value={version}
            onChange={setVersion}
            placeholder={`The one it had: v${step.prompt_version}`}
            options={(versions.data ?? []).map((each) => ({ value: String(each.number), label: `v${each.number}${each.notes ? ` · ${each.notes.slice(0, 60)}` : ""}` }))}
          />
        )}
        <CheckboxField
          label="Take the steps that depend on it again, too"
          hint="They read the new answers. Without this only the step itself is taken again."
          isOn={withDependants}
          onChange={setWithDependants}
        />
        {variables.length > 0 && <h3>Variables</h3>}
        {variables.map(([name, value]) => (
          <Override key={name} name={name} value={value} typed={typed[name]} problem={problems[name]} onType={(text) => setTyped((known) => typedOver(known, name, text, asText(value)))} />
        ))}
      </div>
    </Drawer>
  );
}

interface OverrideProps {
  name: string;
  value: Json;
  typed: string | undefined;
  problem: string | undefined;
  onType: (text: string | null) => void;
}

/** One variable, folded until somebody wants to change it. */
function Override({ name, value, typed, problem, onType }: OverrideProps) {
  const [isOpen, setIsOpen] = useState(false);
  if (!isOpen) {
    return (
      <div className={styles.override}>
        <code>{name}</code>
        <span className="clip muted">{asText(value).slice(0, 120)}</span>
        <Button size="small" aria-label={`Change ${name}`} onClick={() => setIsOpen(true)}>
          Change
        </Button>
      </div>
    );
  }
  return (
    <TextArea
      label={<code>{name}</code>}
      aside={
        <Button
          size="small"
          look="quiet"
          onClick={() => {
            onType(null);
            setIsOpen(false);
          }}
        >
          As it was
        </Button>
      }
      rows={Math.min(16, asText(value).split("\n").length + 1)}
      spellCheck={false}
      value={typed ?? asText(value)}
      onChange={onType}
      error={problem}
      hint={typeof value === "string" ? undefined : "JSON"}
    />
  );
}

function asText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

function typedOver(known: Record<string, string>, name: string, text: string | null, original: string): Record<string, string> {
  const { [name]: _, ...rest } = known;
  return text === null || text === original ? rest : { ...rest, [name]: text };
}

function readOverrides(typed: Record<string, string>, values: JsonObject): { overrides: JsonObject; problems: Record<string, string> } {
  const overrides: JsonObject = {};
  const problems: Record<string, string> = {};
  for (const [name, text] of Object.entries(typed)) {
    const read = valueOf(text, typeof values[name] === "string");
    if (read.problem !== undefined) problems[name] = read.problem;
    else overrides[name] = read.value as Json;
  }
  return { overrides, problems };
}
