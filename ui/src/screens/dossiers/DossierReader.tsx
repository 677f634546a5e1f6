// A dossier as its reader sees it: the text as a page, and beside it what each sentence leads back to.
import { useQuery } from "@tanstack/react-query";
import { CircleAlert, Clock, FlaskConical } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { clientQuery, dossierQuery } from "../../api/queries";
import type { FullDossier } from "../../api/types";
import { useCrumbs } from "../../frame/crumbs";
import { useKeys } from "../../frame/keys";
import { LinkTo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { Initial } from "../../frame/Rail";
import { useUrlState } from "../../frame/urlState";
import { counted } from "../../shared/format";
import { SimulatedMark } from "../../shared/Marks";
import { Notice } from "../../shared/Panel";
import { PageSkeleton } from "../../shared/PageSkeleton";
import { Loaded, Skeleton } from "../../shared/Placeholder";
import { StateBadge } from "../../shared/StateBadge";
import { Ago, Timestamp } from "../../shared/Time";
import { SECTION_NAMES } from "../claims/ClaimMarks";
import { DossierActions } from "./DossierActions";
import { Evidence, jump } from "./Evidence";
import { sourceNumbers, type Placed } from "./reading";
import { ScoreRing, UrgencyBadge } from "./Score";
import { SectionBody } from "./Sections";
import { InSection, Line, Prose, ReadingContext } from "./Sentences";
import { SourceList } from "./SourceList";
import { useRunNews } from "./useRunNews";
import styles from "./Reader.module.css";
import "./print.css";

export function DossierReader({ clientId, dossierId }: { clientId: string; dossierId: string }) {
  const query = useQuery(dossierQuery(dossierId));
  const client = useQuery(clientQuery(clientId));
  useRunNews(query.data?.run_id ?? null, "dossier");
  useCrumbs([
    { label: client.data?.name ?? "…", to: paths.workbooks(clientId) },
    { label: "Dossiers", to: paths.dossiers(clientId) },
    { label: query.data ? (query.data.company_name ?? "A dossier just begun") : "…" },
  ]);
  return (
    <Loaded query={query} doing="open this dossier" skeleton={<PageSkeleton />}>
      {(dossier) => <Reader dossier={dossier} />}
    </Loaded>
  );
}

function Reader({ dossier }: { dossier: FullDossier }) {
  const [held, setHeld] = useUrlState("sentence");
  const [pointed, setPointed] = useState<string | null>(null);
  const hold = useCallback((sentence: Placed) => setHeld(held === sentence.key ? "" : sentence.key), [held, setHeld]);
  const release = useCallback(() => {
    setHeld("");
    setPointed(null);
  }, [setHeld]);
  useKeys({ escape: release });
  const reading = useMemo(
    () => ({
      dossier,
      numbers: sourceNumbers(dossier),
      active: held || pointed,
      held: held || null,
      point: (sentence: Placed | null) => setPointed(sentence?.key ?? null),
      hold,
    }),
    [dossier, held, pointed, hold],
  );
  return (
    <ReadingContext.Provider value={reading}>
      <div className={styles.scroll} data-prints="">
        <div className={styles.desk}>
          <article className={styles.paper} aria-label={`Dossier on ${dossier.company_name ?? "a company still looked for"}`}>
            <Head dossier={dossier} />
            <Notices dossier={dossier} />
            {dossier.sections
              .filter((section) => section.key !== "INTRO")
              .map((section) => (
                <SectionBody key={section.key} section={section} dossier={dossier} />
              ))}
            <Missing dossier={dossier} />
            <SourceList dossier={dossier} />
          </article>
          <Evidence onRelease={release} />
        </div>
      </div>
    </ReadingContext.Provider>
  );
}

function Head({ dossier }: { dossier: FullDossier }) {
  const intro = dossier.sections.find((section) => section.key === "INTRO");
  const primary = dossier.contacts.find((contact) => contact.is_primary);
  return (
    <header>
      <div className={styles.toolbar}>
        <p className={styles.eyebrow}>
          <span>Dossier for {dossier.client_name}</span>
          <StateBadge state={dossier.status} />
          {dossier.is_simulated && <SimulatedMark />}
        </p>
        <div className={styles.actions} data-no-print="">
          <DossierActions dossier={dossier} />
        </div>
      </div>
      <div className={styles.company}>
        <Initial name={dossier.company_name ?? "?"} size={44} />
        <div>
          <h1>{dossier.company_name ?? "A company is being looked for"}</h1>
          <p className="muted">
            {dossier.domain && `${dossier.domain} · `}
            {dossier.ready_at ? (
              <>
                ready <Timestamp at={dossier.ready_at} look="day" />
              </>
            ) : (
              <>
                changed <Ago at={dossier.updated_at} />
              </>
            )}
          </p>
        </div>
      </div>
      {intro ? (
        <InSection section={intro}>
          <div className={styles.lead} id="INTRO">
            <p className={styles.title}>
              <Line path="title" />
            </p>
            <p className={styles.oneLiner}>
              <Line path="one_liner" />
            </p>
            <Prose path="the_angle" className={styles.angle} />
          </div>
        </InSection>
      ) : (
        dossier.primary_signal && <p className={styles.title}>{dossier.primary_signal}</p>
      )}
      {dossier.score && (
        <div className={styles.glance}>
          <ScoreRing total={dossier.score.total} />
          <dl>
            <div>
              <dt>Urgency</dt>
              <dd>
                <UrgencyBadge urgency={dossier.score.urgency} />
                <small>{dossier.score.urgency_reason}</small>
              </dd>
            </div>
            <div>
              <dt>First to talk to</dt>
              <dd>
                {primary ? (
                  <>
                    <b>{primary.name}</b>
                    <small>{primary.title}</small>
                  </>
                ) : (
                  <span className="faint">Nobody yet</span>
                )}
              </dd>
            </div>
            <div>
              <dt>Rests on</dt>
              <dd>
                <b>{counted(dossier.sources.length, "source")}</b>
                <small>{counted(Object.keys(dossier.claims).length, "claim")}</small>
              </dd>
            </div>
          </dl>
        </div>
      )}
    </header>
  );
}

function Notices({ dossier }: { dossier: FullDossier }) {
  const first = dossier.unsupported[0];
  const isHeld = dossier.status === "ready" && !dossier.released_at;
  return (
    <div className={styles.notices}>
      {dossier.is_simulated && (
        <Notice tone="training" icon={<FlaskConical size={16} aria-hidden />}>
          <b>Everything here is simulated.</b> The company, the people and the pages are invented for training; none of it is real.
        </Notice>
      )}
      {isHeld && (
        <Notice tone="attention" icon={<Clock size={16} aria-hidden />}>
          Held back until <Timestamp at={dossier.release_at} />. Until then only people who may release it can read it.
        </Notice>
      )}
      {dossier.status === "superseded" && <Notice tone="attention">A newer dossier on this company has taken its place.</Notice>}
      {first && (
        <Notice tone="attention" icon={<CircleAlert size={16} aria-hidden />}>
          {counted(dossier.unsupported.length, "sentence")} of this dossier {dossier.unsupported.length === 1 ? "is" : "are"} supported by no claim. Do not repeat {dossier.unsupported.length === 1 ? "it" : "them"} unchecked.{" "}
          <a href={`#${first.section}`} className="link" onClick={(event) => jump(event, first.section)}>
            Show the first
          </a>
        </Notice>
      )}
    </div>
  );
}

/** What is not written yet keeps its place while the run works. */
function Missing({ dossier }: { dossier: FullDossier }) {
  if (dossier.missing_sections.length === 0) return null;
  const isWorking = dossier.status === "skeleton" || dossier.status === "enriching";
  return (
    <section className={styles.section}>
      <h2>{isWorking ? "Being written" : "Not written"}</h2>
      <p className="muted">
        {isWorking ? "These sections show here as their steps finish." : "The run ended without these sections."}{" "}
        <LinkTo className="link" to={paths.pipelineRun(dossier.client_id, dossier.run_id)}>
          See the run
        </LinkTo>
      </p>
      <ul className={styles.missing}>
        {dossier.missing_sections.map((key) => (
          <li key={key}>
            <span>{SECTION_NAMES[key] ?? key}</span>
            {isWorking && <Skeleton width="100%" height={10} />}
          </li>
        ))}
      </ul>
    </section>
  );
}
