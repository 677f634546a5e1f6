// The periods spend is looked at over.

const DAY_MS = 86_400_000;

export interface Period {
  /** First day, as a date. */
  from: string;
  /** The day after the last one: the server takes it as the moment to stop before. */
  to: string;
}

/** The last days up to and with today; the same all day long, so that a query's key is stable. */
export function lastDays(days: number, now: Date = new Date()): Period {
  return { from: dateOf(now.getTime() - (days - 1) * DAY_MS), to: dateOf(now.getTime() + DAY_MS) };
}

/** One entry for each day of the period; days the server has nothing of are zero. */
export function everyDay(known: { day: string; settled_micro_usd: number }[], { from, to }: Period): { day: string; settled_micro_usd: number }[] {
  const spent = new Map(known.map((each) => [each.day.slice(0, 10), each.settled_micro_usd]));
  const days = [];
  for (let at = Date.parse(from); at < Date.parse(to); at += DAY_MS) days.push({ day: dateOf(at), settled_micro_usd: spent.get(dateOf(at)) ?? 0 });
  return days;
}

function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
