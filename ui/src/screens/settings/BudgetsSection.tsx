// Budgets, as a section of the settings.
import { useQuery } from "@tanstack/react-query";
import { budgetsQuery } from "../../api/queries";
import { Budgets } from "../spend/Budgets";
import { Intro } from "./Intro";

export function BudgetsSection() {
  const budgets = useQuery(budgetsQuery);
  return (
    <>
      <Intro title="Budgets">The most that may be spent: by the whole account, a client, a workbook, a table, a column or one run.</Intro>
      <Budgets query={budgets} />
    </>
  );
}
