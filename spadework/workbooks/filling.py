"""Fills cells: rows stream through a run's columns in dependency order, results are written in groups.

No barrier stands between columns or chunks: a row goes on to its next column as soon as the one
before is known, and the next chunk's rows are queued before the last ones of this chunk are done.
"""

import asyncio
import contextlib
import math
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import structlog

from spadework.core.db import RawJson, ReadOnly, Transaction
from spadework.core.errors import (
    FateUnknown,
    Fenced,
    Halted,
    InvalidInput,
    OutOfBudget,
    SpadeworkError,
    TooFast,
    Unavailable,
)
from spadework.core.ids import new_id
from spadework.plug.column import Cell, CellState, ColumnKind, Row, Settings, Value
from spadework.runs.jobs import Job
from spadework.spend.types import Settlement
from spadework.toolbox.cell import CellToolbox, RunDoor
from spadework.toolbox.meter import CellPlace
from spadework.workbooks.rules import conditions, modes, values
from spadework.workbooks.store import filling as store
from spadework.workbooks.store.filling import StoredRow, Written
from spadework.workbooks.types import GUESSED, SIMULATED, Field, RunMode, Table

log = structlog.get_logger()
GROUP_CELLS = 800
GROUP_SECONDS = 0.2
_STATEMENT_CELLS = 200
_LOADED_ROWS = 500
"""Groups are written and chunks loaded in such parts, because every request waits while one is made ready."""
HELD_AT_MOST = 20_000
"""Results kept in memory while the database is away; then rows wait."""
_ANNOUNCE_SECONDS = 0.5
_SHOWN_CELLS = 100
"""Larger groups are announced as a range, so that an event never outweighs the cells it is about."""
_SLOW_SECONDS = 0.5
"""A cell that takes longer is shown as running; one that does not would only flicker."""
_NOTE_CHARACTERS = 300
_CALL_SECONDS = 35.0
"""Longer than any one call may take."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the run, ready to be computed."""

    field: Field
    kind: ColumnKind
    settings: Settings
    condition: Callable[[Mapping[str, Value]], bool] | None
    outputs: tuple[Field, ...]
    is_leading_batch: bool
    """Computed for a whole chunk at once, because nothing it reads is still being computed one by one."""
    ref: str
    key: str
    """The field's own `ref`, and its id as text: every cell needs both."""


@dataclass(slots=True)
class Chunk:
    """A stretch of rows on its way through the filler."""

    low: int
    high: int
    left: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Tally:
    """Counts of the run so far, as its progress shows them."""

    total: int = 0
    started: float = field(default_factory=time.monotonic)
    cost_micro_usd: int = 0
    by_field: dict[str, Counter[str]] = field(default_factory=dict)

    def progress(self, totals: Mapping[str, int]) -> dict[str, Any]:
        """The run's progress in the shape of the API."""
        by_state: Counter[str] = Counter()
        for each in self.by_field.values():
            by_state.update(each)
        done = sum(by_state.values())
        seconds = max(time.monotonic() - self.started, 1e-6)
        return {
            "total": sum(totals.values()), "done": done, "by_state": dict(by_state),
            "fields": {
                key: {"total": total, "done": sum(self.by_field.get(key, {}).values()),
                      "by_state": dict(self.by_field.get(key, {}))}
                for key, total in totals.items()
            },
            "rate_per_second": round(done / seconds, 1), "cost_micro_usd": self.cost_micro_usd,
        }  # fmt: skip


