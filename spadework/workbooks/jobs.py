"""The job `fill_columns`: one run over some columns and rows of a table, in chunks that overlap."""

import asyncio
from typing import Any
from uuid import UUID

from spadework.clients import actions as clients
from spadework.clients.types import Client
from spadework.core.errors import Conflict, Unavailable
from spadework.core.ids import TableId
from spadework.plug import catalog
from spadework.plug.column import ColumnKind
from spadework.plug.provider import HttpProvider
from spadework.runs.jobs import Job, job
from spadework.spend.types import Scopes
from spadework.toolbox.cell import RunDoor
from spadework.toolbox.language import Language
from spadework.toolbox.meter import Meter
from spadework.toolbox.recovery import reconcile_dead_workers, reconcile_run
from spadework.workbooks.actions import tables
from spadework.workbooks.filling import Column, Filler
from spadework.workbooks.rules import conditions, order
from spadework.workbooks.store import filling as store
from spadework.workbooks.store import running
from spadework.workbooks.types import Field, Table

CHUNK_ROWS = 4000
CHUNKS_AT_ONCE = 2
_LLM_SLOTS = 16
_ROWS_PER_SLOT = 8
_PAID_ROWS_AT_LEAST = 256
"""Rows that wait for the commit of their intent cost nothing; too few of them leave a fast vendor's slots empty."""
_WORKERS_AT_MOST = 1000


@job("fill_columns")
async def fill_columns(job: Job) -> dict[str, Any]:
    """Fill the run's columns; its input is what `actions.running.start` wrote.

    Re-entrant: cells this run has written are passed over, purchases are found by their keys.
    """
    async with job.database.read(job.account_id) as tx:
        table = await tables.get_table(tx, TableId(UUID(str(job.run.subject["table_id"]))))
        client = await clients.get(tx, table.client_id)
    try:
        progress = await _fill(job, table, client)
    except Unavailable:
        raise
    except Exception:
        await _release(job, table)
        raise
    await _release(job, table)
    return progress


async def _fill(job: Job, table: Table, client: Client) -> dict[str, Any]:
    app = job.app
    scopes = Scopes(
        account_id=job.account_id, client_id=table.client_id, workbook_id=table.workbook_id, table_id=table.id,
        run_id=job.run.id,
    )  # fmt: skip
    await reconcile_dead_workers(job.database, app.vendors, app.settings.journal_dir)
    await reconcile_run(job.database, app.vendors, app.journal, scopes, app.worker_id)
    columns = _columns(table, [UUID(str(each)) for each in job.run.input["field_ids"]])
    makes_dossiers = any(each.kind.makes_dossiers for each in columns)
    # It waits for the dossiers' runs, so it must not keep a worker's place from them.
    job.is_waiting_for_others = makes_dossiers
    await _claim(job, table, columns)
    plan = await job.step("plan", "Choose the rows", lambda: _choose_rows(job, table))
    door = RunDoor(
        account_id=job.account_id,
        vendors=app.vendors,
        meter=Meter(
            job.database, scopes, worker_id=app.worker_id, journal=app.journal, stop=job.stop,
            reuses_answers=job.run.input.get("mode") != "force",
        ),
        language=Language(job.account_id, app.settings, job.database, app.box, llm=client.llm, model=client.model),
        is_training=table.is_training, dossiers=app.make_dossiers(job) if makes_dossiers else None,
    )  # fmt: skip
    filler = Filler(
        job, table, columns, door, mode=job.run.input["mode"],
        generation=str(job.run.id) if job.run.input.get("mode") == "force" else "",
        workers=await _worker_count(columns, door), totals={str(each.field.id): plan["rows"] for each in columns},
    )  # fmt: skip
    async with filler:
        await _fill_chunks(job, filler, plan)
    return filler.progress


async def _claim(job: Job, table: Table, columns: list[Column]) -> None:
    """Take the columns again when a resumed run had given them back.

    Raises:
        Conflict: another run fills one of them now.
    """
    scope = {"mode": job.run.input["mode"], "row_ids": job.run.input.get("row_ids")}
    async with job.database.transaction(job.account_id) as tx:
        await running.free_ended(tx, table.id)
        await running.claim(tx, table.id, [each.field.id for each in columns], job.run.id, scope)
        holders = {row["field_id"]: row["run_id"] for row in await running.list_active(tx, table.id)}
    if taken := [each.field.name for each in columns if holders.get(each.field.id) != job.run.id]:
        raise Conflict(f"Another run is filling {', '.join(taken)}. Resume this one when it has ended.")


