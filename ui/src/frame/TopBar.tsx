// The top bar: where we are, search, and whatever must not be a surprise (training, running work, lost connection).
import { useQuery } from "@tanstack/react-query";
import { ChevronRight, CircleStop, GraduationCap, Keyboard, LoaderCircle, LogOut, Monitor, Moon, Search, Sun, WifiOff } from "lucide-react";
import { Fragment, useEffect, useState } from "react";
import { api } from "../api/client";
import { useLiveState } from "../api/live";
import { queryClient, runsQuery } from "../api/queries";
import { Menu } from "../shared/Menu";
import { toastError } from "../shared/Toast";
import { Tooltip } from "../shared/Tooltip";
import { counted } from "../shared/format";
import { setAppearance, useAppearance } from "./appearance";
import { useShownCrumbs } from "./crumbs";
import { LinkTo } from "./LinkTo";
import { paths } from "./paths";
import { Initial } from "./Rail";
import { useClientId, useSession } from "./session";
import styles from "./TopBar.module.css";

export function TopBar({ onSearch, onKeys }: { onSearch: () => void; onKeys: () => void }) {
  return (
    <header className={styles.bar}>
      <Breadcrumb />
      <div className={styles.states}>
        <ConnectionChip />
        <WorkChip />
        <TrainingChip />
      </div>
      <button type="button" className={styles.search} onClick={onSearch}>
        <Search size={14} aria-hidden />
        <span>Search or run a command</span>
        <kbd>Ctrl K</kbd>
      </button>
      <Person onKeys={onKeys} />
    </header>
  );
}

function Breadcrumb() {
  const crumbs = useShownCrumbs();
  return (
    <nav aria-label="Breadcrumb" className={styles.crumbs}>
      {crumbs.map((crumb, index) => {
        const isLast = index === crumbs.length - 1;
        return (
          <Fragment key={index}>
            {index > 0 && <ChevronRight size={14} aria-hidden />}
            {crumb.to && !isLast ? (
              <LinkTo to={crumb.to} className="clip">
                {crumb.label}
              </LinkTo>
            ) : (
              <span className="clip" aria-current={isLast ? "page" : undefined}>
                {crumb.label}
              </span>
            )}
          </Fragment>
        );
      })}
    </nav>
  );
}

// A blink of the network is not worth a word.
const LOST_AFTER_MS = 3000;

function ConnectionChip() {
  const isLost = useLiveState() === "lost";
  const [isShown, setIsShown] = useState(false);
  useEffect(() => {
    if (!isLost) return setIsShown(false);
    const timer = setTimeout(() => setIsShown(true), LOST_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isLost]);
  if (!isShown) return null;
  return (
    <Tooltip text="What you see may be old. It refreshes by itself once the server answers again." side="bottom">
      <span className={styles.chip} data-tone="failed" role="status">
        <WifiOff size={13} aria-hidden /> Reconnecting
      </span>
    </Tooltip>
  );
}

function WorkChip() {
  const clientId = useClientId();
  const { data: running } = useQuery(runsQuery({ state: "running", limit: 20 }));
  const { data: stopping } = useQuery(runsQuery({ state: "stopping", limit: 20 }));
  const active = (running?.data ?? []).filter((run) => run.state === "running");
  const ending = [...(running?.data ?? []), ...(stopping?.data ?? [])].filter((run) => run.state === "stopping");
  if (ending.length > 0) {
    return (
      <Tooltip text="Nothing new starts. What already left is being finished and paid." side="bottom">
        <span className={styles.chip} data-tone="attention" role="status">
          <CircleStop size={13} aria-hidden /> Stopping {counted(new Set(ending.map((run) => run.id)).size, "run")}
        </span>
      </Tooltip>
    );
  }
  const first = active[0];
  if (!first) return null;
  const home = first.client_id ?? clientId;
  const to = !home ? paths.clients() : active.length === 1 ? paths.run(home, first.id) : paths.runs(home);
  return (
    <LinkTo to={to} className={styles.chip} data-tone="working" title={active.map((run) => run.title).join("\n")}>
      <LoaderCircle size={13} className={styles.spins} aria-hidden /> {active.length} running
    </LinkTo>
  );
}

function TrainingChip() {
  const { account } = useSession();
  if (!account.is_training) return null;
  return (
    <Tooltip text="Vendors are simulated: calls cost nothing and every value they return is marked." side="bottom">
      <LinkTo to={paths.settings("training")} className={styles.chip} data-tone="training">
        <GraduationCap size={14} aria-hidden /> Training mode
      </LinkTo>
    </Tooltip>
  );
}

function Person({ onKeys }: { onKeys: () => void }) {
  const { user, account } = useSession();
  const appearance = useAppearance();
  async function signOut() {
    try {
      await api.delete("/v3/session");
    } catch (error) {
      return toastError("sign out", error);
    }
    queryClient.clear();
    location.assign(paths.signIn());
  }
  const pick = (label: string, value: typeof appearance, icon: typeof Sun) => ({
    label, icon, isChecked: appearance === value, onSelect: () => setAppearance(value),
  });
  return (
    <Menu
      trigger={
        <button type="button" className={styles.person} aria-label={`${user.name}: account menu`}>
          <Initial name={user.name || user.email} size={26} />
        </button>
      }
      minWidth={220}
      groups={[
        { heading: `${user.email} · ${account.name}`, actions: [pick("Follow the system", "system", Monitor), pick("Light", "light", Sun), pick("Dark", "dark", Moon)] },
        { actions: [{ label: "Keys", icon: Keyboard, aside: "?", onSelect: onKeys }] },
        { actions: [{ label: "Sign out", icon: LogOut, onSelect: () => void signOut() }] },
      ]}
    />
  );
}
