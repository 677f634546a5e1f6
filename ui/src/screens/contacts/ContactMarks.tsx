// What is known of a contact's address: verified, found and not verified, or not found are three different marks.
import { BadgeCheck, CircleDashed } from "lucide-react";
import type { Contact } from "../../api/types";
import { Tooltip } from "../../shared/Tooltip";
import styles from "./Contacts.module.css";

export function VerifiedMark({ contact }: { contact: Pick<Contact, "is_verified" | "email"> }) {
  if (contact.is_verified) {
    return (
      <Tooltip text="The e-mail address was found by a source and checked.">
        <span className={styles.mark} data-tone="done">
          <BadgeCheck size={12} strokeWidth={2.2} aria-hidden />
          Verified
        </span>
      </Tooltip>
    );
  }
  return (
    <Tooltip text={contact.email ? "An address was found, and nobody has confirmed it yet." : "No address is known. Nothing was made up in its place."}>
      <span className={styles.mark} data-tone="waiting">
        <CircleDashed size={12} strokeWidth={2.2} aria-hidden />
        {contact.email ? "Not verified" : "No address found"}
      </span>
    </Tooltip>
  );
}
