"""People of a dossier as rows of a table."""

from fastapi import Request

from spadework.accounts.types import Principal
from spadework.research.actions import cell_dossiers, dossiers
from spadework.web.api.v2_contacts import AnyDossier
from spadework.web.auth import app_of, require
from spadework.web.routes import AnyTable, Body, Reply, Router

router = Router("dossiers")


class ContactRows(Body):
    """The table the people become rows of; it belongs to the dossier's client."""

    table_id: AnyTable


class AddedRows(Reply):
    """How many rows were added; 0 when the dossier's people are there already."""

    rows: int


@router.post("/v2/dossiers/{dossier_id}/contacts/rows")
async def add_contact_rows(
    dossier_id: AnyDossier, body: ContactRows, request: Request, who: Principal = require("workbooks.write")
) -> AddedRows:
    """Add the dossier's people as rows, with the columns the table lacks; a second call adds none."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        dossier = (await dossiers.get_view(tx, dossier_id)).dossier
        run = await cell_dossiers.get_run(tx, dossier)
        return AddedRows(rows=len(await cell_dossiers.add_rows(tx, run, body.table_id)))
