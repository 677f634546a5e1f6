// The claims browser: merged and raw claims with filters, contradictions side by side, and what was refused.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Quote } from "lucide-react";
import { claimsMergeQuery, clientQuery, dossiersQuery } from "../../api/queries";
import type { ClaimsMerge, Dossier } from "../../api/types";
import { useCrumbs } from "../../frame/crumbs";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { SearchField, SelectField } from "../../shared/Field";
import { ago, words } from "../../shared/format";
import { SimulatedMark } from "../../shared/Marks";
import { Figure, Figures, Page, Panel } from "../../shared/Panel";
import { EmptyState, Loaded } from "../../shared/Placeholder";
import { Tabs } from "../../shared/Tabs";
import { useAnyRunNews, useRunNews } from "../dossiers/useRunNews";
import { AllClaims } from "./AllClaims";
import { ClaimDrawer } from "./ClaimDrawer";
import { CLAIM_TYPES, CONFIDENCES, SECTION_NAMES, TIERS } from "./ClaimMarks";
import { Conflicts } from "./Conflicts";
import { matchesMerged, matchesRaw, type ClaimChoice } from "./filters";
import { MergedTable } from "./MergedTable";
import { RawTable } from "./RawTable";
import { Refused } from "./Refused";
import styles from "./Claims.module.css";

const EVERY_RUN = "all";

export function Claims() {
  const { clientId } = useParams({ from: "/inside/c/$clientId/claims" });
  const [run, setRun] = useUrlState("run");
  const client = useQuery(clientQuery(clientId));
  const dossiers = useQuery(dossiersQuery({ client_id: clientId }));
  useAnyRunNews("dossiers");
  const go = useGo();
  const mayStart = useMay("runs.start");
  useCrumbs([{ label: client.data?.name ?? "…", to: paths.workbooks(clientId) }, { label: "Claims" }]);
  const shown = run || dossiers.data?.data[0]?.run_id;
  return (
    <Page
      title="Claims"
      subtitle="Every statement of research with the words it rests on. Code looked each quote up in its page."
      actions={shown && <RunChoice value={shown} runs={dossiers.data?.data ?? []} onChange={setRun} />}
    >
      <Loaded query={dossiers} doing="load the runs with claims">
        {() => {
          if (!shown) {
            return (
              <Panel>
                <EmptyState icon={Quote} title="No claims yet" action={mayStart && <Button look="primary" onClick={() => go(paths.pipeline(clientId))}>Make a dossier</Button>}>
                  A run reads pages and takes claims from them, each with a verbatim quote. They show here step by step.
                </EmptyState>
              </Panel>
            );
          }
          return shown === EVERY_RUN ? <EveryRun clientId={clientId} /> : <OneRun key={shown} runId={shown} />;
        }}
      </Loaded>
    </Page>
  );
}

function RunChoice({ value, runs, onChange }: { value: string; runs: Dossier[]; onChange: (run: string) => void }) {
  const known = runs.map((each) => ({ value: each.run_id, label: `${each.company_name ?? "A dossier just begun"}, ${ago(each.created_at)}` }));
  const isKnown = value === EVERY_RUN || known.some((each) => each.value === value);
  return (
    <SelectField
      name="Run"
      value={value}
      onChange={onChange}
      options={[...known, ...(isKnown ? [] : [{ value, label: "The chosen run" }]), { value: EVERY_RUN, label: "Every run of this client" }]}
    />
  );
}

function useClaimChoice(): [ClaimChoice, Record<keyof ClaimChoice, (value: string) => void>, () => void] {
  const [type, setType] = useUrlState("type");
  const [tier, setTier] = useUrlState("tier");
  const [confidence, setConfidence] = useUrlState("confidence");
  const [section, setSection] = useUrlState("section");
  const [step, setStep] = useUrlState("step");
  const [support, setSupport] = useUrlState("support");
  const [search, setSearch] = useUrlState("search");
  const set = { type: setType, tier: setTier, confidence: setConfidence, section: setSection, step: setStep, support: setSupport, search: setSearch };
  return [{ type, tier, confidence, section, step, support, search }, set, () => Object.values(set).forEach((clear) => clear(""))];
}

interface FiltersProps {
  choice: ClaimChoice;
  set: Record<keyof ClaimChoice, (value: string) => void>;
  steps: string[];
}

