// How amounts, counts and times read, the same everywhere.

const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const CENTS = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** Micro-dollars as people read them: two decimals from one cent up, more below, never a false zero. */
export function money(microUsd: number): string {
  if (microUsd === 0) return "$0.00";
  const sign = microUsd < 0 ? "−" : "";
  const amount = Math.abs(microUsd) / 1_000_000;
  if (amount >= 0.01) return `${sign}$${CENTS.format(amount)}`;
  return `${sign}$${amount.toFixed(amount >= 0.0001 ? 4 : 6)}`;
}

/** The price of one thing: as `money`, with the fraction of a cent that adds up over many rows. */
export function unitPrice(microUsd: number): string {
  const cents = microUsd / 10_000;
  return microUsd >= 10_000 && microUsd < 1_000_000 && !Number.isInteger(cents) ? `$${(microUsd / 1_000_000).toFixed(4).replace(/0$/, "")}` : money(microUsd);
}

/** Micro-dollars for what a person typed in dollars; null when it is no amount. */
export function parseMoney(text: string): number | null {
  const cleaned = text.replace(/[$,\s]/g, "");
  if (!/^\d+(\.\d*)?$|^\.\d+$/.test(cleaned)) return null;
  return Math.ceil(Number(cleaned) * 1_000_000 - 1e-6);
}

/** Micro-dollars as an editable amount in dollars: "2.5" rather than "$2.50". */
export function moneyInput(microUsd: number | null | undefined): string {
  return microUsd === null || microUsd === undefined ? "" : String(microUsd / 1_000_000);
}

export function count(value: number): string {
  return WHOLE.format(value);
}

/** "1 row", "1,200 rows". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${WHOLE.format(value)} ${value === 1 ? one : many}`;
}

const STEPS: [number, Intl.RelativeTimeFormatUnit][] = [
  [60, "second"],
  [60, "minute"],
  [24, "hour"],
  [7, "day"],
  [4.345, "week"],
  [12, "month"],
  [Infinity, "year"],
];
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

export function ago(iso: string, now: number = Date.now()): string {
  let amount = (new Date(iso).getTime() - now) / 1000;
  // A server's clock may run a little ahead of this one.
  if (amount > -10 && amount < 60) return "just now";
  for (const [size, unit] of STEPS) {
    if (Math.abs(amount) < size) return RELATIVE.format(Math.round(amount), unit);
    amount /= size;
  }
  return iso;
}

const FULL = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium" });
const DAY = new Intl.DateTimeFormat("en", { month: "short", day: "numeric" });
const DAY_YEAR = new Intl.DateTimeFormat("en", { month: "short", day: "numeric", year: "numeric" });

export function fullTime(iso: string): string {
  return FULL.format(new Date(iso));
}

/** "Jan 15", with the year when it is not this one. */
export function day(iso: string): string {
  const date = new Date(iso);
  return (date.getFullYear() === new Date().getFullYear() ? DAY : DAY_YEAR).format(date);
}

/** Milliseconds as "420 ms", "3.2 s", "4 min 10 s", "2 h 5 min". */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    const rest = Math.round(seconds % 60);
    return rest && minutes < 10 ? `${minutes} min ${rest} s` : `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
}

export function elapsed(from: string | null, to: string | null, now: number = Date.now()): string | null {
  if (!from) return null;
  return duration(Math.max(0, (to ? new Date(to).getTime() : now) - new Date(from).getTime()));
}

export function percent(part: number, whole: number): number {
  return whole > 0 ? Math.min(100, Math.max(0, (part / whole) * 100)) : 0;
}

/** "find_companies" as "Find companies". */
export function words(key: string): string {
  const text = key
    .replace(/[_-]+/g, " ")
    .trim()
    .replace(/\b(usd|url|ceo|id|ai|api|icp|csv|json|linkedin)\b/gi, (name) => (name.toLowerCase() === "linkedin" ? "LinkedIn" : name.toUpperCase()));
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Compact dollars for filters and charts: "$1.2B", "$500M". */
export function compactUsd(usd: number): string {
  return `$${new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 }).format(usd)}`;
}

/** Whether a remark only says that vendors are simulated, which screens show by a mark of their own. */
export function isTrainingRemark(text: string): boolean {
  return text.startsWith("Training mode:");
}

export function classes(...names: (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(" ");
}
