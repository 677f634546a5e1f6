// Each section of a dossier in a form of its own; whatever a section says passes through `Line` or `Prose`.
import { AlertTriangle } from "lucide-react";
import type { ReactNode } from "react";
import type { DossierSection, FullDossier } from "../../api/types";
import { day, words } from "../../shared/format";
import { SECTION_NAMES } from "../claims/ClaimMarks";
import { SourceLink } from "../claims/SourceQuote";
import { People } from "./People";
import { countAt, textAt, valueAt } from "./reading";
import { ScoreParts } from "./Score";
import { InSection, Line, Prose } from "./Sentences";
import reader from "./Reader.module.css";
import styles from "./Sections.module.css";

export function SectionBody({ section, dossier }: { section: DossierSection; dossier: FullDossier }) {
  return (
    <section className={reader.section} id={section.key} aria-labelledby={`${section.key}-title`}>
      <h2 id={`${section.key}-title`}>{section.key === "CLIENT_SPECIFIC" ? `For ${dossier.client_name}` : SECTION_NAMES[section.key]}</h2>
      <InSection section={section}>{BODIES[section.key]?.(section, dossier)}</InSection>
      {section.problems.length > 0 && section.key !== "CONTACTS" && <Problems problems={section.problems} />}
    </section>
  );
}

const BODIES: Record<string, (section: DossierSection, dossier: FullDossier) => ReactNode> = {
  SCORE: (_, dossier) => dossier.score && <ScoreParts score={dossier.score} dossier={dossier} />,
  SIGNALS: (section) => <Signals content={section.content} />,
  CONTACTS: (_, dossier) => <People dossier={dossier} />,
  LEAD_INTELLIGENCE: (section) => <Lead content={section.content} />,
  STRATEGY: (section) => <Strategy content={section.content} />,
  OPPORTUNITY: (section) => <Opportunity content={section.content} />,
  CLIENT_SPECIFIC: (section) => <Questions content={section.content} />,
};

type Content = DossierSection["content"];
const each = (content: Content, path: string) => Array.from({ length: countAt(content, path) }, (_, index) => `${path}.${index}`);

