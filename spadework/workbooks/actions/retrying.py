"""Another go at a run: what it had not done, or the cells that failed in it."""

from uuid import UUID

from spadework.core.db import Transaction
from spadework.core.errors import Conflict
from spadework.core.ids import FieldId, TableId, UserId
from spadework.runs import actions as runs
from spadework.runs.types import Run
from spadework.workbooks.actions import running
from spadework.workbooks.types import RunRequest


async def retry(tx: Transaction, run_id: UUID, *, by: UserId | None) -> Run:
    """A failed or stopped run goes on; of one that filled columns and ended, a new run takes the failed cells.

    Paid calls whose fate is unknown are not repeated by this.

    Raises:
        NotFound: no such run. Conflict: it is under way, or there is nothing to try again.
    """
    run = await runs.get(tx, run_id)
    if run.state != "succeeded":
        return await runs.resume(tx, run_id, by=by)
    if run.kind != running.JOB or run.table_id is None:
        raise Conflict("This run has finished, so there is nothing to try again.")
    request = RunRequest(
        table_id=TableId(run.table_id), mode="failed", with_dependants=False,
        field_ids=tuple(FieldId(UUID(str(each))) for each in run.input["field_ids"]),
    )  # fmt: skip
    return await running.start_run(tx, request, by=by)
