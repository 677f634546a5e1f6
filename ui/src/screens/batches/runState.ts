// A pipeline's status as the rest of the product names its states.

const STATES: Record<string, string> = { pending: "queued", completed: "succeeded", cancelled: "stopped" };

export function runState(status: string): string {
  return STATES[status] ?? status;
}
