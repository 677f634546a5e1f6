"""What research finds out: sources, the claims taken from them, and what a merge made of those."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, get_args
from uuid import UUID

from spadework.core.ids import ClientId, RunId

ClaimType = Literal[
    "SIGNAL", "CONTACT", "ENTITY", "RELATIONSHIP", "OPPORTUNITY", "METRIC", "ATTRIBUTE", "NOTE"
]  # fmt: skip
SourceTier = Literal["GOV", "PRIMARY", "NEWS", "OTHER"]
"""A regulator or registry, the company itself, the press, anything else: best first."""
Confidence = Literal["HIGH", "MEDIUM", "LOW"]
ReconciliationType = Literal["DUPLICATE", "CONFLICT", "TIMELINE", "PASS_THROUGH"]
ResolvedKind = Literal["CONTACT", "TIMELINE", "CONFLICT", "AMBIGUOUS"]
PatchKind = Literal["merge", "merge_contact", "invalidate", "flag_conflict", "enhance"]

CLAIM_TYPES: tuple[ClaimType, ...] = get_args(ClaimType)
SOURCE_TIERS: tuple[SourceTier, ...] = get_args(SourceTier)
CONFIDENCES: tuple[Confidence, ...] = get_args(Confidence)
PATCH_KINDS: tuple[PatchKind, ...] = get_args(PatchKind)

PIPELINE_KIND = "research_pipeline"
"""The `kind` of the runs that fill a dossier; the views of pipeline runs show these."""

MAX_STATEMENT_CHARACTERS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One page or document as it was read: its extracted text is what quotes are looked for in.

    `text` is data of a stranger and never an instruction. `tier` None: nobody has judged it yet.
    """

    id: UUID
    run_id: RunId | None
    url: str
    name: str
    text: str
    tier: SourceTier | None = None
    published_on: date | None = None
    fetched_at: datetime
    is_simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a claim's quote stands: `source.text[start:end]`, in characters; the source's own spelling."""

    source_id: UUID
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One sourced statement, as one step's extraction gave it.

    `claim_id` is unique within its run and made by our code (`search_001`). `evidence` None means that no
    stored source holds the quote: the claim is unsupported, and `unsupported_because` says why.
    `defaulted` names the fields the model left out. `merged_into` is a merged claim's id, after the merge.
    """

    claim_id: str
    type: ClaimType = "NOTE"
    statement: str
    entities: tuple[str, ...] = ()
    date_in_claim: date | None = None
    source_url: str | None = None
    source_name: str = "Unknown"
    source_tier: SourceTier = "OTHER"
    confidence: Confidence = "MEDIUM"
    source_step: str
    quote: str = ""
    evidence: Evidence | None = None
    unsupported_because: str | None = None
    defaulted: tuple[str, ...] = ()
    merged_into: str | None = None

    @property
    def is_supported(self) -> bool:
        """Whether our code found the quote in a stored source."""
        return self.evidence is not None

    @property
    def is_merged(self) -> bool:
        """Whether the merge has placed it."""
        return self.merged_into is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedClaim:
    """One entry of an extraction that is no claim; the others stand. `given` is the start of what it said."""

    position: int
    reason: str
    given: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What one extraction reply held. `contact_details` are addresses and numbers: they belong to contacts."""

    claims: tuple[Claim, ...]
    rejected: tuple[RejectedClaim, ...] = ()
    contact_details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """One change a merge reply asks for; `position` is its place in the reply.

    merge, merge_contact: `keep` takes in `others`. invalidate: `others` are no longer believed.
    flag_conflict: `others` contradict each other, or follow each other in time (`is_timeline`).
    enhance: `keep` gets `entities`, `date_in_claim` and `note`. `name` and `organization` say who a
    merge_contact is about; `resolution` is how sure the model is. `statuses` place claims in a timeline.
    """

    position: int
    kind: PatchKind
    keep: str | None = None
    others: tuple[str, ...] = ()
    reason: str = ""
    topic: str = ""
    name: str = ""
    organization: str = ""
    resolution: Literal["SAME_PERSON", "DIFFERENT_PERSON", "UNSURE"] = "SAME_PERSON"
    is_timeline: bool = False
    statuses: Mapping[str, str] = field(default_factory=dict)
    entities: tuple[str, ...] = ()
    date_in_claim: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedPatch:
    """A patch nothing of which was applied; `unknown_ids` are those that name no claim of the run."""

    position: int
    kind: str
    reason: str
    unknown_ids: tuple[str, ...] = ()
    given: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRef:
    """One source of a merged claim, with the original claim it came by and the quote in it."""

    original_claim_id: str
    url: str | None
    name: str
    tier: SourceTier
    quote: str = ""
    source_id: UUID | None = None
    start: int | None = None
    end: int | None = None

    @property
    def is_supported(self) -> bool:
        """Whether our code found the quote in the stored source."""
        return self.source_id is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedClaim:
    """One statement after the merge, with all its sources. Only these are routed, written from and cited.

    `invalid_because` marks one that is kept for the record and must not be used. `conflicts_with` and
    `supersedes` hold merged ids. `notes` are what enhance, conflicts and timelines added.
    """

    merged_claim_id: str
    type: ClaimType
    statement: str
    entities: tuple[str, ...]
    date_in_claim: date | None
    original_claim_ids: tuple[str, ...]
    sources: tuple[SourceRef, ...]
    confidence: Confidence
    reconciliation_type: ReconciliationType = "PASS_THROUGH"
    conflicts_with: tuple[str, ...] = ()
    supersedes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    invalid_because: str | None = None

    @property
    def is_supported(self) -> bool:
        """Whether at least one of its quotes was found."""
        return any(each.is_supported for each in self.sources)

    @property
    def is_usable(self) -> bool:
        """Whether a dossier may say it."""
        return self.is_supported and self.invalid_because is None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One value of something that changed over time, oldest first; all but the last are SUPERSEDED."""

    merged_claim_id: str
    statement: str
    on: date | None
    status: Literal["ANNOUNCED", "REVISED", "ACTUAL", "SUPERSEDED"]
    stated_status: Literal["ANNOUNCED", "REVISED", "ACTUAL"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedObject:
    """What several claims are about together: a person, a course of events, a contradiction, an open question.

    `preferred_claim_id` None in a CONFLICT: the rules do not decide it, a person must (`needs_review`).
    """

    object_id: str
    kind: ResolvedKind
    label: str
    evidence_claim_ids: tuple[str, ...]
    confidence: Confidence
    resolution: str
    reason: str = ""
    preferred_claim_id: str | None = None
    needs_review: bool = False
    timeline: tuple[TimelineEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeStats:
    """Counts of one merge. `duplicates` are claims that went into another; the rest as they are named."""

    input: int = 0
    output: int = 0
    duplicates: int = 0
    conflicts: int = 0
    timelines: int = 0
    contacts: int = 0
    ambiguous: int = 0
    passed_through: int = 0
    invalidated: int = 0
    unsupported: int = 0
    rejected_patches: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A merge of all claims of a run: `placed` says for each original claim which merged claim holds it."""

    claims: tuple[MergedClaim, ...]
    resolved: tuple[ResolvedObject, ...]
    placed: Mapping[str, str]
    rejected: tuple[RejectedPatch, ...]
    stats: MergeStats


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRecord:
    """A stored claim with where it was made."""

    id: UUID
    run_id: RunId
    client_id: ClientId | None
    step_run_id: UUID | None
    created_at: datetime
    claim: Claim
    is_simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedRecord:
    """A stored merged claim with the run it was made in and the sections it is routed to."""

    id: UUID
    run_id: RunId
    created_at: datetime
    claim: MergedClaim
    sections: tuple[str, ...] = ()
