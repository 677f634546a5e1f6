"""Dossiers that columns ask for: begun once for each cell, told to the cell, their people put into a table."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import InvalidInput, NotFound
from spadework.core.ids import FieldId, TableId, UserId
from spadework.plug.column import Value
from spadework.plug.dossier import DossierMade, DossierRequest
from spadework.research.actions import pipeline
from spadework.research.store import cells as store
from spadework.research.store import contacts as contact_store
from spadework.research.store import dossiers as dossier_store
from spadework.research.types.dossiers import Contact, Dossier
from spadework.research.types.pipeline import PipelineRequest
from spadework.runs import actions as runs
from spadework.runs.types import Run
from spadework.workbooks.actions import fields, rows, tables
from spadework.workbooks.types import SIMULATED, NewField

_CONTACTS_AT_MOST = 200
_COLUMNS: Mapping[str, str] = {
    "Name": "text", "Title": "text", "Company": "text", "Email": "email", "Phone": "text", "LinkedIn": "url",
    "Why they matter": "text", "Primary": "boolean", "Verified": "boolean",
}  # fmt: skip


async def begin(
    tx: Transaction, filling: Run, cell: str, request: DossierRequest, *, table_id: UUID, field_id: UUID
) -> Run:
    """The run that makes the dossier of a cell: the one begun before, going on if it had failed, else a new one.

    `cell` names the cell and its settings, so that one that is filled anew by force gets a dossier of its own.

    Raises:
        Conflict: something a real run needs is missing. NotFound: the client is gone.
    """
    if (before := await store.find_run(tx, table_id, cell)) is not None:
        run = await runs.get(tx, before)
        if run.state in ("failed", "stopped"):
            return await runs.resume(tx, run.id, by=None)
        return run
    table = await tables.get_table(tx, TableId(table_id))
    wanted = PipelineRequest(
        client_id=table.client_id, seed=request.seed, is_training=table.is_training,
        release_after_hours=request.release_after_hours,
    )  # fmt: skip
    subject = {
        "workbook_id": str(table.workbook_id), "table_id": str(table_id), "field_id": str(field_id), "cell": cell,
    }  # fmt: skip
    by = UserId(filling.created_by) if filling.created_by else None
    return await pipeline.start(tx, wanted, by=by, parent_run_id=filling.id, subject=subject)


async def tell(tx: Transaction, run: Run, request: DossierRequest) -> DossierMade:
    """What the cell is told of its dossier, whose run has ended; its people are rows of the table by then.

    Raises:
        NotFound, InvalidInput: the table for the people is not there, or another client's.
    """
    dossier = await dossier_store.find_by_run(tx, run.id)
    people = await _people(tx, run.id)
    problem = None
    if run.state != "succeeded" or dossier is None:
        problem = (run.error or {}).get("message", "The dossier was stopped. Run the cell again to go on.")
    elif request.contacts_table_id:
        await add_rows(tx, run, TableId(UUID(request.contacts_table_id)))
    score = dossier.score if dossier else None
    return DossierMade(
        run_id=str(run.id), dossier_id=str(dossier.id) if dossier else None,
        company=dossier.company_name if dossier else None, score=score.total if score else None,
        urgency=score.urgency if score else None, primary_signal=dossier.primary_signal if dossier else None,
        contacts=len(people), problem=problem, cost_micro_usd=int(run.progress.get("cost_micro_usd", 0)),
        is_simulated=run.is_simulated,
    )  # fmt: skip


async def add_rows(tx: Transaction, run: Run, table_id: TableId) -> list[int]:
    """The people of a dossier as rows of a table, with the columns it lacks added; a second call adds none.

    Raises:
        NotFound: no such table. InvalidInput: the table is another client's. LimitReached: it is full.
    """
    await rows.lock(tx, table_id)
    table = await tables.get_table(tx, table_id)
    if table.client_id != run.client_id:
        raise InvalidInput("The table belongs to another client, so these people cannot become rows of it.")
    source = f"dossier {run.id}"
    if await rows.has_source(tx, table_id, source):
        return []
    ids: dict[str, FieldId] = {}
    for name, kind in _COLUMNS.items():
        known = table.find_field_by_name(name)
        ids[name] = known.id if known else (await fields.add_field(
            tx, table_id, NewField(name=name, kind=kind), by=None
        )).field.id  # fmt: skip
    lines = [{ids[name]: value for name, value in _values(each).items()} for each in await _people(tx, run.id)]
    if not lines:
        return []
    return await rows.add_rows(tx, table_id, lines, source=source, marks=SIMULATED if run.is_simulated else 0)


async def get_run(tx: ReadOnly, dossier: Dossier) -> Run:
    """The run that made a dossier.

    Raises:
        NotFound: it is gone, and the people with it.
    """
    if dossier.run_id is None:
        raise NotFound("The run that made this dossier is gone, and its people with it.")
    return await runs.get(tx, dossier.run_id)


async def _people(tx: ReadOnly, run_id: UUID) -> list[Contact]:
    found = await contact_store.list_filtered(
        tx, run_id=run_id, dossier_id=None, client_id=None, search="", after=None, limit=_CONTACTS_AT_MOST
    )
    return [each.contact for each in found if each.contact.error is None]


def _values(contact: Contact) -> dict[str, Value]:
    return {
        "Name": contact.name, "Title": contact.title, "Company": contact.organization, "Email": contact.email,
        "Phone": contact.phone, "LinkedIn": contact.linkedin_url, "Why they matter": contact.why_they_matter,
        "Primary": contact.is_primary, "Verified": contact.is_verified,
    }  # fmt: skip


def cell_name(*parts: Any) -> str:
    """How a cell is named in its dossier's run."""
    return ":".join(str(each) for each in parts)
