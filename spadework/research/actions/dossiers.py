"""Dossiers as people read them, and what people do with them: release, archive, export."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from spadework.clients import actions as clients
from spadework.core import clock
from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import InvalidInput, NotFound
from spadework.research.rules import exports, sections, states
from spadework.research.store import contacts as contact_store
from spadework.research.store import dossiers as store
from spadework.research.store import merged as merged_store
from spadework.research.types.claims import MergedRecord, ResolvedObject
from spadework.research.types.dossiers import (
    SECTION_KEYS,
    ContactRecord,
    Dossier,
    DossierPage,
    DossierState,
    Exported,
    ExportFormat,
    Section,
    Sentence,
    UsedSource,
)

MAX_PAGE = 200
_MOST_CONTACTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierView:
    """A whole dossier: its sections in their order, people, sources with where they are used, and the claims.

    `unsupported` are the sentences that no given claim carries; `missing` the sections not written yet.
    """

    dossier: Dossier
    client_name: str
    is_released: bool
    sections: tuple[Section, ...]
    contacts: tuple[ContactRecord, ...]
    sources: tuple[UsedSource, ...]
    claims: Mapping[str, MergedRecord]
    resolved: tuple[ResolvedObject, ...]

    @property
    def unsupported(self) -> tuple[tuple[str, Sentence], ...]:
        """Section and sentence of everything that is not carried by a claim."""
        return tuple((section.key, each) for section in self.sections for each in section.unsupported)

    @property
    def missing(self) -> tuple[str, ...]:
        """Sections that are not there yet."""
        have = {each.key for each in self.sections}
        return tuple(each for each in SECTION_KEYS if each not in have)


async def list_dossiers(
    tx: ReadOnly,
    *,
    client_id: UUID | None = None,
    state: DossierState | None = None,
    search: str = "",
    released_by: datetime | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> DossierPage:
    """Dossiers, newest first. With `released_by` only those that may be read at that moment.

    Raises:
        InvalidInput: the cursor is not one of ours.
    """
    try:
        after = UUID(cursor) if cursor else None
    except ValueError as error:
        raise InvalidInput("The cursor is not one this list gave out. Begin without a cursor.") from error
    limit = max(1, min(limit, MAX_PAGE))
    found = await store.list_filtered(
        tx, client_id=client_id, states=[state] if state else None, search=search.strip(), released_by=released_by,
        after=after, limit=limit + 1,
    )  # fmt: skip
    page = found[:limit]
    return DossierPage(dossiers=page, next_cursor=str(page[-1].id) if len(found) > limit else None)


async def get(tx: ReadOnly, dossier_id: UUID) -> Dossier:
    """The dossier of that id; NotFound when the account has none."""
    found = await store.find(tx, dossier_id)
    if found is None:
        raise NotFound("There is no such dossier in this account.")
    return found


async def get_view(tx: ReadOnly, dossier_id: UUID, *, at: datetime | None = None) -> DossierView:
    """The whole dossier; NotFound as for `get`."""
    dossier = await get(tx, dossier_id)
    people = await contact_store.list_filtered(
        tx, run_id=dossier.run_id, dossier_id=None, client_id=None, search="", after=None, limit=_MOST_CONTACTS
    )
    written = {each.key: each for each in await store.list_sections(tx, dossier_id)}
    merged = await merged_store.list_of_run(tx, dossier.run_id)
    if people:
        written["CONTACTS"] = sections.contacts_section([each.contact for each in people])
    if dossier.score is not None:
        written["SCORE"] = sections.score_section(dossier.score, [each.claim for each in merged])
    ordered = tuple(written[key] for key in SECTION_KEYS if key in written)
    return DossierView(
        dossier=dossier,
        client_name=(await clients.get(tx, dossier.client_id)).name,
        is_released=states.is_released(dossier, at=at or clock.now()),
        sections=ordered,
        contacts=tuple(people),
        sources=sections.all_sources(ordered),
        claims={each.claim.merged_claim_id: each for each in merged},
        resolved=tuple(await merged_store.list_resolved(tx, dossier.run_id)),
    )


async def release_now(tx: Transaction, dossier_id: UUID, *, at: datetime | None = None) -> Dossier:
    """The ready dossier, to be read from now on instead of later; safe to call twice.

    Raises:
        NotFound: no such dossier. Conflict: it is not ready.
    """
    dossier = await _locked(tx, dossier_id)
    states.require_ready(dossier)
    moment = at or clock.now()
    if not states.is_released(dossier, at=moment):
        await store.update(tx, dossier_id, {"release_at": moment})
    return await get(tx, dossier_id)


async def archive(tx: Transaction, dossier_id: UUID) -> Dossier:
    """The dossier, put away; its claims and what was spent for it stay. Safe to call twice; NotFound as for `get`."""
    return await move(tx, dossier_id, "archived")


async def move(tx: Transaction, dossier_id: UUID, state: DossierState) -> Dossier:
    """The dossier in another state.

    Becoming ready starts the hours it is held back, and makes older ready ones of the same client and domain
    superseded.

    Raises:
        NotFound: no such dossier. Conflict: it cannot go there from its state.
    """
    dossier = await _locked(tx, dossier_id)
    states.require_next(dossier.state, state)
    if dossier.state == state:
        return dossier
    changes: dict[str, object] = {"state": state}
    if state == "ready":
        ready_at = clock.now()
        changes |= {
            "ready_at": ready_at,
            "release_at": states.release_moment(ready_at, dossier.release_after_hours),
        }
    await store.update(tx, dossier_id, changes)
    if state == "ready" and dossier.domain:
        await store.supersede(tx, dossier)
    await tx.notify(f"run:{dossier.run_id}", {"type": "dossier", "dossier_id": str(dossier_id), "state": state})
    return await get(tx, dossier_id)


async def export(tx: ReadOnly, dossier_id: UUID, form: ExportFormat, *, at: datetime | None = None) -> Exported:
    """The dossier as a file. Sentences without support are in it, marked as such.

    Raises:
        NotFound: no such dossier. Conflict: it is not ready, or held back.
    """
    view = await get_view(tx, dossier_id, at=at)
    states.require_released(view.dossier, at=at or clock.now())
    document = exports.Document(
        dossier=view.dossier,
        client_name=view.client_name,
        sections=view.sections,
        contacts=tuple(each.contact for each in view.contacts),
        sources=view.sources,
        claims={name: each.claim for name, each in view.claims.items()},
    )
    return exports.write(document, form)


def require_released(dossier: Dossier, *, at: datetime) -> None:
    """Raise Conflict when the dossier is held back at that moment, or not ready."""
    states.require_released(dossier, at=at)


async def _locked(tx: Transaction, dossier_id: UUID) -> Dossier:
    found = await store.lock(tx, dossier_id)
    if found is None:
        raise NotFound("There is no such dossier in this account.")
    return found