async def _release(job: Job, table: Table) -> None:
    """The run's columns are free, and whoever shows the table looks again; unless the run goes on elsewhere."""
    if job.is_leaving:
        return
    async with job.database.transaction(job.account_id) as tx:
        if await store.release_fields(tx, job.run.id, fence=job.run.fence):
            await store.bump_version(tx, table.id)
            await tx.notify(
                f"table:{table.id}", {"type": "rows", "row_count": table.row_count, "version": table.version + 1}
            )


async def _choose_rows(job: Job, table: Table) -> dict[str, Any]:
    """The run's rows, fixed once: chunk bounds, and the ids where the mode names rows."""
    asked = job.run.input
    async with job.database.read(job.account_id) as tx:
        low, high = await store.bounds(tx, table.id)
        row_ids = asked.get("row_ids") or None
        if asked["mode"] == "first_n":
            row_ids = await store.first_row_ids(tx, table.id, int(asked.get("first_n") or 10))
    if row_ids:
        low, high = min(row_ids), max(row_ids)
    rows = len(row_ids) if row_ids else table.row_count
    return {"rows": rows, "from_row_id": low, "to_row_id": high, "row_ids": row_ids}


async def _fill_chunks(job: Job, filler: Filler, plan: dict[str, Any]) -> None:
    slots = asyncio.Semaphore(CHUNKS_AT_ONCE)
    chunks = [
        (low, min(low + CHUNK_ROWS - 1, plan["to_row_id"]))
        for low in range(plan["from_row_id"], plan["to_row_id"] + 1, CHUNK_ROWS)
    ]

    async def fill(low: int, high: int) -> None:
        async with slots:
            job.require_going()
            ids = [each for each in plan["row_ids"] if low <= each <= high] if plan["row_ids"] else None
            if ids == []:
                return
            done = await job.step(
                f"rows-{low}", f"Rows {low:,} to {high:,}", lambda: filler.fill(low, high, ids),
                inputs={"from_row_id": low, "to_row_id": high, "mode": job.run.input["mode"]},
            )  # fmt: skip
            # Of a chunk that an earlier go has finished, only its record tells.
            filler.account_for(low, done["passed_over"])

    tasks = [asyncio.create_task(fill(low, high)) for low, high in chunks]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _columns(table: Table, field_ids: list[UUID]) -> list[Column]:
    """The columns to fill, each after those it reads; leading batch columns are computed by the chunk."""
    ordered = order.in_order(table, [each for each in table.fields if each.id in field_ids])
    slow: set[str] = set()
    columns: list[Column] = []
    for each in ordered:
        kind = catalog.get(ColumnKind, "column", each.kind)()
        settings = kind.settings.model_validate(each.settings)
        reads = set(kind.references(settings)) | (conditions.references(each.condition) if each.condition else set())
        is_leading = kind.is_batch and not reads & slow
        outputs = table.outputs_of(each.id)
        if not is_leading:
            slow |= {each.ref, *(output.ref for output in outputs)}
        columns.append(Column(each, kind, settings, _compiled(each), outputs, is_leading, each.ref, str(each.id)))
    return columns


def _compiled(each: Field) -> Any:
    return conditions.compile_condition(each.condition) if each.condition else None


async def _worker_count(columns: list[Column], door: RunDoor) -> int:
    """Rows on their way at once: as many as the widest provider has slots, and more when calls wait for their intent."""
    slots, at_least = 8, 0
    for column in columns:
        for ask in column.kind.asks(column.settings):
            if ask.provider is None:
                # Not more than that: each waiting row sets the worst price of a long reply aside.
                slots, at_least = max(slots, _LLM_SLOTS), max(at_least, _LLM_SLOTS * _ROWS_PER_SLOT)
                continue
            provider = door.vendors.provider(ask.provider)
            capability = provider.find_capability(ask.capability)
            if isinstance(provider, HttpProvider) and capability is not None:
                slots = max(slots, (await door.route(ask.provider)).gate.concurrency)
                if capability.call_class != "C":
                    at_least = max(at_least, slots * _ROWS_PER_SLOT, _PAID_ROWS_AT_LEAST)
    return min(max(slots, at_least), _WORKERS_AT_MOST)
