"""Filling columns: a run is started with what it covers, and stopped."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from spadework.core.db import Transaction
from spadework.core.errors import Conflict, InvalidInput
from spadework.core.ids import RunId, UserId
from spadework.runs import actions as runs
from spadework.runs.types import NewRun, Run
from spadework.spend import actions as spend
from spadework.workbooks.actions import estimates, tables
from spadework.workbooks.actions.estimates import Coverage
from spadework.workbooks.store import running as store
from spadework.workbooks.store import workbooks
from spadework.workbooks.types import Field, RunRequest

JOB = "fill_columns"


async def start_run(
    tx: Transaction, request: RunRequest, *, by: UserId | None, parent_run_id: RunId | None = None
) -> Run:
    """A run that fills these columns and, unless told otherwise, those that read them; it costs what `estimate` says.

    Dependants that could not run (no key, no language model) are left out; a column asked for is not.

    Raises:
        NotFound, UnknownReference, InvalidInput: as `estimate`; InvalidInput also when a column cannot run.
        OutOfBudget: not even one cell fits into a budget above it.
        Conflict: a run is filling one of the columns already.
    """
    coverage = await estimates.cover(tx, request)
    found, row_prices = await estimates.estimate_coverage(tx, coverage, request)
    if blocked := [each for each in found.blockers if each.field_id in coverage.asked]:
        raise InvalidInput(
            " ".join(dict.fromkeys(each.message for each in blocked)),
            details={"blockers": [{"field_id": str(each.field_id), "message": each.message} for each in blocked]},
        )
    unable = {each.field_id for each in found.blockers}
    coverage = replace(coverage, fields=tuple(each for each in coverage.fields if each.id not in unable))
    for each in coverage.fields:
        if price := row_prices[each.id].worst_micro_usd:
            await spend.require_room(tx, estimates.scopes_of(tx, coverage.table, field_id=each.id), price)
    run = await runs.start(tx, replace(_new_run(coverage, request), parent_run_id=parent_run_id), by=by)
    await _claim(tx, coverage, request, run)
    if request.budget_micro_usd is not None:
        await spend.set_budget(tx, "run", run.id, request.budget_micro_usd, by=by)
    return run


async def stop(tx: Transaction, table_id: UUID, *, field_ids: Sequence[UUID] = (), by: UserId | None) -> list[UUID]:
    """Stop what fills the table, or only these columns; the runs that were asked to stop.

    A run that fills several columns stops whole. Nothing new leaves the house after this commits.

    Raises:
        NotFound: no such table.
    """
    table = await tables.get_table(tx, table_id)
    wanted = set(field_ids) | {each.output_of for each in table.fields if each.id in set(field_ids) and each.output_of}
    active = await store.list_active(tx, table_id)
    run_ids = {row["run_id"] for row in active if not wanted or row["field_id"] in wanted}
    if not wanted:
        run_ids |= {each.id for each in (await runs.list_runs(tx, table_id=table_id, state="open", limit=500)).runs}
    return await _stop(tx, sorted(run_ids), by=by)


async def stop_workbook(tx: Transaction, workbook_id: UUID, *, by: UserId | None) -> list[UUID]:
    """Stop whatever fills any table of the workbook; the runs that were asked to stop."""
    stopped: list[UUID] = []
    for row in await workbooks.list_tables(tx, [workbook_id]):
        stopped += await stop(tx, row["id"], by=by)
    return stopped


async def stop_everything(tx: Transaction, *, by: UserId | None) -> list[UUID]:
    """Stop every open run of the account, of whatever kind; the runs that were asked to stop."""
    return await _stop(tx, [each.id for each in (await runs.list_runs(tx, state="open", limit=10_000)).runs], by=by)


async def _stop(tx: Transaction, run_ids: Sequence[UUID], *, by: UserId | None) -> list[UUID]:
    stopped: list[UUID] = []
    for run_id in run_ids:
        try:
            run = await runs.request_stop(tx, run_id, by=by)
        except Conflict:  # it ended in this moment, which is what was wanted
            continue
        if not run.is_open:
            await store.release(tx, run_id)
        stopped.append(run_id)
    return stopped


async def _claim(tx: Transaction, coverage: Coverage, request: RunRequest, run: Run) -> None:
    await store.free_ended(tx, coverage.table.id)
    scope = {"mode": request.mode, "row_ids": coverage.row_ids}
    wanted = [each.id for each in coverage.fields]
    claimed = await store.claim(tx, coverage.table.id, wanted, run.id, scope)
    if taken := [each for each in coverage.fields if each.id not in claimed]:
        names = ", ".join(each.name for each in taken)
        raise Conflict(
            f"A run is filling {names} already. Wait for it, or stop it first.",
            details={"field_ids": [str(each.id) for each in taken]},
        )


def _new_run(coverage: Coverage, request: RunRequest) -> NewRun:
    table = coverage.table
    return NewRun(
        kind=JOB, title=f"Fill {_names(coverage.fields)} in {table.name}", client_id=table.client_id,
        table_id=table.id, is_simulated=table.is_training,
        subject={
            "workbook_id": str(table.workbook_id), "table_id": str(table.id),
            "field_ids": [str(each.id) for each in coverage.fields],
        },
        input={
            "field_ids": [str(each.id) for each in coverage.fields], "mode": request.mode,
            "row_ids": list(coverage.row_ids) if coverage.row_ids is not None else None,
            "first_n": request.first_n, "force": request.mode == "force",
            "settings_versions": {str(each.id): each.settings_version for each in coverage.fields},
        },
    )  # fmt: skip


def _names(fields: Sequence[Field]) -> str:
    shown = ", ".join(each.name for each in fields[:3])
    return shown if len(fields) <= 3 else f"{shown} and {len(fields) - 3} more"
