"""Filling columns: what it would cost, starting it, stopping it."""

from fastapi import Request
from pydantic import Field

from spadework.accounts.types import Principal
from spadework.core.db import ReadOnly
from spadework.core.errors import InvalidInput
from spadework.spend.types import BudgetScope
from spadework.web.api.records import AnyRow
from spadework.web.api.runs import RunBrief, brief
from spadework.web.api.stop import Stopped
from spadework.web.auth import app_of, require, require_also
from spadework.web.routes import AnyField, AnyTable, AnyView, Body, Reply, Router
from spadework.workbooks.actions import asking, estimates, running, tables
from spadework.workbooks.types import RunMode, RunRequest, Table

router = Router("filling")


class CellsToFill(Body):
    """Which columns, and which of their cells.

    The modes cell and selected take `row_ids`, first_n takes `first_n`; the others take all rows, or only
    `row_ids` if given. Without `mode`, cells that have not run yet are taken.
    """

    field_ids: list[AnyField] = Field(default=[], max_length=200)
    mode: RunMode = "empty"
    row_ids: list[AnyRow] | None = Field(default=None, min_length=1, max_length=100_000)
    first_n: int = Field(default=10, ge=1, le=1_000_000)
    with_dependants: bool = True


class TopRecords(Body):
    """The first rows of a view as it is filtered and sorted."""

    view_id: AnyView = Field(alias="viewId")
    count: int = Field(alias="numRecords", ge=1, le=1_000_000)


class ClayRecords(Body):
    """The rows of a run as Clay's API names them."""

    top: TopRecords = Field(alias="viewIdTopRecords")


class RunBody(CellsToFill):
    """What to run: our own form, or Clay's `{"fieldIds", "runRecords", "callerName"}`, but not both mixed.

    `budget_micro_usd` limits this one run, below every other budget.
    """

    budget_micro_usd: int | None = Field(default=None, ge=0, le=10**15)
    clay_field_ids: list[AnyField] = Field(default=[], alias="fieldIds", max_length=200)
    clay_records: ClayRecords | None = Field(default=None, alias="runRecords")
    caller_name: str | None = Field(default=None, alias="callerName", max_length=200)


class FieldEstimateReply(Reply):
    """What filling one column is expected to cost, and at most."""

    field_id: AnyField
    name: str
    rows: int
    price_micro_usd_per_row: int
    expected_micro_usd: int
    worst_micro_usd: int
    provider: str
    warnings: list[str]


class BudgetCheckReply(Reply):
    """One budget above the run, and whether the worst case fits into what is left of it."""

    scope: BudgetScope
    left_micro_usd: int
    fits: bool


class FieldBlocker(Reply):
    """Why a column cannot run, and what to do."""

    field_id: AnyField
    message: str


class RunEstimate(Reply):
    """What a run would cost; `needs_confirmation` asks to show it to a person first.

    `rows` are those in which any cell is computed; those where every column is done are not among them.
    """

    rows: int
    fields: list[FieldEstimateReply]
    expected_micro_usd: int
    worst_micro_usd: int
    budgets: list[BudgetCheckReply]
    needs_confirmation: bool
    blockers: list[FieldBlocker]


class StopBody(Body):
    """Columns to stop; without any, everything that fills the table."""

    field_ids: list[AnyField] = Field(default=[], max_length=200)


@router.post("/v3/tables/{table_id}/estimate")
async def estimate_run(
    table_id: AnyTable, body: CellsToFill, request: Request, who: Principal = require("workbooks.read")
) -> RunEstimate:
    """What a run would cost per column, dependants included, against every budget above it; free."""
    require_also(who, "spend.read")
    async with app_of(request).database.read(who.account_id) as tx:
        table = await tables.get_table(tx, table_id)
        wanted = _request(table, body, asking.get_fields(table, body.field_ids))
        return RunEstimate.model_validate(await estimates.estimate(tx, wanted))


@router.patch("/v3/tables/{table_id}/run", status_code=202)
async def start_run(
    table_id: AnyTable, body: RunBody, request: Request, who: Principal = require("runs.start", effects="spend")
) -> RunBrief:
    """Fill columns; costs what the estimate says. 402 when not one cell fits a budget, 409 when a run is at it."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        table = await tables.get_table(tx, table_id)
        run = await running.start_run(tx, await _run_request(tx, table, body), by=who.user_id)
    return brief(run)


@router.post("/v3/tables/{table_id}/stop")
async def stop_table(
    table_id: AnyTable, body: StopBody, request: Request, who: Principal = require("runs.stop")
) -> Stopped:
    """Stop what fills the table; nothing new leaves after this reply, what is under way is recorded."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        table = await tables.get_table(tx, table_id)
        wanted = asking.get_fields(table, body.field_ids)
        stopped = await running.stop(tx, table_id, field_ids=wanted, by=who.user_id)
    return Stopped.model_validate({"stopped_run_ids": stopped})


async def _run_request(tx: ReadOnly, table: Table, body: RunBody) -> RunRequest:
    top = body.clay_records.top if body.clay_records else None
    row_ids = await asking.top_row_ids(tx, table, top.view_id, top.count) if top else ()
    field_ids = asking.get_fields(table, [*body.field_ids, *body.clay_field_ids])
    if (body.clay_field_ids or top) and body.model_fields_set & set(CellsToFill.model_fields):
        raise InvalidInput("Name what to run either by field_ids and mode, or by fieldIds and runRecords, not both.")
    request = _request(table, body, field_ids, budget_micro_usd=body.budget_micro_usd)
    if top is None:
        return request
    return RunRequest(
        table_id=table.id, field_ids=field_ids, mode="all", row_ids=row_ids, budget_micro_usd=body.budget_micro_usd
    )


def _request(
    table: Table, body: CellsToFill, field_ids: tuple[AnyField, ...], *, budget_micro_usd: int | None = None
) -> RunRequest:
    return RunRequest(
        table_id=table.id, field_ids=field_ids, mode=body.mode, row_ids=tuple(body.row_ids or ()),
        first_n=body.first_n, with_dependants=body.with_dependants, budget_micro_usd=budget_micro_usd,
    )  # fmt: skip
