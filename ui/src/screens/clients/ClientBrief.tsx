// What research knows about a client: its configurations, whom to leave alone, and how it came about.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Check, Circle, ListChecks } from "lucide-react";
import { onboardingsQuery, researchClientQuery } from "../../api/queries";
import type { ConfigKind, ResearchClient } from "../../api/types";
import { useCrumbs } from "../../frame/crumbs";
import { LinkTo, useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { classes } from "../../shared/format";
import { Notice, Page } from "../../shared/Panel";
import { PageSkeleton } from "../../shared/PageSkeleton";
import { Loaded } from "../../shared/Placeholder";
import { StateBadge } from "../../shared/StateBadge";
import { Timestamp } from "../../shared/Time";
import { ConfigEditor } from "./ConfigEditor";
import { KIND_ORDER, KINDS } from "./configs";
import { LeaveAlone } from "./LeaveAlone";
import styles from "./Brief.module.css";

const NEEDED: ConfigKind[] = ["icp_config", "industry_research", "research_context"];
const LEAVE_ALONE = "leave-alone";

export function ClientBrief() {
  const { clientId } = useParams({ from: "/inside/c/$clientId/client" });
  const query = useQuery(researchClientQuery(clientId));
  useCrumbs([{ label: query.data?.name ?? "…", to: paths.workbooks(clientId) }, { label: "Client brief" }]);
  return (
    <Loaded query={query} doing="open this client" skeleton={<PageSkeleton />}>
      {(client) => <Brief client={client} />}
    </Loaded>
  );
}

function Brief({ client }: { client: ResearchClient }) {
  const [part, setPart] = useUrlState("part", "icp_config");
  const onboardings = useQuery(onboardingsQuery(client.id));
  const go = useGo();
  const mayWrite = useMay("clients.write");
  const latest = onboardings.data?.data[0];
  const isBegun = latest && latest.state !== "refined";
  const missing = NEEDED.filter((kind) => !client.configs.some((each) => each.kind === kind));
  const kind = KIND_ORDER.find((each) => each === part);
  return (
    <Page
      title="Client brief"
      subtitle={
        <>
          <StateBadge state={client.status} />
          <span>{client.name}</span>
          {client.domain && <span>{client.domain}</span>}
          {latest && (
            <span>
              last intake <Timestamp at={latest.created_at} look="day" />
            </span>
          )}
        </>
      }
      actions={
        mayWrite && (
          <Button look={client.status === "onboarding" ? "primary" : "plain"} icon={ListChecks} onClick={() => go(paths.onboarding(client.id))}>
            {isBegun ? "Go on with the onboarding" : client.configs.length > 0 ? "New intake" : "Begin the onboarding"}
          </Button>
        )
      }
    >
      {missing.length > 0 && (
        <Notice tone="attention">
          Still to write before research can begin: {missing.map((each) => KINDS[each].label.toLowerCase()).join(", ")}.{" "}
          {mayWrite && (
            <>
              Write {missing.length === 1 ? "it" : "them"} here, or{" "}
              <LinkTo className="link" to={paths.onboarding(client.id)}>
                go through the onboarding
              </LinkTo>
              .
            </>
          )}
        </Notice>
      )}
      {!mayWrite && <Notice>Your role may read this brief and not change it. Ask an administrator of your account.</Notice>}
      <div className={styles.brief}>
        <nav className={styles.parts} aria-label="Parts of the brief">
          {KIND_ORDER.map((each) => (
            <PartButton key={each} isOn={kind === each} isDone={client.configs.some((config) => config.kind === each)} onClick={() => setPart(each)}>
              {KINDS[each].label}
            </PartButton>
          ))}
          <PartButton isOn={part === LEAVE_ALONE} isDone={client.excluded.length + client.do_not_call.length > 0} onClick={() => setPart(LEAVE_ALONE)}>
            Leave alone
          </PartButton>
        </nav>
        {kind ? <ConfigEditor key={kind} client={client} kind={kind} /> : <LeaveAlone client={client} />}
      </div>
    </Page>
  );
}

function PartButton({ isOn, isDone, onClick, children }: { isOn: boolean; isDone: boolean; onClick: () => void; children: string }) {
  const Icon = isDone ? Check : Circle;
  return (
    <button type="button" data-list-item="" className={classes(styles.partButton, isOn && styles.on)} aria-current={isOn ? "true" : undefined} onClick={onClick}>
      <Icon size={14} aria-hidden data-done={isDone || undefined} />
      {children}
      <span className="visually-hidden">{isDone ? ", written" : ", not written yet"}</span>
    </button>
  );
}
