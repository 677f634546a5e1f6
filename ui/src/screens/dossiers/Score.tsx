// How good the lead is and how urgent: the sum in a ring, and each part with its reason.
import { Flame, Hourglass, Timer, TriangleAlert, type LucideIcon } from "lucide-react";
import type { FullDossier, LeadScore } from "../../api/types";
import { words } from "../../shared/format";
import { Tooltip } from "../../shared/Tooltip";
import { sourceNumbers } from "./reading";
import styles from "./Score.module.css";

const URGENCY: Record<LeadScore["urgency"], { icon: LucideIcon; explanation: string }> = {
  CRITICAL: { icon: Flame, explanation: "The decision is about to fall." },
  HIGH: { icon: TriangleAlert, explanation: "The decision falls soon." },
  MEDIUM: { icon: Timer, explanation: "There is time, and a date." },
  LOW: { icon: Hourglass, explanation: "Nothing presses." },
};

export function UrgencyBadge({ urgency, reason }: { urgency: LeadScore["urgency"] | null; reason?: string }) {
  if (!urgency) return <span className="faint">–</span>;
  const { icon: Icon, explanation } = URGENCY[urgency];
  return (
    <Tooltip text={reason || explanation}>
      <span className={styles.urgency} data-urgency={urgency}>
        <Icon size={12} strokeWidth={2.2} aria-hidden />
        {words(urgency.toLowerCase())}
      </span>
    </Tooltip>
  );
}

const RADIUS = 34;
const ROUND = 2 * Math.PI * RADIUS;

export function ScoreRing({ total }: { total: number }) {
  return (
    <svg className={styles.ring} viewBox="0 0 80 80" role="img" aria-label={`Lead score ${total} of 100`}>
      <circle cx="40" cy="40" r={RADIUS} className={styles.track} />
      <circle cx="40" cy="40" r={RADIUS} className={styles.arc} strokeDasharray={`${(ROUND * total) / 100} ${ROUND}`} transform="rotate(-90 40 40)" />
      <text x="40" y="42" className={styles.total}>
        {total}
      </text>
      <text x="40" y="56" className={styles.of}>
        of 100
      </text>
    </svg>
  );
}

/** The score in a list: the number over a thin bar. */
export function ScoreBar({ total }: { total: number | null | undefined }) {
  if (total === null || total === undefined) return <span className="faint">–</span>;
  return (
    <span className={styles.small} title={`Lead score ${total} of 100`}>
      <b>{total}</b>
      <i>
        <i style={{ width: `${total}%` }} />
      </i>
    </span>
  );
}

export function ScoreParts({ score, dossier }: { score: LeadScore; dossier: FullDossier }) {
  const numbers = sourceNumbers(dossier);
  const section = dossier.sections.find((each) => each.key === "SCORE");
  const carried = new Map(
    ((section?.content.parts as { name: string; claim_ids: string[] }[] | undefined) ?? []).map((part) => [part.name, part.claim_ids]),
  );
  return (
    <>
      <table className={styles.parts}>
        <thead className="visually-hidden">
          <tr>
            <th>Part</th>
            <th>Points</th>
            <th>Reason</th>
          </tr>
        </thead>
        <tbody>
          {score.parts.map((part) => {
            const references = [
              ...new Set((carried.get(part.name) ?? part.claim_ids).flatMap((id) => dossier.claims[id]?.sources ?? []).map((source) => numbers.get(source.url ?? ""))),
            ].filter((number) => number !== undefined);
            return (
              <tr key={part.name}>
                <th scope="row">{words(part.name)}</th>
                <td className={styles.points}>
                  <i>
                    <i style={{ width: `${part.most ? (part.points / part.most) * 100 : 0}%` }} />
                  </i>
                  <span>
                    {part.points}
                    <small>/{part.most}</small>
                  </span>
                </td>
                <td>
                  {part.reason}
                  {references.length > 0 && <sup>{references.sort((a, b) => a - b).join(", ")}</sup>}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {score.urgency_reason && (
        <p className={styles.why}>
          <UrgencyBadge urgency={score.urgency} /> {score.urgency_reason}
        </p>
      )}
      {score.problems.length > 0 && <p className={styles.why}>{score.problems.join(" ")}</p>}
    </>
  );
}
