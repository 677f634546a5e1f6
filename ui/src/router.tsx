// Which screen is at which address. Screens load when they are first opened.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect, useParams } from "@tanstack/react-router";
import { queryClient, sessionQuery } from "./api/queries";
import { Frame, FrameOutline } from "./frame/Frame";
import { lastClient } from "./frame/session";
import { LinkTo } from "./frame/LinkTo";
import { paths } from "./frame/paths";
import { parseSearch, stringifySearch } from "./frame/search";
import { PageSkeleton } from "./shared/PageSkeleton";
import { EmptyState, ErrorState } from "./shared/Placeholder";
import { Compass } from "lucide-react";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotThere });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  component: lazyRouteComponent(() => import("./screens/signin/SignIn"), "SignIn"),
});

const welcome = createRoute({
  getParentRoute: () => root,
  path: "/welcome",
  component: lazyRouteComponent(() => import("./screens/signin/Welcome"), "Welcome"),
});

const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: Frame,
  pendingComponent: FrameOutline,
  beforeLoad: async ({ location }) => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    if (!session) throw redirect({ href: paths.signIn(location.href) });
  },
});

const home = createRoute({
  getParentRoute: () => inside,
  path: "/",
  beforeLoad: () => {
    const clientId = lastClient();
    throw redirect({ href: clientId ? paths.workbooks(clientId) : paths.clients(), replace: true });
  },
});

const clients = createRoute({
  getParentRoute: () => inside,
  path: "/clients",
  component: lazyRouteComponent(() => import("./screens/clients/Clients"), "Clients"),
});

const accountSpend = createRoute({
  getParentRoute: () => inside,
  path: "/spend",
  component: lazyRouteComponent(() => import("./screens/spend/SpendScreen"), "SpendScreen"),
});

const settingsHome = createRoute({
  getParentRoute: () => inside,
  path: "/settings",
  beforeLoad: () => {
    throw redirect({ href: paths.settings(), replace: true });
  },
});

const settings = createRoute({
  getParentRoute: () => inside,
  path: "/settings/$section",
  component: lazyRouteComponent(() => import("./screens/settings/Settings"), "Settings"),
});

const workflows = createRoute({
  getParentRoute: () => inside,
  path: "/workflows",
  component: lazyRouteComponent(() => import("./screens/workflows/Workflows"), "Workflows"),
});

const LazyWorkflow = lazyRouteComponent(() => import("./screens/workflows/WorkflowScreen"), "WorkflowScreen");

const workflow = createRoute({
  getParentRoute: () => inside,
  path: "/workflows/$workflowId",
  component: function WorkflowRoute() {
    const { workflowId } = useParams({ from: "/inside/workflows/$workflowId" });
    // A different workflow is a different screen: files chosen for the last one must not run through this one.
    return <LazyWorkflow key={workflowId} workflowId={workflowId} />;
  },
});

const client = createRoute({ getParentRoute: () => inside, path: "/c/$clientId", component: Outlet });

const clientHome = createRoute({
  getParentRoute: () => client,
  path: "/",
  beforeLoad: ({ params }) => {
    throw redirect({ href: paths.workbooks(params.clientId), replace: true });
  },
});

const workbooks = createRoute({
  getParentRoute: () => client,
  path: "/workbooks",
  component: lazyRouteComponent(() => import("./screens/workbooks/Workbooks"), "Workbooks"),
});

const begin = createRoute({
  getParentRoute: () => client,
  path: "/begin",
  component: lazyRouteComponent(() => import("./screens/begin/BeginWorkbook"), "BeginWorkbook"),
});

const plan = createRoute({
  getParentRoute: () => client,
  path: "/plans/$planId",
  component: lazyRouteComponent(() => import("./screens/plan/PlanPreview"), "PlanPreview"),
});

const runs = createRoute({
  getParentRoute: () => client,
  path: "/runs",
  component: lazyRouteComponent(() => import("./screens/runs/Runs"), "Runs"),
});

const run = createRoute({
  getParentRoute: () => client,
  path: "/runs/$runId",
  component: lazyRouteComponent(() => import("./screens/runs/RunDetail"), "RunDetail"),
});

const pipeline = createRoute({
  getParentRoute: () => client,
  path: "/pipeline",
  component: lazyRouteComponent(() => import("./screens/pipeline/Pipeline"), "Pipeline"),
});

const LazyPipelineRun = lazyRouteComponent(() => import("./screens/pipeline/PipelineRun"), "PipelineRun");

const pipelineRun = createRoute({
  getParentRoute: () => client,
  path: "/pipeline/$runId",
  component: function PipelineRunRoute() {
    const { clientId, runId } = useParams({ from: "/inside/c/$clientId/pipeline/$runId" });
    // A different run is a different screen: a step chosen in the last one may not exist here.
    return <LazyPipelineRun key={runId} clientId={clientId} runId={runId} />;
  },
});

const pipelineComparison = createRoute({
  getParentRoute: () => client,
  path: "/pipeline/$runId/comparison",
  component: lazyRouteComponent(() => import("./screens/pipeline/RunComparison"), "RunComparison"),
});

const replay = createRoute({
  getParentRoute: () => client,
  path: "/replays/$replayId",
  component: lazyRouteComponent(() => import("./screens/pipeline/ReplayComparison"), "ReplayComparison"),
});

