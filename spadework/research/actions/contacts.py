"""Contacts as people read them: of a run while it grows, of a dossier, or all of an account."""

from dataclasses import dataclass
from uuid import UUID

from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import InvalidInput, NotFound
from spadework.research.store import contacts as store
from spadework.research.store import dossiers as dossier_store
from spadework.research.types.dossiers import ContactRecord
from spadework.runs import actions as runs

MAX_PAGE = 500


@dataclass(frozen=True, slots=True)
class ContactPage:
    """Contacts and where the next page begins; None on the last."""

    contacts: list[ContactRecord]
    next_cursor: str | None


async def list_contacts(
    tx: ReadOnly,
    *,
    run_id: UUID | None = None,
    dossier_id: UUID | None = None,
    client_id: UUID | None = None,
    is_primary: bool | None = None,
    is_verified: bool | None = None,
    has_email: bool | None = None,
    search: str = "",
    limit: int = 100,
    cursor: str | None = None,
) -> ContactPage:
    """Contacts: of a run or dossier in the order they were found, else newest first.

    Raises:
        NotFound: no such run or dossier. InvalidInput: the cursor is not one of ours.
    """
    if run_id is not None:
        await runs.get(tx, run_id)
    if dossier_id is not None and await dossier_store.find(tx, dossier_id) is None:
        raise NotFound("There is no such dossier in this account.")
    limit = max(1, min(limit, MAX_PAGE))
    found = await store.list_filtered(
        tx, run_id=run_id, dossier_id=dossier_id, client_id=client_id, search=search.strip(), after=_after(cursor),
        limit=limit + 1, is_primary=is_primary, is_verified=is_verified, has_email=has_email,
    )  # fmt: skip
    page = found[:limit]
    return ContactPage(page, str(page[-1].id) if len(found) > limit else None)


async def get_contact(tx: ReadOnly, contact_id: UUID) -> ContactRecord:
    """The contact of that id; NotFound when the account has none."""
    found = await store.find(tx, contact_id)
    if found is None:
        raise NotFound("There is no such contact in this account.")
    return found


async def make_primary(tx: Transaction, contact_id: UUID) -> ContactRecord:
    """Let this contact be its run's primary one, and no other; NotFound as above."""
    record = await get_contact(tx, contact_id)
    await store.set_primary(tx, record.run_id, contact_id)
    return await get_contact(tx, contact_id)


def _after(cursor: str | None) -> UUID | None:
    try:
        return UUID(cursor) if cursor else None
    except ValueError as error:
        raise InvalidInput("The cursor is not one this list gave out. Begin without a cursor.") from error
