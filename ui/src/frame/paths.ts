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
  spend: (clientId?: string) => (clientId ? `/c/${clientId}/spend` : "/spend"),
  settings: (section: SettingsSection = "keys") => `/settings/${section}`,
};

export const SETTINGS_SECTIONS = [
  "keys", "llms", "training", "budgets", "people", "api-keys", "sessions", "appearance",
] as const;
export type SettingsSection = (typeof SETTINGS_SECTIONS)[number];
