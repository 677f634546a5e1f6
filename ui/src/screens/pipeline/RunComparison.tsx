// A run that repeats a part of an earlier one beside it: outputs step by step, cost, and claims.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { GitCompare, TriangleAlert } from "lucide-react";
import { ApiError } from "../../api/client";
import { useLive } from "../../api/live";
import { clientQuery, comparisonQuery, queryClient } from "../../api/queries";
import type { Comparison, Json, StepDifference } from "../../api/types";
import { useCrumbs } from "../../frame/crumbs";
import { LinkTo, useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { count, money } from "../../shared/format";
import { SimulatedMark } from "../../shared/Marks";
import { Figure, Figures, Notice, Page, Panel } from "../../shared/Panel";
import { PageSkeleton } from "../../shared/PageSkeleton";
import { EmptyState, Loaded } from "../../shared/Placeholder";
import { StateBadge } from "../../shared/StateBadge";
import { OutputDiff } from "./OutputDiff";
import { PipelineActions } from "./PipelineActions";
import { differenceOf, isOver, runState } from "./steps";
import { useThrottled } from "./usePipelineLive";
import styles from "./Comparison.module.css";

const DIFFERENCES = {
  same: { state: "done", word: "Same" },
  different: { state: "stale", word: "Different" },
  failed: { state: "failed", word: "Failed" },
  new: { state: "pending", word: "New" },
};

export function RunComparison() {
  const { clientId, runId } = useParams({ from: "/inside/c/$clientId/pipeline/$runId/comparison" });
  const query = useQuery(comparisonQuery(runId));
  const client = useQuery(clientQuery(clientId));
  const go = useGo();
  const refetch = useThrottled(() => void queryClient.invalidateQueries({ queryKey: ["comparison", runId] }), 500);
  useLive(`run:${runId}`, refetch);
  useCrumbs([
    { label: client.data?.name ?? "…", to: paths.workbooks(clientId) },
    { label: "Pipeline", to: paths.pipeline(clientId) },
    { label: query.data?.new.title ?? "…", to: paths.pipelineRun(clientId, runId) },
    { label: "Comparison" },
  ]);
  // The address of a run that repeats no other: nothing failed, there is only nothing beside it.
  if (query.error instanceof ApiError && query.error.status === 409) {
    return (
      <EmptyState icon={GitCompare} title="Nothing to compare" action={<Button onClick={() => go(paths.pipelineRun(clientId, runId))}>Open the run</Button>}>
        {query.error.message}
      </EmptyState>
    );
  }
  return (
    <Loaded query={query} doing="compare the two runs" skeleton={<PageSkeleton />}>
      {(found) => (
        <Page width="full" title="Old beside new" subtitle={<Subtitle found={found} clientId={clientId} />} actions={<PipelineActions run={found.new} />}>
          {found.new.error_message && (
            <Notice tone="failed" icon={<TriangleAlert size={16} aria-hidden />}>
              {found.new.error_message}
            </Notice>
          )}
          <Summary found={found} />
          <Panel title="Outputs" hint="What each step gave then at the left, what it gives now at the right." isFlush>
            <Steps found={found} clientId={clientId} />
          </Panel>
          {isOver(found.new) && <Claims found={found} />}
        </Page>
      )}
    </Loaded>
  );
}

function Subtitle({ found, clientId }: { found: Comparison; clientId: string }) {
  return (
    <>
      <StateBadge state={runState(found.new)} note={found.new.error_message} />
      <span>
        <LinkTo className="link" to={paths.pipelineRun(clientId, found.old.id)}>
          {found.old.title}
        </LinkTo>
      </span>
      <span>
        <LinkTo className="link" to={paths.pipelineRun(clientId, found.new.id)}>
          {found.new.title}
        </LinkTo>
      </span>
      {found.new.is_simulated && <SimulatedMark />}
    </>
  );
}

function Summary({ found }: { found: Comparison }) {
  const oldCost = found.steps.reduce((sum, each) => sum + each.old_cost_micro_usd, 0);
  const newCost = found.steps.reduce((sum, each) => sum + each.new_cost_micro_usd, 0);
  const tokens = found.steps.reduce((sum, each) => sum + each.new_tokens - each.old_tokens, 0);
  const different = found.steps.filter((each) => differenceOf(each) === "different").length;
  return (
    <Figures>
      <Figure name="Cost of these steps" value={money(newCost)} note={`${money(oldCost)} before, ${signed(found.cost_difference_micro_usd, money)}`} />
      <Figure name="Tokens" value={signed(tokens, count)} note="compared with then" />
      <Figure name="Outputs that differ" value={`${different} of ${found.steps.length}`} note={isOver(found.new) ? undefined : "still being taken again"} />
      {isOver(found.new) ? (
        <Figure name="Claims" value={`+${found.claims.added.length} −${found.claims.removed.length}`} note={`${count(found.claims.kept)} the same`} />
      ) : (
        <Figure name="Claims" value="–" note="compared when the run has ended" />
      )}
    </Figures>
  );
}

/** "+$0.02", "−1,200", "no difference". */
export function signed(amount: number, write: (amount: number) => string): string {
  if (amount === 0) return "no difference";
  return `${amount > 0 ? "+" : "−"}${write(Math.abs(amount))}`;
}

function Steps({ found, clientId }: { found: Comparison; clientId: string }) {
  const [picked, pick] = useUrlState("step");
  const { steps } = found;
  if (steps.length === 0) {
    return (
      <EmptyState size="panel" title="Nothing has been taken again yet">
        Steps show here as they end.
      </EmptyState>
    );
  }
  const chosen = steps.find((each) => each.key === picked) ?? steps.find((each) => differenceOf(each) === "different") ?? steps[0];
  return (
    <div className={styles.steps}>
      <ol className={styles.list} data-list>
        {steps.map((each) => {
          const { state, word } = DIFFERENCES[differenceOf(each)];
          return (
            <li key={each.key}>
              <button type="button" data-list-item className={styles.item} aria-current={each === chosen || undefined} onClick={() => pick(each.key)}>
                <StateBadge state={state} look="icon" word={word} note={each.error?.message ?? word} />
                <span>{each.label}</span>
                <small>{each.new_cost_micro_usd !== each.old_cost_micro_usd ? signed(each.new_cost_micro_usd - each.old_cost_micro_usd, money) : ""}</small>
              </button>
            </li>
          );
        })}
      </ol>
      {chosen && <Chosen key={chosen.key} step={chosen} found={found} clientId={clientId} />}
    </div>
  );
}

function Chosen({ step, found, clientId }: { step: StepDifference; found: Comparison; clientId: string }) {
  const { state, word } = DIFFERENCES[differenceOf(step)];
  return (
    <article className={styles.detail} aria-label={step.label}>
      <header className={styles.detailHead}>
        <h3>{step.label}</h3>
        <StateBadge state={state} word={word} />
        <span className="muted">
          {money(step.old_cost_micro_usd)} then, {money(step.new_cost_micro_usd)} now · {count(step.old_tokens)} tokens then, {count(step.new_tokens)} now
        </span>
        <span className={styles.links}>
          {step.old_id && (
            <LinkTo className="link" to={paths.pipelineRun(clientId, found.old.id, step.key)}>
              Old step
            </LinkTo>
          )}
          <LinkTo className="link" to={paths.pipelineRun(clientId, found.new.id, step.key)}>
            New step
          </LinkTo>
        </span>
      </header>
      {step.error && (
        <Notice tone="failed" icon={<TriangleAlert size={16} aria-hidden />}>
          {step.error.message}
        </Notice>
      )}
      <OutputDiff left={step.old_output as Json} right={step.new_output as Json} leftTitle="Then" rightTitle="Now" />
    </article>
  );
}

function Claims({ found }: { found: Comparison }) {
  const { added, removed, kept } = found.claims;
  return (
    <Panel title="Claims" hint={`${count(kept)} say the same in both runs.`}>
      <div className={styles.claims}>
        <Statements title="Only then" sign="−" statements={removed} />
        <Statements title="Only now" sign="+" statements={added} />
      </div>
    </Panel>
  );
}

function Statements({ title, sign, statements }: { title: string; sign: string; statements: string[] }) {
  return (
    <section>
      <h3>
        {title} <span className="muted">{count(statements.length)}</span>
      </h3>
      {statements.length === 0 ? (
        <p className="muted">None.</p>
      ) : (
        <ul className={styles.statements} data-side={sign === "+" ? "new" : "old"}>
          {statements.map((each) => (
            <li key={each}>
              <span aria-hidden>{sign}</span>
              {each}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