const LazyPrompts = lazyRouteComponent(() => import("./screens/prompts/Prompts"), "Prompts");

const prompts = createRoute({
  getParentRoute: () => client,
  path: "/prompts",
  component: function PromptsRoute() {
    const { clientId } = useParams({ from: "/inside/c/$clientId/prompts" });
    return <LazyPrompts clientId={clientId} promptKey={null} experimentId={null} />;
  },
});

const prompt = createRoute({
  getParentRoute: () => client,
  path: "/prompts/$promptKey",
  component: function PromptRoute() {
    const { clientId, promptKey } = useParams({ from: "/inside/c/$clientId/prompts/$promptKey" });
    return <LazyPrompts clientId={clientId} promptKey={promptKey} experimentId={null} />;
  },
});

const experiment = createRoute({
  getParentRoute: () => client,
  path: "/prompts/$promptKey/experiments/$experimentId",
  component: function ExperimentRoute() {
    const { clientId, promptKey, experimentId } = useParams({ from: "/inside/c/$clientId/prompts/$promptKey/experiments/$experimentId" });
    return <LazyPrompts clientId={clientId} promptKey={promptKey} experimentId={experimentId} />;
  },
});

const dossiers = createRoute({
  getParentRoute: () => client,
  path: "/dossiers",
  component: lazyRouteComponent(() => import("./screens/dossiers/Dossiers"), "Dossiers"),
});

const LazyDossier = lazyRouteComponent(() => import("./screens/dossiers/DossierReader"), "DossierReader");

const dossier = createRoute({
  getParentRoute: () => client,
  path: "/dossiers/$dossierId",
  component: function DossierRoute() {
    const { clientId, dossierId } = useParams({ from: "/inside/c/$clientId/dossiers/$dossierId" });
    return <LazyDossier key={dossierId} clientId={clientId} dossierId={dossierId} />;
  },
});

const batches = createRoute({
  getParentRoute: () => client,
  path: "/batches",
  component: lazyRouteComponent(() => import("./screens/batches/Batches"), "Batches"),
});

const batch = createRoute({
  getParentRoute: () => client,
  path: "/batches/$batchId",
  component: lazyRouteComponent(() => import("./screens/batches/BatchDetail"), "BatchDetail"),
});

const contacts = createRoute({
  getParentRoute: () => client,
  path: "/contacts",
  component: lazyRouteComponent(() => import("./screens/contacts/Contacts"), "Contacts"),
});

const claims = createRoute({
  getParentRoute: () => client,
  path: "/claims",
  component: lazyRouteComponent(() => import("./screens/claims/Claims"), "Claims"),
});

const clientBrief = createRoute({
  getParentRoute: () => client,
  path: "/client",
  component: lazyRouteComponent(() => import("./screens/clients/ClientBrief"), "ClientBrief"),
});

const onboarding = createRoute({
  getParentRoute: () => client,
  path: "/onboarding",
  component: lazyRouteComponent(() => import("./screens/clients/Onboarding"), "Onboarding"),
});

const LazyBuilder = lazyRouteComponent(() => import("./screens/builder/Builder"), "Builder");

const builder = createRoute({
  getParentRoute: () => inside,
  path: "/builder",
  component: function BuilderRoute() {
    return <LazyBuilder key="new" workflowId={null} />;
  },
});

const builderWorkflow = createRoute({
  getParentRoute: () => inside,
  path: "/builder/$workflowId",
  component: function BuilderWorkflowRoute() {
    const { workflowId } = useParams({ from: "/inside/builder/$workflowId" });
    return <LazyBuilder key={workflowId} workflowId={workflowId} />;
  },
});

const spend = createRoute({
  getParentRoute: () => client,
  path: "/spend",
  component: lazyRouteComponent(() => import("./screens/spend/SpendScreen"), "SpendScreen"),
});

const LazyTable = lazyRouteComponent(() => import("./screens/table/TableScreen"), "TableScreen");

const table = createRoute({
  getParentRoute: () => client,
  path: "/tables/$tableId",
  component: function TableRoute() {
    const { clientId, tableId } = useParams({ from: "/inside/c/$clientId/tables/$tableId" });
    // A different table is a different screen: nothing of the last one may linger.
    return <LazyTable key={tableId} clientId={clientId} tableId={tableId} />;
  },
});

function NotThere() {
  return (
    <EmptyState icon={Compass} title="There is nothing at this address" action={<LinkTo to={paths.home()} className="link">Go to the start</LinkTo>}>
      The link may be old, or a letter may be missing.
    </EmptyState>
  );
}

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    welcome,
    inside.addChildren([
      home,
      clients,
      accountSpend,
      settingsHome,
      settings,
      builder,
      builderWorkflow,
      workflows,
      workflow,
      client.addChildren([clientHome, workbooks, begin, plan, runs, run, pipeline, pipelineRun, pipelineComparison, replay, prompts, prompt, experiment, dossiers, dossier, batches, batch, contacts, claims, clientBrief, onboarding, spend, table]),
    ]),
  ]),
  parseSearch,
  stringifySearch,
  defaultPreload: false,
  defaultPendingMs: 300,
  defaultPendingComponent: PageSkeleton,
  defaultErrorComponent: ({ error, reset }) => <ErrorState error={error} doing="show this screen" onRetry={reset} />,
  defaultNotFoundComponent: NotThere,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
