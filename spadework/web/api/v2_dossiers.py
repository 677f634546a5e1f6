"""Dossiers: listed, read whole with every sentence's claims, released, archived, exported."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Query, Request, Response

from spadework.accounts.types import Principal
from spadework.core import clock
from spadework.research.actions import dossiers
from spadework.research.types.dossiers import Dossier, DossierState, ExportFormat, SectionKey, SentenceStatus, Urgency
from spadework.web.api.v2_claims import ClaimName, MergedReply, ResolvedReply, merged_reply
from spadework.web.api.v2_contacts import AnyDossier, ContactReply, contact_reply
from spadework.web.auth import app_of, require
from spadework.web.routes import AnyClient, AnyRun, Reply, Router

router = Router("dossiers")


class PartReply(Reply):
    """Points of one part of the lead score."""

    name: str
    points: int
    most: int
    reason: str
    claim_ids: list[ClaimName]


class ScoreReply(Reply):
    """The lead score: our sum of its parts."""

    total: int
    parts: list[PartReply]
    urgency: Urgency
    urgency_reason: str
    problems: list[str]


class DossierReply(Reply):
    """One dossier. `released_at` null: not ready, or held back until `release_at`."""

    id: AnyDossier
    client_id: AnyClient
    run_id: AnyRun
    company_name: str | None
    domain: str | None
    lead_score: int | None
    timing_urgency: Urgency | None
    primary_signal: str | None
    status: DossierState
    sections_completed: list[SectionKey]
    score: ScoreReply | None
    release_after_hours: float
    ready_at: datetime | None
    release_at: datetime | None
    released_at: datetime | None
    is_simulated: bool
    created_at: datetime
    updated_at: datetime


class Dossiers(Reply):
    """Dossiers, newest first."""

    data: list[DossierReply]
    next_cursor: str | None


class SentenceReply(Reply):
    """One sentence and the merged claims it leads back to; anything but `supported` is shown as such."""

    path: str
    text: str
    claim_ids: list[ClaimName]
    status: SentenceStatus
    problem: str | None


class UsedSourceReply(Reply):
    """One source of the dossier, and the sections that use it."""

    url: str
    name: str
    tier: str
    used_in: list[SectionKey]
    claim_ids: list[ClaimName]


class SectionReply(Reply):
    """One section: its content in its shape, and each sentence of it."""

    key: SectionKey
    content: dict[str, Any]
    sentences: list[SentenceReply]
    problems: list[str]
    claim_ids: list[ClaimName]
    sources: list[UsedSourceReply]
    is_complete: bool


class UnsupportedReply(Reply):
    """A sentence that no given claim carries, and the section it stands in."""

    section: SectionKey
    sentence: SentenceReply


class FullDossier(DossierReply):
    """A dossier with everything in it; `claims` are merged claims by name, with their quotes."""

    client_name: str
    media: dict[str, Any]
    sections: list[SectionReply]
    missing_sections: list[str]
    contacts: list[ContactReply]
    sources: list[UsedSourceReply]
    claims: dict[str, MergedReply]
    resolved: list[ResolvedReply]
    unsupported: list[UnsupportedReply]


@router.get("/v2/dossiers")
async def list_dossiers(
    request: Request,
    client_id: AnyClient | None = None,
    status: DossierState | None = None,
    search: Annotated[str, Query(max_length=200)] = "",
    released: Annotated[bool, Query(description="Only those that may be read by everybody by now.")] = False,
    limit: Annotated[int, Query(ge=1, le=dossiers.MAX_PAGE)] = 50,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    who: Principal = require("research.read"),
) -> Dossiers:
    """Dossiers; those held back are only for people who may release them."""
    now = clock.now()
    only_released = released or not _may_see_all(who)
    async with app_of(request).database.read(who.account_id) as tx:
        page = await dossiers.list_dossiers(
            tx, client_id=client_id, state=status, search=search, released_by=now if only_released else None,
            limit=limit, cursor=cursor,
        )  # fmt: skip
    return Dossiers(data=[_brief(each, now) for each in page.dossiers], next_cursor=page.next_cursor)


@router.get("/v2/dossiers/{dossier_id}")
async def get_dossier(
    dossier_id: AnyDossier, request: Request, who: Principal = require("research.read")
) -> FullDossier:
    """The whole dossier: sections, sentences with their claims and quotes, people, sources."""
    now = clock.now()
    async with app_of(request).database.read(who.account_id) as tx:
        view = await dossiers.get_view(tx, dossier_id, at=now)
        if not _may_see_all(who):
            dossiers.require_released(view.dossier, at=now)
    return FullDossier(
        **_brief(view.dossier, now).model_dump(),
        client_name=view.client_name,
        media=dict(view.dossier.media),
        sections=[SectionReply.model_validate(each) for each in view.sections],
        missing_sections=list(view.missing),
        contacts=[contact_reply(each) for each in view.contacts],
        sources=[UsedSourceReply.model_validate(each) for each in view.sources],
        claims={name: merged_reply(each) for name, each in view.claims.items()},
        resolved=[ResolvedReply.model_validate(each) for each in view.resolved],
        unsupported=[
            UnsupportedReply.model_validate({"section": section, "sentence": SentenceReply.model_validate(sentence)})
            for section, sentence in view.unsupported
        ],
    )


@router.post("/v2/dossiers/{dossier_id}/release")
async def release_dossier(
    dossier_id: AnyDossier, request: Request, who: Principal = require("research.write")
) -> DossierReply:
    """Let a ready dossier be read now instead of at its hour."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return _brief(await dossiers.release_now(tx, dossier_id), clock.now())


@router.post("/v2/dossiers/{dossier_id}/archive")
async def archive_dossier(
    dossier_id: AnyDossier, request: Request, who: Principal = require("research.write")
) -> DossierReply:
    """Put the dossier away; its claims and what was spent for it stay."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return _brief(await dossiers.archive(tx, dossier_id), clock.now())


@router.get("/v2/dossiers/{dossier_id}/export", response_class=Response)
async def export_dossier(
    dossier_id: AnyDossier,
    request: Request,
    form: Annotated[ExportFormat, Query(alias="format")] = "markdown",
    who: Principal = require("research.export"),
) -> Response:
    """The dossier as a file; sentences without support are marked in it."""
    async with app_of(request).database.read(who.account_id) as tx:
        made = await dossiers.export(tx, dossier_id, form)
    disposition = f"attachment; filename*=UTF-8''{quote(made.name)}"
    return Response(made.content, media_type=made.media_type, headers={"Content-Disposition": disposition})


def _may_see_all(who: Principal) -> bool:
    return "research.write" in who.permissions


def _brief(dossier: Dossier, now: datetime) -> DossierReply:
    score = dossier.score
    is_released = dossier.release_at is not None and dossier.release_at <= now
    return DossierReply(
        id=dossier.id, client_id=dossier.client_id, run_id=dossier.run_id, company_name=dossier.company_name,
        domain=dossier.domain, lead_score=score.total if score else None,
        timing_urgency=score.urgency if score else None, primary_signal=dossier.primary_signal, status=dossier.state,
        sections_completed=list(dossier.sections_completed),
        score=ScoreReply.model_validate(score) if score else None, release_after_hours=dossier.release_after_hours,
        ready_at=dossier.ready_at, release_at=dossier.release_at,
        released_at=dossier.release_at if is_released else None, is_simulated=dossier.is_simulated,
        created_at=dossier.created_at, updated_at=dossier.updated_at,
    )  # fmt: skip
