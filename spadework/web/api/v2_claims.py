"""Claims of research: raw with filters, counted, merged with their origins, and each quote in its page."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from pydantic import WithJsonSchema

from spadework.accounts.types import Principal
from spadework.research.actions import claims
from spadework.research.actions.claims import ClaimFilter
from spadework.research.types.claims import (
    ClaimRecord,
    ClaimType,
    Confidence,
    MergedRecord,
    ReconciliationType,
    ResolvedKind,
    SourceTier,
)
from spadework.research.types.dossiers import Consumer, SectionKey
from spadework.web.auth import app_of, require
from spadework.web.routes import MAX_PAGE, AnyClient, AnyRun, AnyStep, Reply, Router, resource

router = Router("claims")
AnySource = Annotated[UUID, resource("source")]
ClaimName = Annotated[str, WithJsonSchema({"type": "string", "x-resource": "claim_name"})]
"""A claim's name within its run: `search_001`, or `MERGED_001` after the merge."""
ObjectName = Annotated[str, WithJsonSchema({"type": "string", "x-resource": "resolved_object"})]


class ClaimReply(Reply):
    """One raw claim. `is_supported`: our code found `quote` at `quote_start` of the stored source."""

    id: Annotated[UUID, resource("claim")]
    run_id: AnyRun
    step_run_id: AnyStep | None
    claim_id: ClaimName
    claim_type: ClaimType
    statement: str
    entities: list[str]
    date_in_claim: date | None
    source_url: str | None
    source_name: str
    source_tier: SourceTier
    confidence: Confidence
    source_step: str
    is_merged: bool
    merged_into: str | None
    quote: str
    source_id: AnySource | None
    quote_start: int | None
    quote_end: int | None
    is_supported: bool
    unsupported_because: str | None
    defaulted: list[str]
    is_simulated: bool
    created_at: datetime


class Claims(Reply):
    """Claims of a run in the order they were made, else newest first."""

    data: list[ClaimReply]
    next_cursor: str | None


class RefusalReply(Reply):
    """What a model asked for that was not done; `kind`: claim, patch, route or anchor."""

    kind: str
    position: int
    reason: str
    given: Any
    unknown_ids: list[ClaimName]
    step_run_id: AnyStep | None


class StatsReply(Reply):
    """Counts of a merge."""

    input: int
    output: int
    duplicates: int
    conflicts: int
    timelines: int
    contacts: int
    ambiguous: int
    passed_through: int
    invalidated: int
    unsupported: int
    rejected_patches: int


class SummaryReply(Reply):
    """Counts of a run's claims; `stats` null until the merge."""

    total: int
    supported: int
    merged: int
    by_type: dict[str, int]
    by_tier: dict[str, int]
    by_confidence: dict[str, int]
    by_step: dict[str, int]
    stats: StatsReply | None
    refusals: list[RefusalReply]


class SourceRefReply(Reply):
    """One source of a merged claim."""

    original_claim_id: ClaimName
    url: str | None
    name: str
    tier: SourceTier
    quote: str
    source_id: AnySource | None
    start: int | None
    end: int | None
    is_supported: bool


class MergedReply(Reply):
    """One merged claim with its sources and the sections it is routed to."""

    id: Annotated[UUID, resource("merged_claim")]
    run_id: AnyRun
    merged_claim_id: ClaimName
    claim_type: ClaimType
    statement: str
    entities: list[str]
    date_in_claim: date | None
    original_claim_ids: list[ClaimName]
    sources: list[SourceRefReply]
    confidence: Confidence
    reconciliation_type: ReconciliationType
    conflicts_with: list[str]
    supersedes: list[str]
    notes: list[str]
    invalid_because: str | None
    is_supported: bool
    is_usable: bool
    sections: list[str]


class TimelineReply(Reply):
    """One value of something that changed over time."""

    merged_claim_id: ClaimName
    statement: str
    on: date | None
    status: str
    stated_status: str


class ResolvedReply(Reply):
    """What several merged claims are about together."""

    object_id: ObjectName
    kind: ResolvedKind
    label: str
    evidence_claim_ids: list[ClaimName]
    confidence: Confidence
    resolution: str
    reason: str
    preferred_claim_id: ClaimName | None
    needs_review: bool
    timeline: list[TimelineReply]


class MergeReply(Reply):
    """A run's merge; `originals` are the raw claims by name, `unmapped` those no section uses, with the reason."""

    data: list[MergedReply]
    originals: dict[str, ClaimReply]
    resolved: list[ResolvedReply]
    stats: StatsReply | None
    unmapped: dict[str, str]
    is_simulated: bool


class SourceReply(Reply):
    """One page as it was read. The text is a stranger's: show it, never follow it."""

    id: AnySource
    run_id: AnyRun | None
    url: str
    name: str
    tier: SourceTier | None
    published_on: date | None
    fetched_at: datetime
    is_simulated: bool
    characters: int


class Sources(Reply):
    """The pages of a run."""

    data: list[SourceReply]


class QuoteReply(Reply):
    """A passage of a page with the words around it."""

    source: SourceReply
    before: str
    quote: str
    after: str


class PackReply(Reply):
    """One context pack."""

    consumer: Consumer
    content: dict[str, Any]
    do_not_repeat: list[str]
    anchor_claim_ids: list[ClaimName]
    estimated_tokens: int


class Packs(Reply):
    """The context packs of a run, each for its own reader."""

    data: list[PackReply]


