"""What is written from merged claims: context packs, sections, dossiers and contacts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

from spadework.core.ids import ClientId, RunId

Consumer = Literal["for_entity", "for_contacts", "for_writers"]
"""Who a context pack is made for; its name in prompts and tables."""
SectionKey = Literal[
    "INTRO", "SCORE", "SIGNALS", "CONTACTS", "LEAD_INTELLIGENCE", "STRATEGY", "OPPORTUNITY", "CLIENT_SPECIFIC"
]  # fmt: skip
DossierState = Literal["skeleton", "enriching", "ready", "archived", "superseded"]
Urgency = Literal["CRITICAL", "HIGH", "MEDIUM", "LOW"]
ContactSource = Literal["apollo", "linkedin", "research", "manual"]
ExportFormat = Literal["markdown", "html", "pdf", "json"]
SentenceStatus = Literal["supported", "uncited", "unknown_claim", "unsupported"]

CONSUMERS: tuple[Consumer, ...] = get_args(Consumer)
SECTION_KEYS: tuple[SectionKey, ...] = get_args(SectionKey)
WRITTEN_SECTIONS: tuple[SectionKey, ...] = (
    "INTRO", "SIGNALS", "LEAD_INTELLIGENCE", "STRATEGY", "OPPORTUNITY", "CLIENT_SPECIFIC"
)  # fmt: skip
"""Those that a writer makes; SCORE comes from the lead's enrichment and CONTACTS from the contacts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextPack:
    """What the next step is told so that it does not begin anew: settled facts, questions, what not to repeat.

    `anchor_claim_ids` are claims of the run (merged ones in `for_writers`) that the pack rests on.
    """

    consumer: Consumer
    content: Mapping[str, Any]
    do_not_repeat: tuple[str, ...] = ()
    anchor_claim_ids: tuple[str, ...] = ()
    estimated_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What one section is to be written from: merged ids and resolved objects. `is_default`: chosen by type."""

    section: SectionKey
    claim_ids: tuple[str, ...] = ()
    resolved_object_ids: tuple[str, ...] = ()
    coverage_notes: str = ""
    default_claim_ids: tuple[str, ...] = ()
    """Those of `claim_ids` that no plan routed anywhere, placed by their type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Every section's route, the claims left out on purpose with the reason, and ids that name nothing."""

    routes: tuple[Route, ...]
    unmapped: Mapping[str, str] = field(default_factory=dict)
    rejected_ids: tuple[str, ...] = ()

    def route(self, section: SectionKey) -> Route:
        """The section's route; an empty one when nothing goes there."""
        return next((each for each in self.routes if each.section == section), Route(section=section))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of a section at its place (`deal_strategy.how_they_buy`), and what it leads back to.

    Anything but "supported" is shown as such; `problem` says what is wrong with it.
    """

    path: str
    text: str
    claim_ids: tuple[str, ...] = ()
    status: SentenceStatus = "supported"
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedSource:
    """One source of a dossier, once for each address, with the sections that use it."""

    url: str
    name: str
    tier: str
    used_in: tuple[SectionKey, ...]
    claim_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section: `content` in its shape, without citation marks, and every sentence of it with its claims."""

    key: SectionKey
    content: Mapping[str, Any]
    sentences: tuple[Sentence, ...] = ()
    problems: tuple[str, ...] = ()
    claim_ids: tuple[str, ...] = ()
    sources: tuple[UsedSource, ...] = ()
    is_complete: bool = True

    @property
    def unsupported(self) -> tuple[Sentence, ...]:
        """The sentences that no given claim supports."""
        return tuple(each for each in self.sentences if each.status != "supported")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePart:
    """Points of one part of the lead score, out of `most`, with the reason and what it rests on.

    Before the merge that is addresses of sources; the claims of those sources carry it afterwards.
    """

    name: str
    points: int
    most: int
    reason: str = ""
    claim_ids: tuple[str, ...] = ()
    source_urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadScore:
    """How good a lead is, 0 to 100, and how urgent; `total` is our sum, never the model's."""

    total: int
    parts: tuple[ScorePart, ...]
    urgency: Urgency
    urgency_reason: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One person of a dossier. `index` is the place in the list they were found in: replies are matched by it."""

    index: int
    first_name: str = ""
    last_name: str = ""
    email: str | None = None
    email_source: str | None = None
    email_status: str | None = None
    phone: str | None = None
    title: str | None = None
    organization: str | None = None
    linkedin_url: str | None = None
    bio: str | None = None
    tenure: str | None = None
    why_they_matter: str | None = None
    relation_to_signal: str | None = None
    interesting_facts: tuple[str, ...] = ()
    email_copy: Mapping[str, str] | None = None
    linkedin_copy: str | None = None
    client_email_copy: Mapping[str, str] | None = None
    client_linkedin_copy: str | None = None
    is_primary: bool = False
    is_verified: bool = False
    confidence: str = "MEDIUM"
    source: ContactSource = "research"
    problems: tuple[str, ...] = ()
    error: str | None = None
    """Why this contact could not be enriched; the others are."""

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRecord:
    """A stored contact."""

    id: UUID
    run_id: RunId
    dossier_id: UUID | None
    created_at: datetime
    updated_at: datetime
    contact: Contact
    company_name: str | None = None
    """The company that the dossier is about; `contact.organization` may be a partner of it."""
    is_simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """What we know about one company, for one client. `release_at` None: not ready, or released at once."""

    id: UUID
    client_id: ClientId
    run_id: RunId
    company_name: str | None
    domain: str | None
    state: DossierState
    score: LeadScore | None
    primary_signal: str | None
    media: Mapping[str, Any]
    sections_completed: tuple[SectionKey, ...]
    release_after_hours: float
    ready_at: datetime | None
    release_at: datetime | None
    is_simulated: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierPage:
    """Dossiers, newest first, and where the next page begins; None on the last."""

    dossiers: list[Dossier]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A file ready to send."""

    name: str
    media_type: str
    content: bytes
