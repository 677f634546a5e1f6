// One person: what is known of them, and the messages written for them with their limits.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Star, TriangleAlert } from "lucide-react";
import { api } from "../../api/client";
import { contactQuery, queryClient } from "../../api/queries";
import type { Contact } from "../../api/types";
import { LinkTo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { Button } from "../../shared/Button";
import { CopyButton } from "../../shared/Copy";
import { Drawer } from "../../shared/Dialog";
import { SimulatedMark } from "../../shared/Marks";
import { Facts, Notice } from "../../shared/Panel";
import { Loaded } from "../../shared/Placeholder";
import { toast, toastError } from "../../shared/Toast";
import { Timestamp } from "../../shared/Time";
import { ConfidenceMark } from "../claims/ClaimMarks";
import { SourceLink } from "../claims/SourceQuote";
import { useRunNews } from "../dossiers/useRunNews";
import { VerifiedMark } from "./ContactMarks";
import styles from "./Contacts.module.css";

interface Props {
  contactId: string | null;
  clientId: string;
  onClose: () => void;
}

export function ContactDrawer({ contactId, clientId, onClose }: Props) {
  const query = useQuery({ ...contactQuery(contactId ?? ""), enabled: contactId !== null });
  useRunNews(contactId && query.data ? query.data.run_id : null, "contact");
  const contact = query.data;
  return (
    <Drawer
      isOpen={contactId !== null}
      onClose={onClose}
      width="var(--detail)"
      title={contact?.name ?? "…"}
      subtitle={
        contact && (
          <>
            {[contact.title, contact.organization].filter(Boolean).join(", ")} <VerifiedMark contact={contact} /> {contact.is_simulated && <SimulatedMark />}
          </>
        )
      }
      actions={contact && <MakePrimary contact={contact} />}
    >
      <Loaded query={query} doing="open this contact" size="panel">
        {(found) => <Detail contact={found} clientId={clientId} />}
      </Loaded>
    </Drawer>
  );
}

function MakePrimary({ contact }: { contact: Contact }) {
  const mayWrite = useMay("research.write");
  const make = useMutation({
    mutationFn: () => api.post(`/v2/contacts/${contact.id}/primary`),
    onSuccess: () => {
      for (const key of ["contact", "contacts", "dossier"]) void queryClient.invalidateQueries({ queryKey: [key] });
      toast({ tone: "done", title: `${contact.name} is the primary contact`, body: "A dossier has one; the former is no longer it." });
    },
    onError: (error) => toastError("make this the primary contact", error),
  });
  if (contact.is_primary) {
    return (
      <span className={styles.mark}>
        <Star size={12} aria-hidden /> Primary
      </span>
    );
  }
  if (!mayWrite) return null;
  return (
    <Button size="small" icon={Star} isBusy={make.isPending} onClick={() => make.mutate()}>
      Make primary
    </Button>
  );
}

/** The address with who gave it and what was said of it. */
function Address({ contact }: { contact: Contact }) {
  const said = [contact.email_source && `from ${contact.email_source}`, contact.email_status?.replaceAll("_", " ")].filter(Boolean).join(", ");
  return (
    <>
      {contact.email} {said && <span className="faint">{said}</span>}
    </>
  );
}

function Detail({ contact, clientId }: { contact: Contact; clientId: string }) {
  return (
    <div className={styles.detail}>
      {contact.error && (
        <Notice tone="failed" icon={<TriangleAlert size={16} aria-hidden />}>
          Not enriched: {contact.error} The others are not affected; retry the run to try again.
        </Notice>
      )}
      {contact.bio && <p className="prose">{contact.bio}</p>}
      <Facts
        facts={[
          ["E-mail", contact.email ? <Address contact={contact} /> : <span className="faint">None found</span>],
          ["Phone", contact.phone ?? <span className="faint">None found</span>],
          ["LinkedIn", contact.linkedin_url ? <SourceLink url={contact.linkedin_url} name={contact.linkedin_url.replace(/^https?:\/\/(www\.)?/, "")} /> : <span className="faint">None found</span>],
          ["Confidence", <ConfidenceMark key="confidence" confidence={contact.confidence} />],
          ["Tenure", contact.tenure ?? <span className="faint">–</span>],
          ["Why they matter", contact.why_they_matter ?? <span className="faint">–</span>],
          ["The signal", contact.relation_to_signal ?? <span className="faint">–</span>],
          ["Changed", <Timestamp key="changed" at={contact.updated_at} />],
        ]}
      />
      {contact.interesting_facts.length > 0 && (
        <div>
          <h3>Worth knowing</h3>
          <ul className={styles.facts}>
            {contact.interesting_facts.map((fact) => (
              <li key={fact}>{fact}</li>
            ))}
          </ul>
        </div>
      )}
      <Messages contact={contact} />
      {contact.problems.length > 0 && (
        <Notice tone="attention" icon={<TriangleAlert size={16} aria-hidden />}>
          {contact.problems.join(" ")}
        </Notice>
      )}
      {contact.dossier_id && (
        <p>
          <LinkTo className="link" to={paths.dossier(clientId, contact.dossier_id)}>
            The dossier{contact.company_name ? ` on ${contact.company_name}` : ""}
          </LinkTo>
        </p>
      )}
    </div>
  );
}

function Messages({ contact }: { contact: Contact }) {
  const own = contact.client_email_copy ?? contact.email_copy;
  const messages: [string, string | undefined, string | null | undefined][] = [
    [contact.client_email_copy ? "E-mail in the client’s own voice" : "E-mail", own?.subject, own?.body],
    [contact.client_linkedin_copy ? "LinkedIn in the client’s own voice" : "LinkedIn", undefined, contact.client_linkedin_copy ?? contact.linkedin_copy],
  ];
  const shown = messages.filter(([, , body]) => body);
  if (shown.length === 0) return null;
  return (
    <div className={styles.messages}>
      {shown.map(([title, subject, body]) => (
        <div key={title}>
          <div className={styles.messageHead}>
            <h3>
              {title} <small className="muted">draft, never sent from here</small>
            </h3>
            <CopyButton text={[subject, body].filter(Boolean).join("\n\n")} label="Copy the message" />
          </div>
          <div className={styles.message}>
            {subject && <div className={styles.subject}>{subject}</div>}
            {body}
          </div>
        </div>
      ))}
    </div>
  );
}
