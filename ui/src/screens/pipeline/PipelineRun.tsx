// One dossier being made: the graph of its steps, and the chosen one's input beside its output, filling as you watch.
import { useQuery } from "@tanstack/react-query";
import { BookOpenText, GitCompareArrows, Quote, TriangleAlert, Users } from "lucide-react";
import { useMemo, useState } from "react";
import { clientQuery, pipelineQuery, plannedStepsQuery } from "../../api/queries";
import type { Json, Pipeline, PlannedStep } from "../../api/types";
import { useCrumbs } from "../../frame/crumbs";
import { LinkTo, useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { CodeBlock } from "../../shared/CodeBlock";
import { CopyId } from "../../shared/Copy";
import { count, counted } from "../../shared/format";
import { SimulatedMark } from "../../shared/Marks";
import { Money } from "../../shared/Money";
import { Notice, Page, Panel } from "../../shared/Panel";
import { PageSkeleton } from "../../shared/PageSkeleton";
import { EmptyState, Loaded } from "../../shared/Placeholder";
import { SideBySide } from "../../shared/SideBySide";
import { StateBadge } from "../../shared/StateBadge";
import { Ago, Elapsed } from "../../shared/Time";
import { PipelineActions } from "./PipelineActions";
import { PipelineGraph } from "./PipelineGraph";
import { StepPanel } from "./StepPanel";
import { endedOf, isOver, mainRun, nodesOf, runState, stepToShow } from "./steps";
import { usePipelineLive } from "./usePipelineLive";
import styles from "./Pipeline.module.css";

export function PipelineRun({ clientId, runId }: { clientId: string; runId: string }) {
  const query = useQuery(pipelineQuery(runId));
  const planned = useQuery(plannedStepsQuery);
  const client = useQuery(clientQuery(clientId));
  usePipelineLive(runId);
  useCrumbs([
    { label: client.data?.name ?? "…", to: paths.workbooks(clientId) },
    { label: "Pipeline", to: paths.pipeline(clientId) },
    { label: query.data?.title ?? "…" },
  ]);
  return (
    <Loaded query={query} doing="open this run" skeleton={<PageSkeleton />}>
      {(run) => (
        <Loaded query={planned} doing="load the steps of a dossier" skeleton={<PageSkeleton />}>
          {(plan) => <Whole run={run} planned={plan.data} clientId={clientId} />}
        </Loaded>
      )}
    </Loaded>
  );
}

interface WholeProps {
  run: Pipeline;
  planned: PlannedStep[];
  clientId: string;
}

function Whole({ run, planned, clientId }: WholeProps) {
  const [picked, pick] = useUrlState("step");
  const [wasWatched] = useState(!isOver(run));
  const nodes = useMemo(() => nodesOf(planned, run), [planned, run]);
  const chosen = run.steps.find((each) => each.step === picked) ?? stepToShow(run, wasWatched);
  const node = nodes.find((each) => each.step.key === chosen?.of_step);
  const isFollowing = !isOver(run) && chosen?.step !== picked;
  return (
    <Page width="full" title={run.title} subtitle={<Subtitle run={run} done={endedOf(nodes)} />} actions={<Actions run={run} clientId={clientId} />}>
      <Notices run={run} planned={planned} clientId={clientId} saidBelow={chosen?.error?.message} />
      <Panel isFlush>
        <PipelineGraph
          nodes={nodes}
          chosen={node?.step.key}
          onChoose={(next) => {
            const main = mainRun(next);
            if (main) pick(main.step);
          }}
        />
      </Panel>
      <Panel isFlush>
        {!isOver(run) && <FollowBar isFollowing={isFollowing} onFollow={() => pick("")} />}
        {chosen && node ? (
          <StepPanel run={run} clientId={clientId} planned={node.step} runs={node.runs} chosen={chosen} onChoose={pick} />
        ) : (
          <EmptyState size="panel" title={isOver(run) ? "No step was taken" : "The first step is about to begin"}>
            {isOver(run) ? "The run ended before its first step. Retry it, or start another." : "Its input and output show here as soon as they are there."}
          </EmptyState>
        )}
      </Panel>
      <div id="seed">
        <Panel title="As recorded" hint="What the run was started with, and what it came to.">
          <SideBySide
            leftTitle=""
            rightTitle=""
            left={<CodeBlock label="Seed" value={Object.keys(run.seed).length ? (run.seed as Json) : null} empty="An open search: no company and no hint was given." />}
            right={<CodeBlock label="Result" value={run.result as Json} empty={isOver(run) ? "No result." : "Not finished yet."} />}
          />
        </Panel>
      </div>
    </Page>
  );
}

function Subtitle({ run, done }: { run: Pipeline; done: number }) {
  return (
    <>
      <StateBadge state={runState(run)} note={run.error_message} />
      <span>
        {count(done)} of {count(run.total_steps)} steps
      </span>
      <span>
        <Money microUsd={run.cost_micro_usd} />
      </span>
      <span>
        took <Elapsed from={run.started_at} to={run.completed_at} />
      </span>
      <span>
        started <Ago at={run.created_at} />
        {run.created_by_name && ` by ${run.created_by_name}`}
      </span>
      {run.is_simulated && <SimulatedMark />}
      <CopyId id={run.id} />
    </>
  );
}

function Actions({ run, clientId }: { run: Pipeline; clientId: string }) {
  const go = useGo();
  return (
    <>
      {run.dossier_id && (
        <LinkTo className={styles.linkButton} to={paths.dossier(clientId, run.dossier_id)}>
          <BookOpenText size={15} aria-hidden />
          Dossier
        </LinkTo>
      )}
      <LinkTo className={styles.linkButton} to={paths.claims(clientId, run.id)}>
        <Quote size={15} aria-hidden />
        {counted(run.claims, "claim")}
      </LinkTo>
      <LinkTo className={styles.linkButton} to={paths.contacts(clientId, run.id)}>
        <Users size={15} aria-hidden />
        {counted(run.contacts, "contact")}
      </LinkTo>
      {run.base_run_id && (
        <Button icon={GitCompareArrows} onClick={() => go(paths.pipelineComparison(clientId, run.id))}>
          Compare
        </Button>
      )}
      <PipelineActions run={run} hasFailedSteps={run.steps.some((each) => each.status === "failed")} />
    </>
  );
}

/** `saidBelow` is what the step in sight failed with; the same need not be said twice. */
function Notices({ run, planned, clientId, saidBelow }: WholeProps & { saidBelow: string | undefined }) {
  const versions = Object.entries(run.prompt_versions).map(([key, number]) => `${key} v${number}`);
  const labels = planned.filter((each) => run.only_steps.includes(each.key)).map((each) => each.label);
  return (
    <>
      {run.error_message && run.error_message !== saidBelow && (
        <Notice tone="failed" icon={<TriangleAlert size={16} aria-hidden />}>
          {run.error_message}
        </Notice>
      )}
      {run.base_run_id && (
        <Notice icon={<GitCompareArrows size={16} aria-hidden />}>
          Takes {labels.length > 3 ? `${count(labels.length)} steps` : labels.join(", ")} of{" "}
          <LinkTo className="link" to={paths.pipelineRun(clientId, run.base_run_id)}>
            an earlier run
          </LinkTo>{" "}
          again{versions.length > 0 && ` with ${versions.join(", ")}`}. Everything else was taken over.
          {run.replay_id && (
            <>
              {" "}
              Part of{" "}
              <LinkTo className="link" to={paths.replay(clientId, run.replay_id)}>
                a replay
              </LinkTo>
              .
            </>
          )}
        </Notice>
      )}
      {run.reruns.length > 0 && (
        <Notice icon={<GitCompareArrows size={16} aria-hidden />}>
          Parts of this run were taken again:{" "}
          {run.reruns.map((id, index) => (
            <span key={id}>
              {index > 0 && ", "}
              <LinkTo className="link" to={paths.pipelineComparison(clientId, id)}>
                comparison {index + 1}
              </LinkTo>
            </span>
          ))}
          .
        </Notice>
      )}
    </>
  );
}

function FollowBar({ isFollowing, onFollow }: { isFollowing: boolean; onFollow: () => void }) {
  return (
    <div className={styles.follow}>
      {isFollowing ? "Following the newest step. Choose one to stay with it." : "Staying with this step while the run goes on."}
      {!isFollowing && (
        <Button size="small" onClick={onFollow}>
          Follow the newest
        </Button>
      )}
    </div>
  );
}
