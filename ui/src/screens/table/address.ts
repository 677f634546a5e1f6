// What of the table screen stands in its address: view, filters, sorts, search and the opened cell.
import { useRouter, useRouterState } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { FilterRule, Filters, SortRule } from "../../api/types";

export interface TableAddress {
  view: string | null;
  /** Null where the view's own apply. */
  filters: Filters | null;
  sorts: SortRule[] | null;
  search: string;
  row: string | null;
  field: string | null;
}

type Search = Record<string, unknown>;

export function parseAddress(search: Search): TableAddress {
  return {
    view: textOr(search.view, null),
    filters: isFilters(search.filter) ? search.filter : null,
    sorts: Array.isArray(search.sort) && search.sort.every(isSort) ? search.sort : null,
    search: textOr(search.q, "") ?? "",
    row: textOr(search.row, null),
    field: textOr(search.field, null),
  };
}

function toSearch(address: Partial<TableAddress>): Search {
  const search: Search = {};
  if ("view" in address) search.view = address.view ?? undefined;
  if ("filters" in address) search.filter = address.filters ?? undefined;
  if ("sorts" in address) search.sort = address.sorts ?? undefined;
  if ("search" in address) search.q = address.search || undefined;
  if ("row" in address) search.row = address.row ?? undefined;
  if ("field" in address) search.field = address.field ?? undefined;
  return search;
}

export function useTableAddress(): [TableAddress, (change: Partial<TableAddress>) => void] {
  const router = useRouter();
  const search = useRouterState({ select: (state) => state.location.search as Search });
  const key = JSON.stringify(search);
  const address = useMemo(() => parseAddress(JSON.parse(key) as Search), [key]);
  const change = useCallback(
    (next: Partial<TableAddress>) => {
      void router.navigate({ to: ".", search: ((before: Search) => ({ ...before, ...toSearch(next) })) as never, replace: true });
    },
    [router],
  );
  return [address, change];
}

// The router reads numbers in an address as numbers.
function textOr<T>(value: unknown, otherwise: T): string | T {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : otherwise;
}

function isFilters(value: unknown): value is Filters {
  if (Array.isArray(value)) return value.every(isRule);
  const or = (value as { or?: unknown } | null | undefined)?.or;
  return Array.isArray(or) && or.every((group) => Array.isArray(group) && group.every(isRule));
}

function isRule(value: unknown): value is FilterRule {
  const rule = value as Partial<FilterRule> | null;
  return typeof rule?.field === "string" && typeof rule.op === "string";
}

function isSort(value: unknown): value is SortRule {
  const rule = value as Partial<SortRule> | null;
  return typeof rule?.field === "string" && (rule.direction === "asc" || rule.direction === "desc");
}
