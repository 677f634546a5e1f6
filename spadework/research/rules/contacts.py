"""People of a dossier: read from replies, matched by their index, each once, one of them primary; pure.

Source: domain facts 2.6.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from spadework.plug import reading
from spadework.research.rules import clients, people
from spadework.research.rules.extraction import texts
from spadework.research.types.dossiers import Contact, ContactSource

MOST_CONTACTS = 15
_SOURCES: tuple[ContactSource, ...] = ("apollo", "linkedin", "research", "manual")
_TEXTS: Mapping[str, Sequence[str]] = {
    "title": ("title", "job_title", "role"),
    "organization": ("organization", "company", "company_name"),
    "bio": ("bio",),
    "tenure": ("tenure",),
    "why_they_matter": ("why_they_matter", "why"),
    "relation_to_signal": ("relation_to_signal", "signal_relevance"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyLimits:
    """How long copy may be: characters below, words within; as the first version of the product had them."""

    subject_characters: int = 50
    body_words_min: int = 60
    body_words_max: int = 75
    linkedin_characters: int = 250


def read_list(
    reply: Any, *, excluded_titles: Collection[str] = (), excluded: Collection[str] = ()
) -> tuple[list[Contact], list[str]]:
    """The people of a list, each once, with their place in it from 0 as index, and why others are left out.

    Companies, people without a name, titles the client excludes, whoever is `excluded` and everybody beyond
    the fifteenth are out. The first whose priority is PRIMARY is primary, else the first of all.
    """
    entries = reply.get("contacts") if isinstance(reply, Mapping) else reply
    kept: list[Contact] = []
    left_out: list[str] = []
    primaries: list[int] = []
    for index, entry in enumerate(reading.mappings(reading.clean(entries))):
        contact = read_one(entry, index=index)
        problem = _reason_to_leave_out(entry, contact, kept, excluded_titles)
        if not problem and is_excluded(contact, excluded):
            problem = "the client wants them or their company left alone."
        if problem:
            left_out.append(f"{contact.name or 'Somebody without a name'}: {problem}")
            continue
        if (reading.text(entry.get("priority")) or "").upper() == "PRIMARY" or entry.get("is_primary") is True:
            primaries.append(len(kept))
        kept.append(contact)
    return with_one_primary(kept, preferred=primaries), left_out


def read_one(entry: Mapping[str, Any], *, index: int) -> Contact:
    """The contact an entry describes, at that index."""
    first, last = _names(entry)
    found: dict[str, Any] = {field: reading.text_at(entry, *names) for field, names in _TEXTS.items()}
    source = (reading.text(entry.get("source")) or "").lower()
    confidence = (reading.text(entry.get("confidence")) or "MEDIUM").upper()
    return Contact(
        index=index, first_name=first, last_name=last, email=reading.email(entry.get("email")),
        phone=reading.text(entry.get("phone")), linkedin_url=_profile(entry.get("linkedin_url", entry.get("linkedin"))),
        interesting_facts=_facts(entry.get("interesting_facts"))[:5], is_verified=True in (entry.get("is_verified"), entry.get("linkedin_is_verified")),
        confidence=confidence if confidence in ("HIGH", "MEDIUM", "LOW") else "MEDIUM",
        source=next((each for each in _SOURCES if each == source), "research"), **found,
    )  # fmt: skip


def with_answer(contact: Contact, entry: Mapping[str, Any]) -> Contact:
    """The contact with what an enrichment says of it: what it leaves empty stays, who is meant is decided by index.

    Raises:
        ValueError: the answer is about another index, or about somebody of another name.
    """
    entry = reading.mapping(reading.clean(dict(entry)))
    index = reading.whole(entry.get("contact_index"))
    if index is not None and index != contact.index:
        raise ValueError(f"The answer is about contact {index}, not about contact {contact.index}.")
    if entry.get("is_same_person") is False:
        problem = "The pages that were found are about somebody else of that name."
        return replace(contact, is_verified=False, confidence="LOW", problems=(*contact.problems, problem), error=None)
    found = read_one(entry, index=contact.index)
    if found.name and contact.name and not people.is_same_name(found.name, contact.name):
        raise ValueError(f"The answer is about {found.name[:80]!r}, not about {contact.name[:80]!r}.")
    changes: dict[str, Any] = {
        name: value
        for name in ("email", "phone", "linkedin_url", "interesting_facts", *_TEXTS)
        if (value := getattr(found, name))
    }
    changes |= {name: getattr(found, name) for name in ("confidence", "source") if name in entry}
    if {"is_verified", "linkedin_is_verified"} & set(entry):
        changes["is_verified"] = found.is_verified
    return replace(contact, **changes, error=None)


def with_address(contact: Contact, found: Mapping[str, Any]) -> Contact:
    """The contact with what sources of addresses gave: `email`, `provider`, `status`, for the person of that `name`.

    What was found for somebody else, as in a run that this one repeats, changes nothing.
    """
    if not people.is_same_name(str(found.get("name") or ""), contact.name):
        return contact
    if found.get("must_not_contact"):
        problem = "This person has asked not to be written to."
        return replace(contact, problems=tuple(dict.fromkeys((*contact.problems, problem))))
    email = reading.email(found.get("email"))
    if email is None:
        return contact
    status = reading.text(found.get("status"))
    return replace(
        contact, email=email, email_source=reading.text(found.get("provider")), email_status=status,
        is_verified=status == "valid",
    )  # fmt: skip


def with_one_primary(contacts: Sequence[Contact], *, preferred: Sequence[int] = ()) -> list[Contact]:
    """The contacts with exactly one primary: the first preferred, else the first marked, else the first; none of none."""
    marked = [place for place, each in enumerate(contacts) if each.is_primary]
    chosen = next(iter([*preferred, *marked, 0]))
    return [replace(each, is_primary=place == chosen) for place, each in enumerate(contacts)]


def with_copy(contact: Contact, entry: Mapping[str, Any], *, is_override: bool = False) -> Contact:
    """The contact with copy written for it; what breaks a limit is kept and said in `problems`."""
    entry = reading.mapping(reading.clean(dict(entry)))
    mail = reading.mapping(entry.get("email_copy", entry.get("email")))
    email_copy = {name: found for name in ("subject", "body") if (found := reading.text(mail.get(name)))} or None
    said = entry.get("linkedin_copy", entry.get("linkedin"))
    linkedin = reading.text(said) or reading.text_at(reading.mapping(said), "message", "body")
    label = "Client copy" if is_override else "Copy"
    problems = [each for each in contact.problems if not each.startswith(f"{label}:")]
    problems += [f"{label}: {each}" for each in copy_problems(email_copy, linkedin)]
    if is_override:
        return replace(contact, client_email_copy=email_copy, client_linkedin_copy=linkedin, problems=tuple(problems))
    return replace(contact, email_copy=email_copy, linkedin_copy=linkedin, problems=tuple(problems))


def copy_problems(
    email_copy: Mapping[str, str] | None, linkedin: str | None, *, limits: CopyLimits | None = None
) -> list[str]:
    """What is too long, too short, missing, or still holds a placeholder."""
    limits = limits or CopyLimits()
    problems: list[str] = []
    subject, body = (email_copy or {}).get("subject", ""), (email_copy or {}).get("body", "")
    words = len(body.split())
    if not subject or not body:
        problems.append("the e-mail has no subject or no text.")
    if len(subject) >= limits.subject_characters:
        problems.append(
            f"the subject has {len(subject)} characters; fewer than {limits.subject_characters} are allowed."
        )
    if body and not limits.body_words_min <= words <= limits.body_words_max:
        problems.append(f"the text has {words} words; {limits.body_words_min} to {limits.body_words_max} are allowed.")
    if linkedin and len(linkedin) >= limits.linkedin_characters:
        problems.append(
            f"the LinkedIn message has {len(linkedin)} characters; fewer than {limits.linkedin_characters} are allowed."
        )
    if any(mark in f"{subject} {body} {linkedin or ''}" for mark in ("{{", "}}", "[First", "[Name", "None,", " nan")):
        problems.append("a placeholder was left in it.")
    return problems


def _names(entry: Mapping[str, Any]) -> tuple[str, str]:
    first, last = reading.text(entry.get("first_name")) or "", reading.text(entry.get("last_name")) or ""
    if not first and not last:
        first, _, last = (reading.text_at(entry, "name", "full_name") or "").partition(" ")
    return " ".join(first.split()), " ".join(last.split())


def _facts(value: Any) -> tuple[str, ...]:
    """Facts as texts, also when each comes with its address."""
    listed = reading.mappings(value)
    return tuple(fact for each in listed if (fact := reading.text(each.get("fact")))) if listed else texts(value)


def _profile(value: Any) -> str | None:
    url = reading.text(value)
    host = reading.host(url)
    is_profile = host is not None and (host == "linkedin.com" or host.endswith(".linkedin.com"))
    return url if is_profile else None


def _reason_to_leave_out(
    entry: Mapping[str, Any], contact: Contact, kept: Sequence[Contact], excluded_titles: Collection[str]
) -> str:
    if not contact.name:
        return "there is no name."
    if (reading.text_at(entry, "type", "entity_type") or "person").lower() in ("company", "organization"):
        return "it is a company, not a person."
    title = people.words_of(contact.title or "")
    if found := [each for each in excluded_titles if _holds(title, people.words_of(each))]:
        return f"the client excludes the title {found[0]!r}."
    if any(is_same_contact(contact, each) for each in kept):
        return "is in the list already."
    return f"a dossier has at most {MOST_CONTACTS} contacts." if len(kept) >= MOST_CONTACTS else ""


def is_same_contact(one: Contact, other: Contact) -> bool:
    """Whether two entries are one person: the same address or profile, or the same name at the same company."""
    for name in ("email", "linkedin_url"):
        mine, theirs = getattr(one, name), getattr(other, name)
        if mine and theirs and mine.casefold().rstrip("/") == theirs.casefold().rstrip("/"):
            return True
    return people.compare(one.name, one.organization, other.name, other.organization) == "SAME_PERSON"


def is_excluded(contact: Contact, names: Collection[str]) -> bool:
    """Whether a person is to be left alone: by name, address, company, or the domain of the address."""
    if not names:
        return False
    email = (contact.email or "").casefold()
    return (
        (bool(email) and any(each.strip().casefold() == email for each in names))
        or clients.is_excluded(names, company=contact.organization, domain=email.rpartition("@")[2] or None)
        or clients.is_excluded(names, company=contact.name, domain=None)
    )  # fmt: skip


def _holds(words: Sequence[str], wanted: Sequence[str]) -> bool:
    return bool(wanted) and any(
        tuple(words[at : at + len(wanted)]) == tuple(wanted) for at in range(len(words) - len(wanted) + 1)
    )
