// Taking a client on: intake, one orderly account, three configurations, their shorter forms; every stage is kept.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Check } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import { onboardingsQuery, queryClient, researchClientQuery } from "../../api/queries";
import type { ClientIntake, ConfigKind, Json, JsonObject, ResearchClient } from "../../api/types";
import { useCrumbs } from "../../frame/crumbs";
import { LinkTo, useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { CodeBlock } from "../../shared/CodeBlock";
import { CodeEditor } from "../../shared/CodeEditor";
import { counted } from "../../shared/format";
import { SimulatedMark } from "../../shared/Marks";
import { Page, Panel } from "../../shared/Panel";
import { PageSkeleton } from "../../shared/PageSkeleton";
import { InlineError, Loaded, NoPermission } from "../../shared/Placeholder";
import { toast } from "../../shared/Toast";
import { ByModel, useModelRun } from "./ByModel";
import { ConfigForm } from "./ConfigForm";
import { share } from "./ConfigEditor";
import { KINDS, problemsOf } from "./configs";
import { FieldList } from "./FieldList";
import { ACCOUNT, CONFIGURED, consolidate, draftConfigs, trimmed } from "./intake";
import { IntakeStage } from "./IntakeStage";
import styles from "./Brief.module.css";

const STAGES: { state: ClientIntake["state"]; label: string; what: string }[] = [
  { state: "intake", label: "Intake", what: "Answers, materials, whom not to call" },
  { state: "consolidated", label: "Account", what: "One orderly account of all of it" },
  { state: "configured", label: "Configurations", what: "Ideal customer, industry, context" },
  { state: "refined", label: "Refined", what: "Shorter forms that runs read" },
];

export function Onboarding() {
  const { clientId } = useParams({ from: "/inside/c/$clientId/onboarding" });
  const client = useQuery(researchClientQuery(clientId));
  const intakes = useQuery(onboardingsQuery(clientId));
  const mayWrite = useMay("clients.write");
  useCrumbs([{ label: client.data?.name ?? "…", to: paths.workbooks(clientId) }, { label: "Client brief", to: paths.client(clientId) }, { label: "Onboarding" }]);
  if (!mayWrite) return <NoPermission />;
  return (
    <Loaded query={client} doing="open this client" skeleton={<PageSkeleton />}>
      {(found) => (
        <Loaded query={intakes} doing="load the onboarding" skeleton={<PageSkeleton />}>
          {({ data }) => <Wizard client={found} intakes={data} />}
        </Loaded>
      )}
    </Loaded>
  );
}

function Wizard({ client, intakes }: { client: ResearchClient; intakes: ClientIntake[] }) {
  const [chosen, setChosen] = useUrlState("intake");
  const open = intakes.find((each) => each.state !== "refined");
  const intake = chosen === "new" ? undefined : (intakes.find((each) => each.id === chosen) ?? open);
  const reached = intake ? STAGES.findIndex((each) => each.state === intake.state) + 1 : 0;
  return (
    <Page
      title={`Onboard ${client.name}`}
      subtitle="From what the client says to what a run reads. Each stage is kept; nothing is overwritten."
      width="wide"
      actions={
        intake && (
          <Button onClick={() => setChosen("new")} look="quiet">
            Start a new intake
          </Button>
        )
      }
    >
      <ol className={styles.stages} aria-label="Stages">
        {STAGES.map((stage, index) => (
          <li key={stage.state} data-state={index < reached ? "done" : index === reached ? "now" : "later"} aria-current={index === reached ? "step" : undefined}>
            <b>
              {index < reached && <Check size={14} aria-label="done" />}
              {index + 1}. {stage.label}
            </b>
            <small>{stage.what}</small>
          </li>
        ))}
      </ol>
      {!intake && <IntakeStage client={client} onBegun={(made) => setChosen(made.id)} />}
      {intake && intake.state !== "refined" && <ByModel key={`${intake.id}/model`} intake={intake} />}
      {intake?.state === "intake" && <AccountStage key={intake.id} client={client} intake={intake} />}
      {intake?.state === "consolidated" && <ConfigStage key={intake.id} client={client} intake={intake} />}
      {intake?.state === "configured" && <RefineStage key={intake.id} client={client} intake={intake} />}
      {intake?.state === "refined" && <Finished client={client} intake={intake} />}
      {intake && <Originals intake={intake} />}
    </Page>
  );
}

interface StageProps {
  client: ResearchClient;
  intake: ClientIntake;
}

function useAdvance({ client, intake }: StageProps) {
  return useMutation({
    mutationFn: (stage: { consolidated?: JsonObject; generated?: Partial<Record<ConfigKind, JsonObject>>; refined?: Partial<Record<ConfigKind, JsonObject>> }) =>
      api.put<ClientIntake>(`/v2/onboardings/${intake.id}`, stage),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["research-client", client.id] });
      document.querySelector("#main > div")?.scrollTo({ top: 0 });
    },
  });
}

