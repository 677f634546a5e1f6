// Who is signed in, and what they may do.
import { useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { sessionQuery } from "../api/queries";
import type { Session } from "../api/types";

/** The session; only under routes that have checked there is one. */
export function useSession(): Session {
  const { data } = useSuspenseQuery(sessionQuery);
  if (!data) throw new Error("There is no session on this screen.");
  return data;
}

export type Permission =
  | "account.write" | "users.read" | "users.write" | "keys.read" | "keys.write" | "credentials.read" | "credentials.write"
  | "clients.write" | "workbooks.write" | "workbooks.export" | "plans.write" | "plans.approve" | "runs.start" | "runs.stop"
  | "prompts.write" | "prompts.approve" | "runs.resume" | "research.read" | "research.write" | "research.export" | "builder.read" | "builder.write" | "spend.read" | "spend.reconcile" | "budgets.write" | "stop.all";

/** Whether to offer an act; the server decides again. */
export function useMay(permission: Permission): boolean {
  const { permissions } = useSession();
  return permissions.includes("*") || permissions.includes(permission);
}

const LAST_CLIENT = "spadework.client";

/** The client in the address, else the one last looked at. */
export function useClientId(): string | null {
  const params = useParams({ strict: false }) as { clientId?: string };
  return params.clientId ?? localStorage.getItem(LAST_CLIENT);
}

export function rememberClient(clientId: string | null): void {
  if (clientId) localStorage.setItem(LAST_CLIENT, clientId);
  else localStorage.removeItem(LAST_CLIENT);
}

export function lastClient(): string | null {
  return localStorage.getItem(LAST_CLIENT);
}