class Filler:
    """Workers and one writer for one run. Use it with `async with`; give it chunks with `fill`."""

    def __init__(
        self, job: Job, table: Table, columns: Sequence[Column], door: RunDoor, *, mode: RunMode, generation: str,
        workers: int, totals: dict[str, int],
    ) -> None:  # fmt: skip
        self._job = job
        self._table = table
        self._columns = columns
        self._door = door
        self._mode: RunMode = mode
        self._generation = generation
        self._worker_count = workers
        self._totals = totals
        self._tally = Tally()
        self._queue: deque[tuple[StoredRow, Chunk]] = deque()
        self._has_rows = asyncio.Event()
        self._results: list[tuple[Field, Written]] = []
        self._finished: list[Chunk] = []
        self._has_results = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._tasks: list[asyncio.Task[None]] = []
        self._failure: BaseException | None = None
        self._announced_at = 0.0
        self._busy = 0
        self._is_idle = asyncio.Event()
        self._accounted: set[int] = set()
        self._under_way: dict[tuple[int, int], float] = {}  # column and row to when it began; inf once pages know
        reads = {ref for column in columns for ref in column.kind.references(column.settings)}
        reads |= {
            ref for column in columns if column.field.condition for ref in conditions.references(column.field.condition)
        }
        self._reads = [each for each in table.fields if each.ref in reads]
        self._names = {each.ref: each.name for each in self._reads}
        for each in columns:
            self._tally.by_field[each.key] = Counter()

    async def __aenter__(self) -> "Filler":
        await self._door.meter.__aenter__()
        if not self._job.is_first_go:
            await self._recall()
        self._tasks = [asyncio.create_task(self._guard(self._work)) for _ in range(self._worker_count)]
        self._tasks.append(asyncio.create_task(self._guard(self._write)))
        return self

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, asyncio.CancelledError):
            await self._let_calls_end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._door.meter.__aexit__(kind, error, trace)
        # Whatever ended the run, money that moved is written down.
        with contextlib.suppress(Unavailable):
            await self._write_ends_alone()

    @property
    def progress(self) -> dict[str, Any]:
        """How far the run is."""
        return self._tally.progress(self._totals)

    async def _let_calls_end(self) -> None:
        """Wait for what is under way: a paid call cut short would be a call whose fate nobody knows."""
        self._door.meter.close()
        self._queue.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CALL_SECONDS):
                while self._busy:
                    self._is_idle.clear()
                    await self._is_idle.wait()

    async def _recall(self) -> None:
        """Count what an earlier go at this run has written."""
        nos = {each.field.no: each.key for each in self._columns}
        async with self._job.database.read(self._job.account_id) as tx:
            for no, state, cells in await store.count_cells(tx, self._table.id, self._job.run.id, list(nos)):
                if not modes.is_retaken_on_resume(state):
                    self._tally.by_field[nos[no]][state] += cells
            self._tally.cost_micro_usd = await store.cost_so_far(tx, self._table.id, self._job.run.id)

    def account_for(self, low: int, passed_over: Mapping[str, int]) -> None:
        """Leave out of the run's total what its mode does not take in the chunk that begins at `low`."""
        if low not in self._accounted:
            self._accounted.add(low)
            for key, cells in passed_over.items():
                self._totals[key] -= cells

    async def fill(self, low: int, high: int, row_ids: Sequence[int] | None) -> dict[str, Any]:
        """Fill one chunk; returns when every cell of it is written. Safe to run again: written cells are passed over.

        Gives how many rows it had to do, and per column how many cells the mode does not take.

        Raises:
            Halted: Stop was pressed; what had left is recorded. Fenced: another worker has the run.
        """
        rows, passed_over = await self._load(low, high, row_ids)
        self.account_for(low, passed_over)
        chunk = Chunk(low, high, left=len(rows))
        await self._compute_batches(rows)
        if rows:
            self._queue.extend((row, chunk) for row in rows)
            self._has_rows.set()
            await self._until(chunk)
        return {"rows": len(rows), "passed_over": passed_over}

    async def _until(self, chunk: Chunk) -> None:
        waits = asyncio.create_task(chunk.done.wait())
        try:
            while not waits.done():
                await asyncio.wait((waits,), timeout=0.5)
                if self._failure is not None:
                    raise self._failure
        finally:
            waits.cancel()
        if self._failure is not None:
            raise self._failure
        self._job.require_going()

    async def _load(self, low: int, high: int, row_ids: Sequence[int] | None) -> tuple[list[StoredRow], Counter[str]]:
        """The rows with something to do, and how many cells of each column the mode does not take."""
        while True:
            try:
                async with self._job.database.read(self._job.account_id) as tx:
                    return await self._load_in(tx, low, high, row_ids)
            except Unavailable:
                self._job.require_going()
                await asyncio.sleep(0.5)

    async def _load_in(
        self, tx: ReadOnly, low: int, high: int, row_ids: Sequence[int] | None
    ) -> tuple[list[StoredRow], Counter[str]]:
        nos = [each.field.no for each in self._columns]
        passed_over: Counter[str] = Counter()
        wanted = []
        for start in range(low, high + 1, _LOADED_ROWS):
            end = min(start + _LOADED_ROWS - 1, high)
            chosen = None if row_ids is None else [each for each in row_ids if start <= each <= end]
            if chosen == []:
                continue
            rows = await store.load_rows(
                tx, self._table.id, low=start, high=end, row_ids=chosen, reads=self._reads, field_nos=nos
            )
            for row in rows:
                columns = [each for each in self._columns if self._is_wanted(row, each)]
                if columns:
                    wanted.append(row)
                if len(columns) < len(self._columns):
                    passed_over.update(
                        each.key
                        for each in self._columns
                        if each not in columns and row.states[each.field.no][1] != self._job.run.id
                    )
        return wanted, passed_over

    def _is_wanted(self, row: StoredRow, column: Column) -> bool:
        state, run_id = row.states.get(column.field.no, ("empty", None))
        if run_id == self._job.run.id:
            return modes.is_retaken_on_resume(state)
        return modes.takes(self._mode, state)

    async def _compute_batches(self, rows: list[StoredRow]) -> None:
        for column in (each for each in self._columns if each.is_leading_batch):
            wanted = [row for row in rows if self._is_wanted(row, column)]
            started = datetime.now(UTC)
            ready = [row for row in wanted if self._condition_holds(row, column)]
            # Formulas wait for a sandbox of their own, so they must not hold up the loop.
            batch = [Row(row.row_id, row.values, self._names) for row in ready]
            cells = await asyncio.to_thread(column.kind.values, batch, column.settings)
            for row, cell in zip(ready, cells, strict=True):
                self._record(column, row, cell, None, started)
            for row in wanted:
                if row not in ready:
                    self._record(column, row, Cell(state="condition_not_met"), None, started)
                row.states[column.field.no] = ("done", self._job.run.id)

    async def _work(self) -> None:
        while True:
            while not self._queue:
                self._has_rows.clear()
                await self._has_rows.wait()
            row, chunk = self._queue.popleft()
            if not self._has_room.is_set():
                await self._has_room.wait()
            if not self._door.meter.is_closed:
                self._busy += 1
                try:
                    await self._fill_row(row)
                finally:
                    self._busy -= 1
                    self._is_idle.set()
            chunk.left -= 1
            if chunk.left == 0:
                self._finished.append(chunk)
                self._has_results.set()

    async def _fill_row(self, row: StoredRow) -> None:
        for column in self._columns:
            if not self._is_wanted(row, column):
                continue
            started = datetime.now(UTC)
            if not self._condition_holds(row, column):
                self._record(column, row, Cell(state="condition_not_met"), None, started)
                continue
            toolbox = self._door.cell(
                CellPlace(self._table.id, row.row_id, column.field.id, column.field.settings_version, self._generation)
            )
            place = (column.field.no, row.row_id)
            self._under_way[place] = time.monotonic()
            try:
                cell = await self._compute(column, row, toolbox)
            except (Halted, Unavailable):
                # Nothing was bought and nothing is written: whoever goes on with the run takes the cell again.
                return
            finally:
                del self._under_way[place]
            self._record(column, row, cell, toolbox, started)

    async def _compute(self, column: Column, row: StoredRow, toolbox: CellToolbox) -> Cell:
        try:
            if column.kind.is_batch:
                one = [Row(row.row_id, row.values, self._names)]
                return (await asyncio.to_thread(column.kind.values, one, column.settings))[0]
            return await column.kind.value(Row(row.row_id, row.values, self._names), column.settings, toolbox)
        except (Halted, Unavailable):
            raise
        except OutOfBudget as error:
            return Cell(state="over_budget", note=error.message)
        except FateUnknown as error:
            return Cell(state="unknown", note=error.message)
        except TooFast as error:
            return Cell(state="rate_limited", note=error.message)
        except SpadeworkError as error:
            return Cell(state="failed", note=error.message)
        except Exception as error:
            # The plug-in door is one of the three that may catch everything: a cell is poisoned, not the run.
            log.exception("column_crashed", kind=column.field.kind, field_id=str(column.field.id), row_id=row.row_id)
            return Cell(state="failed", note=f"The column kind broke on this row ({type(error).__name__}: {error})")

    def _condition_holds(self, row: StoredRow, column: Column) -> bool:
        return column.condition is None or column.condition(row.values)

    def _record(
        self, column: Column, row: StoredRow, cell: Cell, toolbox: CellToolbox | None, started: datetime
    ) -> None:
        marks = (SIMULATED if toolbox is not None and toolbox.is_simulated else 0) | (GUESSED if cell.is_guess else 0)
        cost = toolbox.cost_micro_usd if toolbox is not None else 0
        provider = toolbox.provider if toolbox is not None else None
        evidence = (
            RawJson(orjson.dumps(toolbox.attempts, default=str).decode()) if toolbox and toolbox.attempts else None
        )
        keeps = cell.state in ("done", "no_data")
        row.values = {**row.values, column.ref: cell.value} if keeps else row.values
        self._push(
            column.field, row.row_id, cell.state, cell.value, keeps, cell.note, marks, provider, cost, evidence, started
        )
        for output in column.outputs:
            value = cell.outputs.get(output.output_name or "")
            state: CellState = cell.state if cell.state != "done" or value is not None else "no_data"
            if keeps:
                row.values[output.ref] = value
            self._push(output, row.row_id, state, value, keeps, None, marks, provider, 0, None, started)
        self._tally.by_field[column.key][cell.state] += 1
        self._tally.cost_micro_usd += cost

    def _push(
        self, target: Field, row_id: int, state: CellState, value: Value, keeps: bool, note: str | None, marks: int,
        provider: str | None, cost: int, evidence: RawJson | None, started: datetime,
    ) -> None:  # fmt: skip
        stored: Any = None
        try:
            stored = values.to_slot(target.storage, value)
        except InvalidInput as error:
            state, keeps, note = "invalid", False, error.message
        self._results.append(
            (
                target,
                Written(
                    row_id, state, stored, RawJson(orjson.dumps(value, default=str).decode()) if value is not None else None,
                    keeps, note[:_NOTE_CHARACTERS] if note else None, marks, provider, cost, evidence, started, new_id(),
                ),
            )
        )  # fmt: skip
        if len(self._results) >= GROUP_CELLS:
            self._has_results.set()
            if len(self._results) >= HELD_AT_MOST:
                self._has_room.clear()

    async def _write(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._has_results.wait(), GROUP_SECONDS)
            self._has_results.clear()
            results, self._results = self._results, []
            finished, self._finished = self._finished, []
            ends = self._door.meter.take_ends()
            if results or ends:
                await self._flush(results, ends)
            await self._show_running()
            self._has_room.set()
            for chunk in finished:
                chunk.done.set()

    async def _flush(self, results: list[tuple[Field, Written]], ends: list[Settlement]) -> None:
        by_field: dict[UUID, tuple[Field, list[Written]]] = {}
        for target, cell in results:
            by_field.setdefault(target.id, (target, []))[1].append(cell)
        while True:
            try:
                async with self._job.database.transaction(self._job.account_id) as tx:
                    for target, cells in by_field.values():
                        for start in range(0, len(cells), _STATEMENT_CELLS):
                            part = cells[start : start + _STATEMENT_CELLS]
                            await store.write_cells(tx, target, self._job.run.id, part)
                    await self._tell(tx, by_field)
                    # Last, because purchases wait for the budgets that it holds until the commit.
                    if ends:
                        await self._door.meter.write_ends(tx, ends)
                self._door.meter.written(ends)
                return
            except Fenced:
                # The run is another worker's, but what this one bought is a fact all the same.
                for each in ends:
                    self._door.meter.end(each)
                await self._write_ends_alone()
                raise
            except Unavailable as error:
                log.warning("write_waits_for_database", reason=error.message, cells=len(results))
                await asyncio.sleep(0.3)

    async def _tell(self, tx: Transaction, by_field: Mapping[UUID, tuple[Field, list[Written]]]) -> None:
        await self._job.report(self.progress, tx=tx)
        topic = f"table:{self._table.id}"
        count = sum(len(cells) for _, cells in by_field.values())
        if 0 < count <= _SHOWN_CELLS:
            shown = [each for target, cells in by_field.values() for each in await _shown(tx, target, cells)]
            await tx.notify(topic, {"type": "cells", "run_id": str(self._job.run.id), "cells": shown})
        elif count:
            ids = [c.row_id for _, cells in by_field.values() for c in cells]
            nos = [target.no for target, _ in by_field.values()]
            await tx.notify(
                topic, {"type": "cells", "run_id": str(self._job.run.id), "cells": [], "field_nos": nos,
                        "from_row_id": min(ids), "to_row_id": max(ids)},
            )  # fmt: skip
        if time.monotonic() - self._announced_at > _ANNOUNCE_SECONDS:
            self._announced_at = time.monotonic()
            await self._job.announce(tx)

    async def _show_running(self) -> None:
        """Tell pages which cells have been worked on for a while: waiting for an answer is not waiting for a turn."""
        since = time.monotonic() - _SLOW_SECONDS
        slow = [place for place, began in self._under_way.items() if began < since]
        if not slow:
            return
        row_ids: dict[int, list[int]] = {}
        for no, row_id in slow:
            row_ids.setdefault(no, []).append(row_id)
        with contextlib.suppress(Unavailable):
            async with self._job.database.transaction(self._job.account_id) as tx:
                for no, ids in row_ids.items():
                    await tx.notify(f"table:{self._table.id}", {"type": "running", "field_no": no, "row_ids": ids})
            for place in self._under_way.keys() & set(slow):
                self._under_way[place] = math.inf

    async def _write_ends_alone(self) -> None:
        if ends := self._door.meter.take_ends():
            async with self._job.database.transaction(self._job.account_id) as tx:
                await self._door.meter.write_ends(tx, ends)
            self._door.meter.written(ends)

    async def _guard(self, work: Callable[[], Awaitable[None]]) -> None:
        # Called in here: a task that is cancelled before it begins would leave a coroutine nobody awaited.
        try:
            await work()
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self._failure = error
            if not isinstance(error, SpadeworkError):
                raise


async def _shown(tx: Transaction, target: Field, cells: Sequence[Written]) -> list[list[Any]]:
    """Cells as live pages take them: each with the value its row holds, which a cell without a new one leaves alone."""
    left_alone = [c.row_id for c in cells if not c.keeps_value]
    held = await store.held_cells(tx, target, left_alone) if left_alone else {}
    shown = []
    for c in cells:
        stored, marks = (c.value, c.marks) if c.keeps_value else held.get(c.row_id, (None, 0))
        shown.append([c.row_id, target.no, c.state, values.from_slot(target.storage, stored), marks, c.note])
    return shown
