// Every state a thing can be in, with the one word, meaning and icon it has everywhere.
import {
  Archive, Ban, Check, CircleDashed, CircleHelp, CirclePause, CircleSlash, CircleStop, Clock, Eye, FileWarning, Gauge, History,
  Hourglass, LoaderCircle, Minus, RefreshCw, SearchX, TriangleAlert, Wallet, X, type LucideIcon,
} from "lucide-react";

export type Meaning = "done" | "working" | "waiting" | "attention" | "failed";

export interface StateLook {
  word: string;
  meaning: Meaning;
  icon: LucideIcon;
  /** What the state says, for the hover. */
  explanation: string;
  spins?: boolean;
}

const look = (word: string, meaning: Meaning, icon: LucideIcon, explanation: string, spins = false): StateLook => ({
  word, meaning, icon, explanation, spins,
});

export const STATES: Record<string, StateLook> = {
  // Cells
  empty: look("Empty", "waiting", Minus, "Not computed yet."),
  queued: look("Queued", "waiting", Clock, "In line; nothing has been asked or paid yet."),
  running: look("Running", "working", LoaderCircle, "Being worked on now.", true),
  waiting: look("Waiting", "waiting", Hourglass, "Waits for another column, an answer or a person."),
  retrying: look("Retrying", "working", RefreshCw, "The last try failed; another one is on its way."),
  rate_limited: look("Rate limited", "waiting", Gauge, "The source asked us to slow down; it continues by itself."),
  done: look("Done", "done", Check, "Computed and stored."),
  no_data: look("No data", "attention", SearchX, "Every source looked and had nothing."),
  condition_not_met: look("Condition not met", "waiting", CircleSlash, "The column's condition is false for this row, so nothing was asked or paid."),
  missing_input: look("Missing input", "attention", FileWarning, "A column this one reads is empty in this row."),
  invalid: look("Invalid", "failed", Ban, "The value is not one this column accepts."),
  failed: look("Failed", "failed", X, "It could not be done; the message says why."),
  over_budget: look("Over budget", "attention", Wallet, "The next call did not fit in the budget, so it was not made."),
  cancelled: look("Cancelled", "waiting", CircleStop, "Stopped before it began; nothing was paid."),
  stale: look("Stale", "attention", History, "Something it was computed from has changed since."),
  unknown: look("Unknown", "attention", CircleHelp, "A paid call went out and no answer came back. It is not repeated by itself."),
  // Runs and steps
  stopping: look("Stopping", "working", LoaderCircle, "Finishing what already left; nothing new starts.", true),
  stopped: look("Stopped", "waiting", CirclePause, "Stopped by a person; what was done is kept."),
  succeeded: look("Complete", "done", Check, "Everything was carried out."),
  skipped: look("Skipped", "waiting", CircleSlash, "Nothing called for it here, so nothing was asked or paid."),
  // Tables
  pending: look("Pending", "waiting", CircleDashed, "Nothing has run yet."),
  complete: look("Complete", "done", Check, "Every column has run."),
  // Dossiers and clients
  skeleton: look("Just begun", "waiting", CircleDashed, "A company is being looked for; nothing is known of it yet."),
  enriching: look("Enriching", "working", LoaderCircle, "Its steps are under way; what they find shows at once.", true),
  ready: look("Ready", "done", Check, "Every section is written and can be read."),
  archived: look("Archived", "waiting", Minus, "Put away; its claims and what was spent for it are kept."),
  superseded: look("Superseded", "waiting", History, "A newer dossier on the same company has taken its place."),
  onboarding: look("Onboarding", "attention", CircleDashed, "Its profile, industry or context is not written yet, so research cannot begin."),
  active: look("Active", "done", Check, "It has what research needs."),
  // Plans
  draft: look("To review", "attention", Eye, "Waits for a person to approve or reject it."),
  approved: look("Approved", "working", Check, "Approved; about to be carried out."),
  applying: look("Applying", "working", LoaderCircle, "Being carried out now.", true),
  applied: look("Applied", "done", Check, "Carried out."),
  rejected: look("Rejected", "waiting", X, "A person decided against it."),
  // Workflows
  workflow_validating: look("Begun", "waiting", CircleDashed, "Its files are known; what should be done with them is not said yet."),
  workflow_validated: look("Begun", "waiting", CircleDashed, "It can be done; the next message says how."),
  workflow_clarifying: look("A question", "attention", CircleHelp, "A question waits for your answer before the script is written."),
  workflow_answering: look("Being read", "working", LoaderCircle, "The language model is reading what was said.", true),
  workflow_building: look("Building", "working", LoaderCircle, "The script is being written.", true),
  workflow_pending_user_approval: look("To approve", "attention", Eye, "The script is written; it runs on no file of yours before a person has approved it."),
  workflow_approved: look("Ready to run", "done", Check, "A person approved this script; it can be run."),
  workflow_rejected: look("Not possible", "failed", Ban, "A script cannot do this; the reason is in the conversation."),
  workflow_failed: look("Build failed", "failed", X, "The script could not be written; the reason is with the version."),
  workflow_archived: look("Archived", "waiting", Archive, "Put away; a newer version took its place, or nobody uses it."),
};

const ODD: StateLook = look("Unrecognised", "attention", TriangleAlert, "A state this page does not know. Reload to get the newest version.");

export function lookOf(state: string): StateLook {
  return STATES[state] ?? ODD;
}
