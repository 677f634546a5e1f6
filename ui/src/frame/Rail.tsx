// The left rail: which client, where to go, and Stop everything.
import { useQuery } from "@tanstack/react-query";
import { useRouterState } from "@tanstack/react-router";
import { ChevronsUpDown, CircleStop, Coins, FileText, Hammer, ListVideo, Quote, Settings, SquareTerminal, Table2, Target, Users, Workflow, type LucideIcon } from "lucide-react";
import { clientsQuery } from "../api/queries";
import { classes, money } from "../shared/format";
import { Menu } from "../shared/Menu";
import { Tooltip } from "../shared/Tooltip";
import { LinkTo, useGo } from "./LinkTo";
import { paths } from "./paths";
import { useMay } from "./session";
import styles from "./Rail.module.css";

export function Rail({ clientId, onStop }: { clientId: string | null; onStop: () => void }) {
  const mayStop = useMay("stop.all");
  const mayBuild = useMay("builder.read");
  return (
    <nav className={styles.rail} aria-label="Main">
      <ClientSwitcher clientId={clientId} />
      {clientId && (
        <div className={styles.group}>
          <Place to={paths.workbooks(clientId)} also={[`/c/${clientId}/tables`, `/c/${clientId}/begin`, `/c/${clientId}/plans`]} icon={Table2} keys="G W">
            Workbooks
          </Place>
          <Place to={paths.pipeline(clientId)} also={[`/c/${clientId}/replays`]} icon={Workflow} keys="G P">
            Pipeline
          </Place>
          <Place to={paths.dossiers(clientId)} also={[paths.batches(clientId)]} icon={FileText} keys="G D">
            Dossiers
          </Place>
          <Place to={paths.contacts(clientId)} icon={Users} keys="G O">
            Contacts
          </Place>
          <Place to={paths.claims(clientId)} icon={Quote} keys="G A">
            Claims
          </Place>
          <Place to={paths.prompts(clientId)} icon={SquareTerminal} keys="G T">
            Prompts
          </Place>
          <Place to={paths.client(clientId)} also={[paths.onboarding(clientId)]} icon={Target} keys="G B">
            Client brief
          </Place>
          <Place to={paths.runs(clientId)} icon={ListVideo} keys="G R">
            Runs
          </Place>
        </div>
      )}
      {mayBuild && (
        <div className={styles.group}>
          <Place to={paths.workflows()} also={[paths.builder()]} icon={Hammer} keys="G F">
            Builder
          </Place>
        </div>
      )}
      <div className={classes(styles.group, styles.bottom)}>
        <Place to={paths.spend(clientId ?? undefined)} also={["/spend"]} icon={Coins} keys="G S">
          Spend
        </Place>
        <Place to={paths.settings()} also={["/settings"]} icon={Settings} keys="G ,">
          Settings
        </Place>
        {mayStop && (
          <Tooltip text="Stop all work of this account" side="right">
            <button type="button" className={classes(styles.place, styles.stop)} onClick={onStop}>
              <CircleStop size={17} strokeWidth={1.8} aria-hidden />
              <span>Stop everything</span>
            </button>
          </Tooltip>
        )}
      </div>
    </nav>
  );
}

function Place({ to, also = [], icon: Icon, keys, children }: { to: string; also?: string[]; icon: LucideIcon; keys: string; children: string }) {
  const isHere = useRouterState({
    select: (state) => [to, ...also].some((path) => state.location.pathname === path || state.location.pathname.startsWith(`${path}/`)),
  });
  return (
    <Tooltip text={children} keys={keys} side="right">
      <LinkTo to={to} className={styles.place} aria-current={isHere ? "page" : undefined}>
        <Icon size={17} strokeWidth={1.8} aria-hidden />
        <span>{children}</span>
      </LinkTo>
    </Tooltip>
  );
}

function ClientSwitcher({ clientId }: { clientId: string | null }) {
  const { data } = useQuery(clientsQuery);
  const go = useGo();
  const clients = data?.data ?? [];
  const current = clients.find((client) => client.id === clientId);
  const trigger = (
    <button type="button" className={styles.switcher} aria-label={current ? `Client: ${current.name}. Switch` : "Choose a client"}>
      {current ? <Initial name={current.name} /> : <img src="/mark.svg" width={22} height={22} alt="" className={styles.initial} />}
      <span className="clip">{current?.name ?? "Choose a client"}</span>
      <ChevronsUpDown size={14} aria-hidden />
    </button>
  );
  return (
    <Menu
      trigger={trigger}
      align="start"
      minWidth={240}
      groups={[
        {
          heading: "Clients",
          actions: clients.slice(0, 12).map((client) => ({
            label: client.name,
            isChecked: client.id === clientId,
            aside: money(client.spent_micro_usd),
            onSelect: () => go(paths.workbooks(client.id)),
          })),
        },
        { actions: [{ label: clients.length > 12 ? `All ${clients.length} clients` : "All clients", aside: "G C", onSelect: () => go(paths.clients()) }] },
      ]}
    />
  );
}

/** A client's first letter on one of a few calm shades, always the same for the same name. */
export function Initial({ name, size = 22 }: { name: string; size?: number }) {
  const shade = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 6, 7);
  return (
    <span className={styles.initial} data-shade={shade} style={{ width: size, height: size, fontSize: size * 0.5 }} aria-hidden>
      {name.trim().charAt(0).toUpperCase()}
    </span>
  );
}
