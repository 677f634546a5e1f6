// The steps of a plan with what each costs; a step unfolds to its exact settings.
import { ChevronRight } from "lucide-react";
import { useState } from "react";
import type { JsonObject, Plan, PlanStep, PlanStepEstimate } from "../../api/types";
import { CodeBlock } from "../../shared/CodeBlock";
import { classes, count, money, unitPrice } from "../../shared/format";
import styles from "./PlanPreview.module.css";

const LIST = new Intl.ListFormat("en", { type: "conjunction" });

export function PlanSteps({ plan }: { plan: Plan }) {
  const estimates = new Map(plan.estimate.steps.map((each) => [each.order, each]));
  const blocked = new Map(plan.blockers.map((blocker) => [blocker.order, blocker.message]));
  return (
    <div className={styles.steps}>
      <div className={styles.headings} aria-hidden>
        <span />
        <span>Step</span>
        <span>Rows</span>
        <span>Expected</span>
        <span>At most</span>
        <span />
      </div>
      <ol data-list>
        {plan.document.steps.map((step) => (
          <Step key={step.order} step={step} estimate={estimates.get(step.order)} blocker={blocked.get(step.order)} />
        ))}
      </ol>
      <div className={classes(styles.stepRow, styles.total)}>
        <span />
        <span>Total</span>
        <span>{count(plan.estimate.rows)}</span>
        <span>{money(plan.estimate.expected_micro_usd)}</span>
        <span>{money(plan.estimate.worst_micro_usd)}</span>
        <span />
      </div>
    </div>
  );
}

function Step({ step, estimate, blocker }: { step: PlanStep; estimate?: PlanStepEstimate; blocker?: string }) {
  const [isOpen, setIsOpen] = useState(false);
  const costs = (estimate?.worst_micro_usd ?? 0) > 0;
  const isColumn = step.type === "add_column";
  const facts = [
    step.dependsOn.length > 0 ? `after ${step.dependsOn.length === 1 ? "step" : "steps"} ${LIST.format(step.dependsOn.map(String))}` : null,
    condition(step.config),
    costs ? `${unitPrice(estimate?.unit_micro_usd ?? 0)} a row` : null,
    estimate?.note || null,
  ].filter(Boolean);
  return (
    <li className={styles.step} data-blocked={blocker ? "" : undefined}>
      <button type="button" data-list-item className={styles.stepRow} aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        <span className={styles.order}>{step.order}</span>
        <span className={styles.words}>
          <b>{step.description || step.type}</b>
          <small data-problem={blocker ? "" : undefined}>{blocker ?? facts.join(" · ")}</small>
        </span>
        <span>{estimate?.rows ? count(estimate.rows) : <span className="faint">–</span>}</span>
        <span>{costs || isColumn ? money(estimate?.expected_micro_usd ?? 0) : <span className="faint">–</span>}</span>
        <span>{costs || isColumn ? money(estimate?.worst_micro_usd ?? 0) : <span className="faint">–</span>}</span>
        <ChevronRight size={15} className={styles.chevron} aria-hidden />
      </button>
      {isOpen && (
        <div className={styles.config}>
          <CodeBlock label={step.type} value={step.config} />
        </div>
      )}
    </li>
  );
}

function condition(config: JsonObject): string | null {
  const found = config.conditionalRun ?? null;
  if (typeof found !== "string" || !found) return null;
  const simple = /^(!!?)\{\{\s*([^{}]+?)\s*\}\}$/.exec(found);
  return simple ? `if ${simple[2]} is ${simple[1] === "!!" ? "filled" : "empty"}` : `if ${found}`;
}
