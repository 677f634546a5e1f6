// Filters as people build them: groups joined by "or", rules in a group joined by "and".
import type { Field, FilterOp, FilterRule, Filters } from "../../api/types";

export function groupsOf(filters: Filters): FilterRule[][] {
  return Array.isArray(filters) ? (filters.length > 0 ? [filters] : []) : filters.or;
}

export function filtersOf(groups: readonly FilterRule[][]): Filters {
  const filled = groups.filter((group) => group.length > 0);
  return filled.length > 1 ? { or: filled } : (filled[0] ?? []);
}

/** Without rules that are not finished yet, such as "contains" with nothing to contain. */
export function finished(filters: Filters): Filters {
  return filtersOf(groupsOf(filters).map((group) => group.filter(isFinished)));
}

export function isFinished(rule: FilterRule): boolean {
  return !takesValue(rule.op) || (rule.value !== undefined && rule.value !== null && rule.value !== "");
}

export function ruleCount(filters: Filters): number {
  return groupsOf(filters).reduce((sum, group) => sum + group.length, 0);
}

export function takesValue(op: FilterOp): boolean {
  return op !== "is_empty" && op !== "is_not_empty";
}

const WORDS: Record<FilterOp, string> = {
  is: "is",
  is_not: "is not",
  contains: "contains",
  is_empty: "is empty",
  is_not_empty: "is not empty",
  gt: "is more than",
  gte: "is at least",
  lt: "is less than",
  lte: "is at most",
  state_is: "state is",
};
const DATE_WORDS: Partial<Record<FilterOp, string>> = { gt: "is after", gte: "is on or after", lt: "is before", lte: "is on or before" };

export function opWords(op: FilterOp, field: Field): string {
  return (field.storage === "timestamp" && DATE_WORDS[op]) || WORDS[op];
}

export function opsFor(field: Field): FilterOp[] {
  const compared: FilterOp[] = ["gt", "gte", "lt", "lte"];
  const ops: FilterOp[] =
    field.storage === "number" || field.storage === "timestamp"
      ? ["is", "is_not", ...compared, "is_empty", "is_not_empty"]
      : field.kind === "boolean"
        ? ["is", "is_empty", "is_not_empty"]
        : ["contains", "is", "is_not", "is_empty", "is_not_empty"];
  return field.is_computed ? [...ops, "state_is"] : ops;
}

/** A first rule for a column, still to be filled in. */
export function newRule(field: Field): FilterRule {
  return { field: field.id, op: opsFor(field)[0]!, value: "" };
}
