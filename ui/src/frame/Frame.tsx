// The one frame around every screen: rail at the left, bar at the top, commands and keys.
import { Outlet } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { CommandPalette } from "./CommandPalette";
import { KeysHelp } from "./KeysHelp";
import { useGo } from "./LinkTo";
import { Rail } from "./Rail";
import { StopDialog } from "./StopDialog";
import { TopBar } from "./TopBar";
import { useKeys } from "./keys";
import { useAccountUpdates } from "./liveUpdates";
import { paths } from "./paths";
import { rememberClient, useClientId } from "./session";
import { PageSkeleton } from "../shared/PageSkeleton";
import styles from "./Frame.module.css";

type Open = "commands" | "keys" | "stop" | null;
const FOLDED = "spadework.rail";

export function Frame() {
  const [open, setOpen] = useState<Open>(null);
  const [isFolded, setIsFolded] = useState(() => localStorage.getItem(FOLDED) === "folded");
  const clientId = useClientId();
  const go = useGo();
  useAccountUpdates();
  useEffect(() => rememberClient(clientId), [clientId]);

  function fold() {
    localStorage.setItem(FOLDED, isFolded ? "open" : "folded");
    setIsFolded(!isFolded);
  }

  useKeys({
    "mod+k": () => setOpen(open === "commands" ? null : "commands"),
    "?": () => setOpen("keys"),
    "[": fold,
    "/": () => document.querySelector<HTMLInputElement>('main input[type="search"]')?.focus(),
    "g c": () => go(paths.clients()),
    "g ,": () => go(paths.settings()),
    "g f": () => go(paths.workflows()),
    "g s": () => go(paths.spend(clientId ?? undefined)),
    ...(clientId && {
      "g w": () => go(paths.workbooks(clientId)),
      "g p": () => go(paths.pipeline(clientId)),
      "g t": () => go(paths.prompts(clientId)),
      "g d": () => go(paths.dossiers(clientId)),
      "g o": () => go(paths.contacts(clientId)),
      "g a": () => go(paths.claims(clientId)),
      "g b": () => go(paths.client(clientId)),
      "g r": () => go(paths.runs(clientId)),
      b: () => go(paths.begin(clientId)),
    }),
  });

  return (
    <div className={styles.frame} data-folded={isFolded || undefined}>
      <a href="#main" className={styles.skip}>
        Skip to the content
      </a>
      <Rail clientId={clientId} onStop={() => setOpen("stop")} />
      <div className={styles.side}>
        <TopBar onSearch={() => setOpen("commands")} onKeys={() => setOpen("keys")} />
        <main id="main" className={styles.main} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      {open === "commands" && <CommandPalette clientId={clientId} onClose={() => setOpen(null)} onKeys={() => setOpen("keys")} onStop={() => setOpen("stop")} />}
      <KeysHelp isOpen={open === "keys"} onClose={() => setOpen(null)} />
      <StopDialog isOpen={open === "stop"} onClose={() => setOpen(null)} />
    </div>
  );
}

/** The frame's lines while it is not known yet who is signed in. */
export function FrameOutline() {
  return (
    <div className={styles.frame} data-folded={localStorage.getItem(FOLDED) === "folded" || undefined}>
      <div className={styles.railOutline} />
      <div className={styles.side}>
        <div className={styles.barOutline} />
        <PageSkeleton />
      </div>
    </div>
  );
}