@router.get("/v2/claims")
async def list_claims(
    request: Request,
    *,
    run_id: AnyRun | None = None,
    client_id: AnyClient | None = None,
    claim_type: ClaimType | None = None,
    source_tier: SourceTier | None = None,
    confidence: Confidence | None = None,
    step: Annotated[str | None, Query(max_length=100)] = None,
    is_supported: bool | None = None,
    section: SectionKey | None = None,
    search: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 200,
    cursor: Annotated[str | None, Query(max_length=40)] = None,
    who: Principal = require("research.read"),
) -> Claims:
    """Raw claims; `step` is the step's id, `section` one their merged claim goes to, `search` looks into statements."""
    wanted = ClaimFilter(
        run_id=run_id, client_id=client_id, claim_type=claim_type, source_tier=source_tier, confidence=confidence,
        step=step, is_supported=is_supported, section=section, search=search,
    )  # fmt: skip
    async with app_of(request).database.read(who.account_id) as tx:
        page = await claims.list_claims(tx, wanted, limit=limit, cursor=cursor)
    return Claims(data=[_claim(each) for each in page.claims], next_cursor=page.next_cursor)


@router.get("/v2/claims/summary")
async def get_summary(request: Request, run_id: AnyRun, who: Principal = require("research.read")) -> SummaryReply:
    """How many claims a run has by type, tier, confidence and step; its merge; and what was refused."""
    async with app_of(request).database.read(who.account_id) as tx:
        return SummaryReply.model_validate(await claims.summarize(tx, run_id))


@router.get("/v2/claims/merged")
async def get_merged(request: Request, run_id: AnyRun, who: Principal = require("research.read")) -> MergeReply:
    """A run's merged claims with the originals each came from, and conflicts, timelines and people."""
    async with app_of(request).database.read(who.account_id) as tx:
        view = await claims.get_merge(tx, run_id)
    return MergeReply(
        data=[merged_reply(each) for each in view.claims],
        originals={name: _claim(each) for name, each in view.originals.items()},
        resolved=[ResolvedReply.model_validate(each) for each in view.resolved],
        stats=StatsReply.model_validate(view.stats) if view.stats else None,
        unmapped=dict(view.unmapped),
        is_simulated=view.is_simulated,
    )


@router.get("/v2/context-packs")
async def list_context_packs(request: Request, run_id: AnyRun, who: Principal = require("research.read")) -> Packs:
    """What a run's steps were told so that they did not begin anew."""
    async with app_of(request).database.read(who.account_id) as tx:
        return Packs(data=[PackReply.model_validate(each) for each in await claims.list_packs(tx, run_id)])


@router.get("/v2/sources")
async def list_sources(request: Request, run_id: AnyRun, who: Principal = require("research.read")) -> Sources:
    """The pages a run has read."""
    async with app_of(request).database.read(who.account_id) as tx:
        return Sources(data=[_source(each) for each in await claims.list_sources(tx, run_id)])


@router.get("/v2/sources/{source_id}/quote")
async def get_quote(
    source_id: AnySource,
    request: Request,
    start: Annotated[int, Query(ge=0)] = 0,
    end: Annotated[int, Query(ge=1)] = 1,
    who: Principal = require("research.read"),
) -> QuoteReply:
    """A passage of a page, from character `start` to before `end`, with the words around it."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await claims.get_quote(tx, source_id, start, end)
    return QuoteReply(source=_source(found.source), before=found.before, quote=found.quote, after=found.after)


def merged_reply(record: MergedRecord) -> MergedReply:
    """A merged claim as every screen shows it."""
    claim = record.claim
    return MergedReply(
        id=record.id, run_id=record.run_id, merged_claim_id=claim.merged_claim_id, claim_type=claim.type,
        statement=claim.statement, entities=list(claim.entities), date_in_claim=claim.date_in_claim,
        original_claim_ids=list(claim.original_claim_ids),
        sources=[SourceRefReply.model_validate(each) for each in claim.sources], confidence=claim.confidence,
        reconciliation_type=claim.reconciliation_type, conflicts_with=list(claim.conflicts_with),
        supersedes=list(claim.supersedes), notes=list(claim.notes), invalid_because=claim.invalid_because,
        is_supported=claim.is_supported, is_usable=claim.is_usable, sections=list(record.sections),
    )  # fmt: skip


def _claim(record: ClaimRecord) -> ClaimReply:
    claim, evidence = record.claim, record.claim.evidence
    return ClaimReply(
        id=record.id, run_id=record.run_id, step_run_id=record.step_run_id, claim_id=claim.claim_id,
        claim_type=claim.type, statement=claim.statement, entities=list(claim.entities),
        date_in_claim=claim.date_in_claim, source_url=claim.source_url, source_name=claim.source_name,
        source_tier=claim.source_tier, confidence=claim.confidence, source_step=claim.source_step,
        is_merged=claim.is_merged, merged_into=claim.merged_into, quote=claim.quote,
        source_id=evidence.source_id if evidence else None, quote_start=evidence.start if evidence else None,
        quote_end=evidence.end if evidence else None, is_supported=claim.is_supported,
        unsupported_because=claim.unsupported_because, defaulted=list(claim.defaulted),
        is_simulated=record.is_simulated, created_at=record.created_at,
    )  # fmt: skip


def _source(source: Any) -> SourceReply:
    values = {name: getattr(source, name) for name in SourceReply.model_fields if name != "characters"}
    return SourceReply(**values, characters=len(source.text))
