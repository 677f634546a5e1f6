// The address of every place, in one list, so that a link cannot drift from its route.

export const paths = {
  home: () => "/",
  signIn: (next?: string) => (next ? `/sign-in?next=${encodeURIComponent(next)}` : "/sign-in"),
  clients: () => "/clients",
  workbooks: (clientId: string) => `/c/${clientId}/workbooks`,
  summary: (clientId: string) => `/c/${clientId}/workbooks?tab=summary`,
  begin: (clientId: string) => `/c/${clientId}/begin`,
  plan: (clientId: string, planId: string) => `/c/${clientId}/plans/${planId}`,
  table: (clientId: string, tableId: string) => `/c/${clientId}/tables/${tableId}`,
  runs: (clientId: string) => `/c/${clientId}/runs`,
  run: (clientId: string, runId: string) => `/c/${clientId}/runs/${runId}`,
  pipeline: (clientId: string) => `/c/${clientId}/pipeline`,
  pipelineRun: (clientId: string, runId: string, step?: string) =>
    `/c/${clientId}/pipeline/${runId}${step ? `?step=${encodeURIComponent(step)}` : ""}`,
  pipelineComparison: (clientId: string, runId: string) => `/c/${clientId}/pipeline/${runId}/comparison`,
  replay: (clientId: string, replayId: string) => `/c/${clientId}/replays/${replayId}`,
  dossiers: (clientId: string) => `/c/${clientId}/dossiers`,
  dossier: (clientId: string, dossierId: string) => `/c/${clientId}/dossiers/${dossierId}`,
  contacts: (clientId: string, runId?: string) => `/c/${clientId}/contacts${runId ? `?run=${runId}` : ""}`,
  batches: (clientId: string) => `/c/${clientId}/batches`,
  batch: (clientId: string, batchId: string) => `/c/${clientId}/batches/${batchId}`,
  client: (clientId: string, part?: string) => `/c/${clientId}/client${part ? `?part=${part}` : ""}`,
  onboarding: (clientId: string) => `/c/${clientId}/onboarding`,
  claims: (clientId: string, runId?: string) => `/c/${clientId}/claims${runId ? `?run=${runId}` : ""}`,
  prompts: (clientId: string) => `/c/${clientId}/prompts`,
  prompt: (clientId: string, key: string, tab?: string) => `/c/${clientId}/prompts/${encodeURIComponent(key)}${tab ? `?tab=${tab}` : ""}`,
  experiment: (clientId: string, key: string, experimentId: string) => `/c/${clientId}/prompts/${encodeURIComponent(key)}/experiments/${experimentId}`,
  /** Making a workflow, or going on with one. */
  builder: (workflowId?: string, tab?: string) => `/builder${workflowId ? `/${workflowId}` : ""}${tab ? `?tab=${tab}` : ""}`,
  workflows: () => "/workflows",
  workflow: (workflowId: string, tab?: string) => `/workflows/${workflowId}${tab ? `?tab=${tab}` : ""}`,
  spend: (clientId?: string) => (clientId ? `/c/${clientId}/spend` : "/spend"),
  settings: (section: SettingsSection = "keys") => `/settings/${section}`,
};

export const SETTINGS_SECTIONS = [
  "keys", "llms", "training", "budgets", "people", "api-keys", "sessions", "appearance",
] as const;
export type SettingsSection = (typeof SETTINGS_SECTIONS)[number];