function AccountStage(props: StageProps) {
  const [account, setAccount] = useState<JsonObject>(() => consolidate(props.intake.intake as JsonObject, props.client));
  const advance = useAdvance(props);
  const { isWorking } = useModelRun(props.intake);
  return (
    <>
      <Panel title="One orderly account" hint="Your answers, put in order. Read it over and add what the materials say; the configurations are drafted from this.">
        <FieldList fields={ACCOUNT} value={account} onChange={setAccount} />
      </Panel>
      <InlineError error={advance.error} />
      <div className={styles.buttons}>
        <Button look="primary" isBusy={advance.isPending} disabled={isWorking} onClick={() => advance.mutate({ consolidated: account })}>
          This is right, go on
        </Button>
      </div>
    </>
  );
}

function ConfigStage(props: StageProps) {
  const [configs, setConfigs] = useState(() => draftConfigs((props.intake.consolidated ?? {}) as JsonObject) as Partial<Record<ConfigKind, JsonObject>>);
  const advance = useAdvance(props);
  const { isWorking } = useModelRun(props.intake);
  const problems = CONFIGURED.map((kind) => [kind, problemsOf(kind, configs[kind] ?? {})] as const);
  const isOdd = problems.some(([, found]) => Object.keys(found).length > 0);
  return (
    <>
      {problems.map(([kind, found]) => (
        <Panel key={kind} title={KINDS[kind].label} hint={KINDS[kind].purpose}>
          <ConfigForm kind={kind} config={configs[kind] ?? {}} problems={found} onChange={(next) => setConfigs({ ...configs, [kind]: next })} />
        </Panel>
      ))}
      <InlineError error={advance.error} />
      <div className={styles.buttons}>
        <Button look="primary" isBusy={advance.isPending} disabled={isOdd || isWorking} onClick={() => advance.mutate({ generated: configs })}>
          Save the three configurations
        </Button>
        {isOdd && <span className={styles.problem}>Something above cannot be used yet; it says so beside its field.</span>}
      </div>
    </>
  );
}

function RefineStage(props: StageProps) {
  const originals = props.intake.generated as Partial<Record<ConfigKind, JsonObject>>;
  const kinds = CONFIGURED.filter((kind) => originals[kind]);
  const [texts, setTexts] = useState(() => Object.fromEntries(kinds.map((kind) => [kind, JSON.stringify(trimmed(originals[kind]!), null, 2)])));
  const advance = useAdvance(props);
  const { isWorking } = useModelRun(props.intake);
  const refined = kinds.map((kind) => [kind, parse(texts[kind] ?? "")] as const);
  const odd = refined.find(([, value]) => value === null);
  return (
    <>
      {refined.map(([kind, value]) => (
        <Panel
          key={kind}
          title={KINDS[kind].label}
          hint={value ? `${share({ original: originals[kind]!, refined: value })} of the original’s length. Shorter prompts cost less and are read more carefully.` : "This is no JSON yet."}
        >
          <div className={styles.pairs}>
            <section>
              <h4>Original, kept as it is</h4>
              <CodeBlock value={originals[kind] as Json} maxHeight={320} />
            </section>
            <section>
              <h4>Refined, what runs read</h4>
              <CodeEditor label={`Refined ${KINDS[kind].label.toLowerCase()}`} mode="json" minHeight={160} maxHeight={320} value={texts[kind] ?? ""} onChange={(text) => setTexts({ ...texts, [kind]: text })} />
            </section>
          </div>
        </Panel>
      ))}
      <InlineError error={advance.error} />
      <div className={styles.buttons}>
        <Button
          look="primary"
          isBusy={advance.isPending}
          disabled={odd !== undefined || isWorking}
          onClick={() =>
            advance.mutate(
              { refined: Object.fromEntries(refined) as Partial<Record<ConfigKind, JsonObject>> },
              { onSuccess: () => toast({ tone: "done", title: `${props.client.name} is active`, body: "Runs may begin for it now." }) },
            )
          }
        >
          Finish the onboarding
        </Button>
      </div>
    </>
  );
}

function Finished({ client, intake }: StageProps) {
  const go = useGo();
  const { run } = useModelRun(intake);
  return (
    <Panel title="Done" actions={run?.is_simulated && <SimulatedMark />} hint={`${client.name} has what a run needs. The originals and their refined forms can be changed in the client brief at any time.`}>
      <div className={styles.buttons}>
        <Button look="primary" onClick={() => go(paths.pipeline(client.id))}>
          Make the first dossier
        </Button>
        <LinkTo className="link" to={paths.client(client.id)}>
          Open the client brief
        </LinkTo>
      </div>
    </Panel>
  );
}

/** What was handed in stays readable at every stage. */
function Originals({ intake }: { intake: ClientIntake }) {
  return (
    <Panel title="As handed in" hint={`${counted(Object.keys(intake.intake).length, "answer")}, ${counted(intake.materials.length, "material")}. Kept as it was given.`}>
      <div className={styles.pairs}>
        <section>
          <h4>Answers</h4>
          <CodeBlock value={intake.intake as Json} maxHeight={260} />
        </section>
        <section>
          <h4>Materials</h4>
          <CodeBlock value={intake.materials as Json} maxHeight={260} empty="None" />
        </section>
      </div>
    </Panel>
  );
}

function parse(text: string): JsonObject | null {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
  } catch {
    return null;
  }
}