function Filters({ choice, set, steps }: FiltersProps) {
  return (
    <>
      <SearchField name="Search claims" placeholder="Words, people, sources" value={choice.search} onChange={set.search} width={200} />
      <SelectField name="Kind" value={choice.type} onChange={set.type} placeholder="Any kind" options={CLAIM_TYPES.map((value) => ({ value, label: words(value.toLowerCase()) }))} />
      <SelectField name="Source" value={choice.tier} onChange={set.tier} placeholder="Any source" options={Object.entries(TIERS).map(([value, { word }]) => ({ value, label: word }))} />
      <SelectField name="Confidence" value={choice.confidence} onChange={set.confidence} placeholder="Any confidence" options={CONFIDENCES.map((value) => ({ value, label: words(value.toLowerCase()) }))} />
      <SelectField name="Section" value={choice.section} onChange={set.section} placeholder="Any section" options={Object.entries(SECTION_NAMES).map(([value, label]) => ({ value, label }))} />
      {steps.length > 0 && <SelectField name="Step" value={choice.step} onChange={set.step} placeholder="Any step" options={steps.map((value) => ({ value, label: words(value.replace(/^\d+\w?-/, "")) }))} />}
      <SelectField
        name="Quote"
        value={choice.support}
        onChange={set.support}
        placeholder="Quote or not"
        options={[
          { value: "yes", label: "Quote found" },
          { value: "no", label: "Not supported" },
        ]}
      />
    </>
  );
}

function OneRun({ runId }: { runId: string }) {
  const query = useQuery(claimsMergeQuery(runId));
  useRunNews(runId, "claims");
  return (
    <Loaded query={query} doing="load this run's claims">
      {(merge) => <Browser merge={merge} runId={runId} />}
    </Loaded>
  );
}

function Browser({ merge, runId }: { merge: ClaimsMerge; runId: string }) {
  const [choice, set, clear] = useClaimChoice();
  const [tab, setTab] = useUrlState("tab", "merged");
  const [opened, setOpened] = useUrlState("claim");
  const originals = Object.values(merge.originals);
  const steps = [...new Set(originals.map((each) => each.source_step))].sort();
  const sections = new Map(merge.data.map((each) => [each.merged_claim_id, each.sections]));
  const merged = merge.data.filter((each) => matchesMerged(each, choice, merge.originals));
  const raw = originals.filter((each) => matchesRaw(each, choice, sections));
  const conflicts = merge.resolved.filter((each) => each.kind !== "CONTACT");
  const supported = originals.filter((each) => each.is_supported).length;
  const isMerged = merge.stats !== null;
  return (
    <>
      <Figures>
        <Figure name="Claims" value={originals.length} note={merge.is_simulated ? <SimulatedMark /> : `${supported} with their quote found`} />
        <Figure name="After the merge" value={isMerged ? merge.data.length : "–"} note={merge.stats ? `${merge.stats.duplicates} went into another` : "Not merged yet"} />
        <Figure name="Contradictions" value={merge.stats?.conflicts ?? "–"} note="Official, company, press, other" />
        <Figure name="Timelines" value={merge.stats?.timelines ?? "–"} note="What changed over time" />
        <Figure name="Not supported" value={originals.length - supported} note="Left out of the dossier" />
      </Figures>
      <div className={styles.filters}>
        <Filters choice={choice} set={set} steps={steps} />
      </div>
      <Tabs
        value={tab}
        onChange={setTab}
        tabs={[
          { value: "merged", label: "Merged", count: merged.length, content: <Panel isFlush><MergedTable claims={merged} merge={merge} onOpen={setOpened} onClear={clear} opened={opened} /></Panel> },
          { value: "raw", label: "Raw", count: raw.length, content: <Panel isFlush><RawTable claims={raw} onOpen={(claim) => setOpened(claim.claim_id)} onClear={clear} opened={opened} /></Panel> },
          { value: "conflicts", label: "Contradictions and timelines", count: conflicts.length, content: <Conflicts resolved={conflicts} merge={merge} /> },
          { value: "refused", label: "Refused", content: <Refused runId={runId} /> },
        ]}
      />
      <ClaimDrawer name={opened || null} merge={merge} onClose={() => setOpened("")} onOpen={setOpened} />
    </>
  );
}

function EveryRun({ clientId }: { clientId: string }) {
  const [choice, set, clear] = useClaimChoice();
  return (
    <>
      <div className={styles.filters}>
        <Filters choice={choice} set={set} steps={[]} />
      </div>
      <AllClaims clientId={clientId} choice={choice} onClear={clear} />
    </>
  );
}
