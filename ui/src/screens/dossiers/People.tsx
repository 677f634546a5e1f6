// The people of a dossier as its reader meets them: the primary one first, and what could be written to them.
import { Mail, Phone, Star } from "lucide-react";
import type { Contact, FullDossier } from "../../api/types";
import { Initial } from "../../frame/Rail";
import { LinkTo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { SimulatedMark } from "../../shared/Marks";
import { VerifiedMark } from "../contacts/ContactMarks";
import { SourceLink } from "../claims/SourceQuote";
import styles from "./People.module.css";

export function People({ dossier }: { dossier: FullDossier }) {
  const people = [...dossier.contacts].sort((a, b) => Number(b.is_primary) - Number(a.is_primary) || a.contact_index - b.contact_index);
  return (
    <ul className={styles.people}>
      {people.map((contact) => (
        <Person key={contact.id} contact={contact} to={`${paths.contacts(dossier.client_id, dossier.run_id)}&contact=${contact.id}`} />
      ))}
    </ul>
  );
}

function Person({ contact, to }: { contact: Contact; to: string }) {
  return (
    <li className={styles.person} data-primary={contact.is_primary || undefined}>
      <Initial name={contact.name || "?"} size={34} />
      <div className={styles.about}>
        <h3>
          <LinkTo to={to}>{contact.name}</LinkTo>
          {contact.is_primary && (
            <span className={styles.primary}>
              <Star size={11} aria-hidden /> Primary
            </span>
          )}
          <VerifiedMark contact={contact} />
          {contact.is_simulated && <SimulatedMark />}
        </h3>
        <p className={styles.role}>{[contact.title, contact.organization].filter(Boolean).join(", ")}</p>
        {contact.why_they_matter && <p>{contact.why_they_matter}</p>}
        {contact.bio && <p className={styles.bio}>{contact.bio}</p>}
        {(contact.email || contact.phone || contact.linkedin_url) && (
          <p className={styles.reach}>
            {contact.email && (
              <span>
                <Mail size={13} aria-hidden /> {contact.email}
              </span>
            )}
            {contact.phone && (
              <span>
                <Phone size={13} aria-hidden /> {contact.phone}
              </span>
            )}
            {contact.linkedin_url && <SourceLink url={contact.linkedin_url} name="LinkedIn" />}
          </p>
        )}
        {contact.error && <p className={styles.problem}>Not enriched: {contact.error}</p>}
      </div>
    </li>
  );
}
