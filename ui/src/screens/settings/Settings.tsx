// Settings of the account, section by section.
import { useParams } from "@tanstack/react-router";
import { BrainCircuit, GraduationCap, KeyRound, MonitorSmartphone, SunMoon, TerminalSquare, Users, Wallet, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { useCrumbs } from "../../frame/crumbs";
import { LinkTo } from "../../frame/LinkTo";
import { paths, type SettingsSection } from "../../frame/paths";
import { EmptyState } from "../../shared/Placeholder";
import { ApiKeys } from "./ApiKeys";
import { AppearanceSection } from "./AppearanceSection";
import { BudgetsSection } from "./BudgetsSection";
import { Keys } from "./Keys";
import { LanguageModels } from "./LanguageModels";
import { People } from "./People";
import { Sessions } from "./Sessions";
import { Training } from "./Training";
import styles from "./Settings.module.css";

const SECTIONS: Record<SettingsSection, { label: string; icon: LucideIcon; screen: () => ReactNode }> = {
  keys: { label: "Keys", icon: KeyRound, screen: Keys },
  llms: { label: "Language models", icon: BrainCircuit, screen: LanguageModels },
  training: { label: "Training mode", icon: GraduationCap, screen: Training },
  budgets: { label: "Budgets", icon: Wallet, screen: BudgetsSection },
  people: { label: "People and roles", icon: Users, screen: People },
  "api-keys": { label: "API keys", icon: TerminalSquare, screen: ApiKeys },
  sessions: { label: "Sessions", icon: MonitorSmartphone, screen: Sessions },
  appearance: { label: "Appearance", icon: SunMoon, screen: AppearanceSection },
};

export function Settings() {
  const { section } = useParams({ from: "/inside/settings/$section" });
  const chosen = SECTIONS[section as SettingsSection] as (typeof SECTIONS)[SettingsSection] | undefined;
  useCrumbs([{ label: "Settings", to: paths.settings() }, { label: chosen?.label ?? "Not found" }]);
  const Screen = chosen?.screen;
  return (
    <div className={styles.settings}>
      <nav className={styles.nav} aria-label="Settings">
        {Object.entries(SECTIONS).map(([key, { label, icon: Icon }]) => (
          <LinkTo key={key} to={paths.settings(key as SettingsSection)} aria-current={key === section ? "page" : undefined}>
            <Icon size={16} strokeWidth={1.8} aria-hidden />
            {label}
          </LinkTo>
        ))}
      </nav>
      <div className={styles.pane}>
        <div className={styles.body}>{Screen ? <Screen key={section} /> : <EmptyState title="There is no such setting">Choose one at the left.</EmptyState>}</div>
      </div>
    </div>
  );
}
