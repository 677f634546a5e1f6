"""What dossiers of cells need of the table `runs`: the run that was begun for a cell."""

from uuid import UUID

from spadework.core.db import ReadOnly
from spadework.research.types.claims import PIPELINE_KIND


async def find_run(tx: ReadOnly, table_id: UUID, cell: str) -> UUID | None:
    """The newest run that was begun for that cell of the table."""
    found: UUID | None = await tx.fetchval(
        "select id from runs where account_id = $1 and kind = $2 and subject ->> 'table_id' = $3"
        " and subject ->> 'cell' = $4 order by created_at desc limit 1",
        tx.account, PIPELINE_KIND, str(table_id), cell,
    )  # fmt: skip
    return found