function Signals({ content }: { content: Content }) {
  return (
    <ol className={styles.signals}>
      {each(content, "why_theyll_buy_now").map((path) => {
        const url = textAt(content, `${path}.source_url`);
        return (
          <li key={path}>
            <time className={styles.when}>{shownDate(textAt(content, `${path}.date`))}</time>
            <div>
              <h3>
                <Line path={`${path}.headline`} />
              </h3>
              <p>
                <Line path={`${path}.relevance`} />
              </p>
              <p className={reader.small}>
                {[textAt(content, `${path}.signal_type`), words(textAt(content, `${path}.status`))].filter(Boolean).join(" · ")}
                {url && (
                  <>
                    {" · "}
                    <SourceLink url={url} name={hostOf(url)} />
                  </>
                )}
              </p>
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function Lead({ content }: { content: Content }) {
  const facts = each(content, "quick_reference");
  const network = each(content, "network_intelligence");
  return (
    <>
      {facts.length > 0 && (
        <dl className={styles.facts}>
          {facts.map((path) => (
            <div key={path}>
              <dt>{textAt(content, `${path}.label`)}</dt>
              <dd>
                <Line path={`${path}.value`} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      <Prose path="company_intel" />
      <Part title="In brief" isShown={textAt(content, "entity_brief") !== ""}>
        <Prose path="entity_brief" />
      </Part>
      <Part title="Who knows whom" isShown={network.length > 0}>
        <ul className={styles.items}>
          {network.map((path) => (
            <li key={path}>
              <h4>
                <Line path={`${path}.name`} /> <small>{words(textAt(content, `${path}.type`))}</small>
              </h4>
              <Prose path={`${path}.connection`} />
              <Prose path={`${path}.approach`} className={styles.advice} />
            </li>
          ))}
        </ul>
      </Part>
    </>
  );
}

function Strategy({ content }: { content: Content }) {
  const objections = each(content, "common_objections");
  return (
    <>
      <Part title="How they buy" isShown={textAt(content, "deal_strategy.how_they_buy") !== ""}>
        <Prose path="deal_strategy.how_they_buy" />
      </Part>
      <div className={styles.pair}>
        <Bullets title="What to bring" content={content} path="deal_strategy.unique_value_props" />
        <Bullets title="What they may not know" content={content} path="competitive_positioning.insights_they_dont_know" />
        <Bullets title="What to avoid" content={content} path="competitive_positioning.landmines_to_avoid" />
      </div>
      <Part title="What they may say" isShown={objections.length > 0}>
        <ul className={styles.items}>
          {objections.map((path) => (
            <li key={path}>
              <Prose path={`${path}.objection`} className={styles.asked} />
              <Prose path={`${path}.response`} />
            </li>
          ))}
        </ul>
      </Part>
    </>
  );
}

const PROJECT_FACTS: [string, string][] = [
  ["project_name", "Project"],
  ["type", "Kind"],
  ["location", "Place"],
  ["estimated_value", "Value"],
];

function Opportunity({ content }: { content: Content }) {
  const at = (name: string) => `opportunity_details.${name}`;
  const facts = PROJECT_FACTS.filter(([name]) => textAt(content, at(name)));
  const timeline = each(content, at("timeline"));
  const players = each(content, at("key_players"));
  return (
    <>
      {facts.length > 0 && (
        <dl className={styles.facts}>
          {facts.map(([name, label]) => (
            <div key={name}>
              <dt>{label}</dt>
              <dd>
                <Line path={at(name)} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      <Part title="Scope" isShown={textAt(content, at("scope")) !== ""}>
        <Prose path={at("scope")} />
      </Part>
      <Part title="Procurement" isShown={textAt(content, at("procurement_status")) !== ""}>
        <Prose path={at("procurement_status")} />
      </Part>
      <Part title="Timeline" isShown={timeline.length > 0}>
        <ol className={styles.timeline}>
          {timeline.map((path) => (
            <li key={path}>
              <time>{shownDate(textAt(content, `${path}.date`))}</time>
              <span>
                <Line path={`${path}.event`} />
              </span>
            </li>
          ))}
        </ol>
      </Part>
      <Part title="Who takes part" isShown={players.length > 0}>
        <ul className={styles.players}>
          {players.map((path) => (
            <li key={path}>
              <b>
                <Line path={`${path}.name`} />
              </b>
              <span>
                <Line path={`${path}.role`} />
              </span>
            </li>
          ))}
        </ul>
      </Part>
    </>
  );
}

function Questions({ content }: { content: Content }) {
  return (
    <ul className={styles.items}>
      {each(content, "client_specific").map((path) => (
        <li key={path}>
          <h4 className={styles.asked}>{textAt(content, `${path}.question`)}</h4>
          <Prose path={`${path}.answer`} />
        </li>
      ))}
    </ul>
  );
}

function Bullets({ title, content, path }: { title: string; content: Content; path: string }) {
  const places = each(content, path).filter((place) => valueAt(content, place));
  return (
    <Part title={title} isShown={places.length > 0}>
      <ul className={styles.bullets}>
        {places.map((place) => (
          <li key={place}>
            <Line path={place} />
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Part({ title, isShown, children }: { title: string; isShown: boolean; children: ReactNode }) {
  if (!isShown) return null;
  return (
    <div className={reader.part}>
      <h3>{title}</h3>
      {children}
    </div>
  );
}

/** What the check of the section found; readers see it, in small. */
function Problems({ problems }: { problems: string[] }) {
  return (
    <details className={styles.problems}>
      <summary>
        <AlertTriangle size={13} aria-hidden />
        {problems.length === 1 ? "One remark of the check" : `${problems.length} remarks of the check`}
      </summary>
      <ul>
        {problems.map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
    </details>
  );
}

/** "13 Oct 2026", "Aug 2027" or "2025", as exact as it was given. */
function shownDate(given: string): string {
  const month = /^(\d{4})-(\d{2})$/.exec(given);
  if (month) return new Date(`${given}-15T12:00:00Z`).toLocaleDateString("en", { month: "short", year: "numeric" });
  return /^\d{4}-\d{2}-\d{2}$/.test(given) ? day(`${given}T12:00:00Z`) : given;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^www\./, "") : url;
}
