// How a column's kind looks, and as what its values are shown.
import {
  AtSign, Braces, Calendar, ChevronsUpDown, FileText, Globe, Hash, Link2, ListFilter, Scale, Sigma, Sparkles, SquareCheck, Telescope, Type, Waypoints, Zap,
  type LucideIcon,
} from "lucide-react";
import type { Field, Json } from "../../api/types";

const ICONS: Record<string, LucideIcon> = {
  text: Type,
  number: Hash,
  boolean: SquareCheck,
  date: Calendar,
  url: Link2,
  email: AtSign,
  select: ChevronsUpDown,
  json: Braces,
  formula: Sigma,
  enrichment: Zap,
  waterfall: Waypoints,
  ai: Sparkles,
  rubric: Scale,
  http: Globe,
  lookup: ListFilter,
  research: Telescope,
  dossier: FileText,
};

const BY_STORAGE: Record<string, LucideIcon> = { text: Type, number: Hash, timestamp: Calendar, json: Braces };

/** The kind's icon; a kind we do not know yet gets that of computed columns. */
export function kindIcon(kind: string): LucideIcon {
  return ICONS[kind] ?? Zap;
}

export function fieldIcon(field: Field): LucideIcon {
  if (field.output_of !== null) return BY_STORAGE[field.storage] ?? Type;
  return kindIcon(field.kind);
}

export type Shape = "blank" | "number" | "boolean" | "date" | "url" | "email" | "list" | "json" | "select" | "text";

const EMAIL = /^[^\s@<>(),;]+@[^\s@<>(),;]+\.[^\s@<>(),;]{2,}$/;
const WEB = /^https?:\/\/\S+$/i;

/** As what one value is shown: by its column where that is certain, by itself where a column may hold anything. */
export function shapeOf(field: Field, value: Json | undefined): Shape {
  if (value === null || value === undefined || value === "") return "blank";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number") return "number";
  if (Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "string" || typeof each === "number")) return "list";
  if (typeof value === "object") return "json";
  if (field.storage === "timestamp") return "date";
  if (field.kind === "select") return "select";
  if (field.kind === "url" || WEB.test(value)) return "url";
  if (field.kind === "email" || EMAIL.test(value)) return "email";
  return "text";
}

/** Whether the column shows its dossiers' scores, with words beside them, and not plain figures. */
export function isDossierScore(field: Field): boolean {
  return field.kind === "dossier" && field.output_of === null;
}

export function isNumeric(field: Field): boolean {
  return field.storage === "number" && !isDossierScore(field);
}

const PLAIN = new Intl.NumberFormat("en-US", { maximumFractionDigits: 6, useGrouping: false });
const GROUPED = new Intl.NumberFormat("en-US", { maximumFractionDigits: 6 });

const YEARS_OR_CODES = /\b(year|founded|established|since|zip|postcode|code|id)\b/i;

/** Thousands set apart, except in columns of years and codes, where 1,998 would be wrong. */
export function numberText(value: number, field?: Field): string {
  return (field && YEARS_OR_CODES.test(field.name) ? PLAIN : GROUPED).format(value);
}

/** "2026-11-21", with the time when there is one other than midnight UTC. */
export function dateText(iso: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}))?/.exec(iso);
  if (!match) return iso;
  return match[2] && match[2] !== "00:00" ? `${match[1]} ${match[2]}` : match[1]!;
}

/** Where a link leads: only web addresses, so that a cell can never run a script. */
export function webAddress(text: string): string | null {
  const address = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  try {
    const url = new URL(address);
    return url.hostname.includes(".") ? url.href : null;
  } catch {
    return null;
  }
}

export function jsonSummary(value: Json): string {
  if (Array.isArray(value)) return value.length === 0 ? "empty list" : `${value.length} ${value.length === 1 ? "item" : "items"}`;
  if (typeof value === "object" && value !== null) {
    const names = Object.keys(value);
    return names.length === 0 ? "empty" : `${names.length} ${names.length === 1 ? "field" : "fields"}`;
  }
  return String(value);
}
