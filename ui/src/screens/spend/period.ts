// The periods spend is looked at over.

const DAY_MS = 86_400_000;

/** The last days up to and with today, as dates; the same all day long, so that a query's key is stable. */
export function lastDays(days: number): { from: string; to: string } {
  const today = new Date();
  return { from: new Date(today.getTime() - (days - 1) * DAY_MS).toISOString().slice(0, 10), to: today.toISOString().slice(0, 10) };
}
