"""A person's word on a paid call whose fate is not known, and what it means for the cell that waits for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from spadework.core.db import Transaction
from spadework.core.ids import UserId
from spadework.plug.column import CellState
from spadework.runs.types import Run
from spadework.spend import actions as spend
from spadework.spend.types import Call, Reconciliation
from spadework.workbooks.actions import running, tables
from spadework.workbooks.store import cells
from spadework.workbooks.types import RunRequest

_BECOMES: Mapping[Reconciliation, tuple[CellState, str]] = {
    "mark_done": ("no_data", "A person found that this call was charged; its answer is lost."),
    "mark_failed": ("failed", "A person found that this call was not charged. Run the cell again to ask anew."),
    "retry_and_pay_again": ("failed", "A person decided to ask again and to pay again."),
}


@dataclass(frozen=True, slots=True)
class Decided:
    """The call as it is now, and the run that asks again, if that was decided."""

    call: Call
    run: Run | None


async def reconcile(tx: Transaction, call_id: UUID, action: Reconciliation, *, by: UserId | None) -> Decided:
    """Decide what became of the call; its cell leaves `unknown`, and `retry_and_pay_again` runs that one cell.

    A cell that a person has set meanwhile stays as it is, and nothing is asked again for it.

    Raises:
        NotFound: no such call. Conflict: its fate is known, or a run is filling the column.
        OutOfBudget: asking again does not fit.
    """
    call = await spend.reconcile(tx, call_id, action, by=by)
    table = await tables.find_table(tx, call.table_id) if call.table_id else None
    field = table.find_field(call.field_id) if table and call.field_id else None
    if table is None or field is None or call.row_id is None:
        return Decided(call, None)
    state, note = _BECOMES[action]
    nos = [field.no, *(each.no for each in table.outputs_of(field.id))]
    if not await cells.end_unknown(tx, table.id, call.row_id, nos, state=state, note=note):
        return Decided(call, None)
    await tables.announce_rows(tx, table.id)
    if action != "retry_and_pay_again":
        return Decided(call, None)
    request = RunRequest(
        table_id=table.id, field_ids=(field.id,), mode="cell", row_ids=(call.row_id,), with_dependants=False
    )
    return Decided(call, await running.start_run(tx, request, by=by))
