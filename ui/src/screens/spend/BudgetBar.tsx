// How much of a budget is used: spent, reserved, left.
import type { BudgetUse } from "../../api/types";
import { money, percent } from "../../shared/format";
import styles from "./BudgetBar.module.css";

export function leftOf(budget: BudgetUse): number {
  return budget.limit_micro_usd - budget.spent_micro_usd - budget.reserved_micro_usd;
}

export function BudgetBar({ budget }: { budget: BudgetUse }) {
  const left = leftOf(budget);
  const used = percent(budget.spent_micro_usd, budget.limit_micro_usd);
  return (
    <div className={styles.budget}>
      <div className={styles.bar} data-tone={left <= 0 ? "full" : used > 90 ? "near" : "fine"} role="img" aria-label={`${money(budget.spent_micro_usd)} of ${money(budget.limit_micro_usd)} spent`}>
        <span style={{ width: `${used}%` }} />
        <i style={{ width: `${percent(budget.reserved_micro_usd, budget.limit_micro_usd)}%` }} />
      </div>
      <span className={styles.words} title={`${money(budget.spent_micro_usd)} spent, ${money(budget.reserved_micro_usd)} reserved of ${money(budget.limit_micro_usd)}`}>
        {money(Math.max(0, left))} left of {money(budget.limit_micro_usd)}
      </span>
    </div>
  );
}
