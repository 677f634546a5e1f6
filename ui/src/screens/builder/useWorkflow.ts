// One workflow, kept up to date: the socket tells at once, and while a script is built it is also asked each second.
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useLive } from "../../api/live";
import { workflowChanged, workflowQuery } from "../../api/workflowQueries";
import type { Workflow } from "../../api/workflowTypes";

const POLL_MS = 1_000;
/** After this long a build is no longer asked about by itself (seed: give up after 60 s). */
const PATIENCE_MS = 60_000;

interface Watched {
  query: UseQueryResult<Workflow>;
  /** The build has taken so long that asking has stopped. */
  isQuiet: boolean;
  /** Asks for another minute. */
  watchOn: () => void;
}

export function useWorkflow(workflowId: string): Watched {
  const [since, setSince] = useState(0);
  const [isQuiet, setIsQuiet] = useState(false);
  const query = useQuery({ ...workflowQuery(workflowId), staleTime: 0, refetchInterval: (state) => (isBuilding(state.state.data) && !isQuiet ? POLL_MS : false) });
  const building = isBuilding(query.data) ? (query.data?.current_version?.build_started_at ?? "now") : null;
  useEffect(() => {
    setIsQuiet(false);
    if (building === null) return;
    const timer = setTimeout(() => setIsQuiet(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [building, since]);
  useLive(`workflow:${workflowId}`, () => workflowChanged(workflowId));
  return {
    query,
    isQuiet: isQuiet && building !== null,
    watchOn: () => {
      setSince(since + 1);
      void query.refetch();
    },
  };
}

function isBuilding(workflow: Workflow | undefined): boolean {
  return workflow?.current_version?.status === "building";
}
