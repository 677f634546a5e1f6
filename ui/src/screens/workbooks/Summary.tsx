// A client at a glance: what there is, what it cost, what ran last, what to do next.
import { useQuery } from "@tanstack/react-query";
import { FileUp, ListVideo, Search } from "lucide-react";
import { runsQuery, spendQuery, workbooksQuery } from "../../api/queries";
import { LinkTo, useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { Button } from "../../shared/Button";
import { count, counted, money } from "../../shared/format";
import { Figure, Figures, Panel } from "../../shared/Panel";
import { EmptyState, Loaded, Skeleton, SkeletonRows } from "../../shared/Placeholder";
import { RunTable } from "../runs/RunTable";
import { SpendChart } from "../spend/SpendChart";
import { everyDay, lastDays } from "../spend/period";
import styles from "./Summary.module.css";

const DAYS = 30;

export function Summary({ clientId }: { clientId: string }) {
  const period = lastDays(DAYS);
  const workbooks = useQuery(workbooksQuery(clientId));
  const spend = useQuery(spendQuery(clientId, period.from, period.to));
  const runs = useQuery(runsQuery({ client_id: clientId, limit: 8 }));
  const go = useGo();
  const tables = workbooks.data?.data.flatMap((workbook) => workbook.tables) ?? [];
  const active = runs.data?.data.filter((run) => run.state === "running" || run.state === "queued").length ?? 0;
  return (
    <div className={styles.summary}>
      <Figures>
        <Figure name="Workbooks" value={workbooks.data ? count(workbooks.data.data.length) : <Skeleton width={40} height={20} />} note={counted(tables.length, "table")} />
        <Figure name="Rows" value={workbooks.data ? count(tables.reduce((sum, table) => sum + table.row_count, 0)) : <Skeleton width={72} height={20} />} note="in all tables" />
        <Figure
          name={`Spent in ${DAYS} days`}
          value={spend.data ? money(spend.data.settled_micro_usd) : <Skeleton width={64} height={20} />}
          note={spend.data?.reserved_micro_usd ? `${money(spend.data.reserved_micro_usd)} reserved` : "nothing reserved"}
        />
        <Figure name="Running now" value={runs.data ? count(active) : <Skeleton width={24} height={20} />} note={active ? <LinkTo className="link" to={paths.runs(clientId)}>See the runs</LinkTo> : "all quiet"} />
      </Figures>
      <div className={styles.pair}>
        <Panel title="Spend by day" actions={<LinkTo className="link" to={paths.spend(clientId)}>All spend</LinkTo>}>
          <Loaded query={spend} doing="load the spend" size="panel" skeleton={<Skeleton height={180} />}>
            {(value) =>
              value.by_day.some((day) => day.settled_micro_usd > 0) ? (
                <SpendChart days={everyDay(value.by_day, period)} height={180} />
              ) : (
                <EmptyState size="panel" title="Nothing spent yet">
                  Local and simulated sources are free.
                </EmptyState>
              )
            }
          </Loaded>
        </Panel>
        <Panel title="Next">
          <div className={styles.next}>
            <Button icon={Search} onClick={() => go(`${paths.begin(clientId)}?source=find_companies`)}>
              Find companies
            </Button>
            <Button icon={FileUp} onClick={() => go(`${paths.begin(clientId)}?source=csv`)}>
              Import a CSV file
            </Button>
            <Button icon={ListVideo} onClick={() => go(paths.runs(clientId))}>
              Look at the runs
            </Button>
          </div>
        </Panel>
      </div>
      <Panel title="Recent runs" isFlush actions={<LinkTo className="link" to={paths.runs(clientId)}>All runs</LinkTo>}>
        <Loaded query={runs} doing="load the runs" size="panel" skeleton={<SkeletonRows rows={4} />}>
          {({ data }) =>
            data.length ? (
              <RunTable runs={data} clientId={clientId} />
            ) : (
              <EmptyState size="panel" title="Nothing has run yet">
                Runs of plans, columns and imports show here, with what each cost.
              </EmptyState>
            )
          }
        </Loaded>
      </Panel>
    </div>
  );
}
