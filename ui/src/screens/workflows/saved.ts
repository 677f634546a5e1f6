// What a workflow saves, as people say it: pure.

/** "45 min", "2 h", "2 h 30 min". */
export function minutes(amount: number): string {
  const whole = Math.round(amount);
  if (whole < 60) return `${whole} min`;
  const rest = whole % 60;
  const hours = Math.floor(whole / 60).toLocaleString("en-US");
  return rest ? `${hours} h ${rest} min` : `${hours} h`;
}
