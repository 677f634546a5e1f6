// What a claim is worth at a glance: its kind, how good its source is, how sure it is, and whether its quote was found.
import { CircleAlert, Landmark, Newspaper, BadgeCheck, Globe, type LucideIcon } from "lucide-react";
import type { Claim } from "../../api/types";
import { words } from "../../shared/format";
import { Tooltip } from "../../shared/Tooltip";
import styles from "./Claims.module.css";

export type Tier = Claim["source_tier"];

/** Best first: in a contradiction a better tier wins. */
export const TIERS: Record<Tier, { word: string; icon: LucideIcon; explanation: string }> = {
  GOV: { word: "Official", icon: Landmark, explanation: "A regulator or registry. It goes before every other source." },
  PRIMARY: { word: "Company", icon: BadgeCheck, explanation: "The company itself." },
  NEWS: { word: "Press", icon: Newspaper, explanation: "A newspaper, magazine or trade press." },
  OTHER: { word: "Other", icon: Globe, explanation: "Anything else. Every other source goes before it." },
};

export const CLAIM_TYPES: Claim["claim_type"][] = ["SIGNAL", "CONTACT", "ENTITY", "RELATIONSHIP", "OPPORTUNITY", "METRIC", "ATTRIBUTE", "NOTE"];
export const CONFIDENCES: Claim["confidence"][] = ["HIGH", "MEDIUM", "LOW"];

export const SECTION_NAMES: Record<string, string> = {
  INTRO: "Intro",
  SCORE: "Lead score",
  SIGNALS: "Why now",
  CONTACTS: "People",
  LEAD_INTELLIGENCE: "Lead intelligence",
  STRATEGY: "Strategy",
  OPPORTUNITY: "The project",
  CLIENT_SPECIFIC: "For this client",
};

/** What code wrote of tiers, in the words of the badges: "Official goes before Press." */
export function plainTiers(text: string): string {
  return text.replace(/\b(GOV|PRIMARY|NEWS|OTHER)\b/g, (tier) => TIERS[tier as Tier].word);
}

export function TierBadge({ tier }: { tier: string }) {
  const { word, icon: Icon, explanation } = TIERS[tier as Tier] ?? TIERS.OTHER;
  return (
    <Tooltip text={explanation}>
      <span className={styles.tier} data-tier={tier}>
        <Icon size={12} strokeWidth={2} aria-hidden />
        {word}
      </span>
    </Tooltip>
  );
}

export function TypeWord({ type }: { type: string }) {
  return <span className={styles.type}>{words(type.toLowerCase())}</span>;
}

const FILLED: Record<string, number> = { HIGH: 3, MEDIUM: 2, LOW: 1 };

/** Three small bars and the word. */
export function ConfidenceMark({ confidence }: { confidence: string }) {
  const word = words(confidence.toLowerCase());
  return (
    <span className={styles.confidence} title={`${word} confidence`}>
      <span className={styles.bars} aria-hidden>
        {[1, 2, 3].map((bar) => (
          <i key={bar} data-on={bar <= (FILLED[confidence] ?? 0) || undefined} />
        ))}
      </span>
      {word}
    </span>
  );
}

export function UnsupportedMark({ why }: { why?: string | null }) {
  return (
    <Tooltip text={why ?? "No stored page holds the quote."}>
      <span className={styles.unsupported}>
        <CircleAlert size={12} strokeWidth={2.2} aria-hidden />
        Not supported
      </span>
    </Tooltip>
  );
}
