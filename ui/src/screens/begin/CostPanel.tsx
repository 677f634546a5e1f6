// The running estimate beside the wizard, and the budget it has to fit in.
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { budgetsQuery } from "../../api/queries";
import type { Catalog, MatchPreview } from "../../api/types";
import { count, counted, money, unitPrice } from "../../shared/format";
import { Panel } from "../../shared/Panel";
import { leftOf } from "../spend/BudgetBar";
import { costOf, rowsOf } from "./costs";
import { columnsWithoutLlm, sourceColumns, type Draft } from "./draft";
import { NeedsLlm } from "../../columns/AiEditor";
import styles from "./BeginWorkbook.module.css";

interface Props {
  draft: Draft;
  catalog: Catalog | undefined;
  matches: UseQueryResult<MatchPreview>;
  isTraining: boolean;
  /** On the last step it says what will not run. */
  isLast: boolean;
}

export function CostPanel({ draft, catalog, matches, isTraining, isLast }: Props) {
  const { clientId } = useParams({ from: "/inside/c/$clientId/begin" });
  const budgets = useQuery(budgetsQuery);
  const rows = rowsOf(draft, matches.data?.count);
  const costs = catalog ? draft.columns.map((column) => costOf(column, draft, catalog, isTraining)) : [];
  const isUnknown = costs.some((cost) => cost.expected === null);
  const expected = (rows ?? 0) * costs.reduce((sum, cost) => sum + (cost.expected ?? 0), 0);
  const worst = (rows ?? 0) * costs.reduce((sum, cost) => sum + (cost.worst ?? 0), 0);
  const budget = (budgets.data?.data ?? []).filter((each) => each.scope === "account" || (each.scope === "client" && each.scope_id === clientId)).sort((one, other) => leftOf(one) - leftOf(other))[0];
  const stuck = isLast ? columnsWithoutLlm(draft, catalog)[0] : undefined;
  return (
    <div style={{ display: "flex", flexDirection: "column", gap: 12 }}>
      <Panel title="Estimate">
        <div className={styles.costs}>
          <div>
            <span>Rows</span>
            <span>{rows === null ? "…" : count(rows)}</span>
          </div>
          <div>
            <span>
              {draft.leadSource === "find_companies" ? "Company directory" : draft.leadSource === "csv" ? "CSV file" : "Empty table"}
              <small>{counted(sourceColumns(draft).length, "column")}</small>
            </span>
            <span>{money(0)}</span>
          </div>
          {costs.map((cost, index) => (
            <div key={draft.columns[index]?.id}>
              <span>
                {cost.name || "A column"}
                <small>
                  {cost.note}
                  {cost.expected ? `, ${unitPrice(cost.expected)} a row` : ""}
                </small>
              </span>
              <span>{cost.expected === null ? "?" : money(cost.expected * (rows ?? 0))}</span>
            </div>
          ))}
          <div className={styles.total}>
            <span>
              {isUnknown ? "At least" : "About"}
              {worst > expected && <small>at the very most {money(worst)}</small>}
            </span>
            <span aria-live="polite">{money(expected)}</span>
          </div>
          {budget && (
            <div>
              <small>
                {money(Math.max(0, leftOf(budget)))} left in the {budget.scope === "account" ? "account’s" : "client’s"} budget
                {worst > leftOf(budget) ? ", less than this may cost" : ""}
              </small>
            </div>
          )}
        </div>
      </Panel>
      {isTraining && <p className="muted" style={{ fontSize: 13, padding: "0 4px" }}>Training mode: vendors are simulated, so they cost nothing and every value they give is marked.</p>}
      {stuck && <NeedsLlm name={stuck} />}
    </div>
  );
}
