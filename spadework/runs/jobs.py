"""The jobs of runs by their kind, and what a job may do with its run while it has it: steps, progress, signals.

A job is a function registered by its kind. It may die anywhere and be begun again by another worker, so
it is written to find what is done already; `Job.step` and the cell ledger make that easy.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import structlog

from spadework.core.db import Database, Transaction
from spadework.core.errors import Fenced, Halted, SpadeworkError, Unavailable
from spadework.core.ids import AccountId, new_id
from spadework.runs import actions, store
from spadework.runs.opening import Opening
from spadework.runs.types import Asked, Notes, Run, StepRun

log = structlog.get_logger()
Result = TypeVar("Result")
JobFunction = Callable[["Job"], Awaitable[Any]]
Keep = Callable[[Transaction, UUID, Any], Awaitable[None]]
"""Given the transaction, the step run's id and the result, or None when there is none."""

JOBS: dict[str, JobFunction] = {}
AWAITED: set[str] = set()
"""The kinds that a person sits and waits for."""
LOOK_SECONDS = 0.5
DATABASE_WAIT_SECONDS = 0.5


def job(kind: str, *, is_awaited: bool = False) -> Callable[[JobFunction], JobFunction]:
    """Register a function as the job of that kind of run.

    `is_awaited` is for short work that a person sits and waits for: it is taken before other runs, and has
    room of its own beside them.
    """

    def register(function: JobFunction) -> JobFunction:
        assert kind not in JOBS or JOBS[kind] is function, f"two jobs are called {kind!r}"
        JOBS[kind] = function
        if is_awaited:
            AWAITED.add(kind)
        return function

    return register


class Job:
    """One run in the hands of one worker."""

    def __init__(self, run: Run, database: Database, app: Any) -> None:
        self.run = run
        self.database = database
        self.app = app
        self.stop = asyncio.Event()
        self.is_waiting_for_others = False
        """Whether the job only waits for other runs, so that it takes none of the worker's places from them."""
        self.is_leaving = False
        """Whether the job ends because its process does; the run then goes on elsewhere."""
        self.goes = 0
        self._next_no = 0

    @property
    def is_first_go(self) -> bool:
        """Whether nobody, this process included, has begun this run before."""
        return self.run.fence == 1 and self.goes <= 1

    @property
    def account_id(self) -> AccountId:
        """The account every transaction of this job acts for."""
        return self.run.account_id

    @property
    def is_stopping(self) -> bool:
        """Whether a person pressed Stop, or the process ends; nothing new may leave the house then."""
        return self.stop.is_set()

    def require_going(self) -> None:
        """Raise Halted when Stop was pressed or the process ends."""
        if self.is_stopping:
            raise Halted("The run was stopped.")

    def leave(self) -> None:
        """Have the job end as after Stop, and the run stay open for another worker."""
        self.is_leaving = True
        self.stop.set()

    async def step(
        self,
        key: str,
        label: str,
        function: Callable[[], Awaitable[Result]],
        *,
        inputs: Mapping[str, Any] | None = None,
        lineage: Mapping[str, Any] | None = None,
        asked: Asked | None = None,
        notes: Notes | None = None,
        keep: Keep | None = None,
        opening: Opening | None = None,
    ) -> Result:
        """The result of one durable step, recorded before it begins; a finished step is not run again.

        The result must be plain data. Steps may overlap; a step that raises is recorded as failed.
        `asked` is what it is about to send, `notes` what `function` notes meanwhile, whether it succeeds
        or not. `keep` writes what the step made, in the transaction that records its end; it is given
        the result, or None when the step failed, and is safe to call again.

        With an `opening`, the record of a step that nobody can have begun before is left to `function`, which must
        begin the opening before anything leaves the house.

        Raises:
            Fenced: another worker has taken the run over; the step did not begin. Others as `function` raises.
        """
        self._next_no += 1
        new = StepRun(
            id=new_id(), run_id=self.run.id, no=self._next_no, key=key, label=label, state="running",
            input_variables=dict(inputs) if inputs else None, lineage=dict(lineage) if lineage else None,
            **(asdict(asked) if asked else {}),
        )  # fmt: skip

        begin = partial(self._put, step=new)
        record: StepRun | None = None
        if opening is not None and self.is_first_go:
            opening.put_off(self._written, begin)
        else:
            record = await self._written(begin)
            if record.state == "succeeded":
                return record.parsed_output  # type: ignore[no-any-return]
        try:
            result = await function()
        except Halted:
            record = await _begun(record, opening)
            await self._finish(_noted(record, notes), state="stopped", keep=keep)
            raise
        except SpadeworkError as error:
            record = await _begun(record, opening)
            if not isinstance(error, Fenced):
                await self._finish(_noted(record, notes), state="failed", error=_reason(error, record), keep=keep)
            raise
        record = await _begun(record, opening)
        is_stopped = isinstance(result, dict) and result.get("is_stopped") is True
        state = "stopped" if is_stopped else "succeeded"
        try:
            await self._finish(_noted(record, notes), state=state, output=result, keep=keep)
        except (Fenced, Unavailable):
            raise
        except SpadeworkError as error:
            # What it gave cannot be kept, so it has failed; what it cost is written down all the same.
            await self._finish(_noted(record, notes), state="failed", error=_reason(error, record), keep=keep)
            raise
        return result

    async def show_step(self, key: str, *, calls: list[dict[str, Any]]) -> None:
        """Show how far a step is that waits for somebody else's work; without a database, the next time."""
        with contextlib.suppress(Unavailable):
            async with self.database.transaction(self.account_id) as tx:
                await store.show_step(tx, self.run.id, key, calls=calls, fence=self.run.fence)

    async def skip(self, key: str, label: str, *, why: str, asked: Asked | None = None) -> None:
        """Record that a step is not needed here, and why; safe to call again."""
        self._next_no += 1
        new = StepRun(
            id=new_id(), run_id=self.run.id, no=self._next_no, key=key, label=label, state="skipped",
            **(asdict(asked) if asked else {}),
        )  # fmt: skip

        async def write(tx: Transaction) -> None:
            record = await self._put(tx, new)
            if record.finished_at is None:
                await store.finish_step(tx, replace(record, error={"code": "skipped", "message": why}))

        await self._written(write)

    async def report(self, progress: Mapping[str, Any], *, tx: Transaction | None = None) -> None:
        """Show how far the run is; inside `tx` it also proves this worker still holds the run.

        Raises:
            Fenced: another worker has taken it over; roll back and let go.
        """
        if tx is None:
            async with self.database.transaction(self.account_id) as own:
                return await self.report(progress, tx=own)
        if not await store.set_progress(tx, self.run.id, dict(progress), fence=self.run.fence):
            raise Fenced("Another worker has taken this run over.")

    async def announce(self, tx: Transaction) -> None:
        """Tell live pages what the run looks like when this transaction commits."""
        run = await actions.get(tx, self.run.id)
        event = {"type": "run", **actions.to_brief(run)}
        await tx.notify(f"run:{run.id}", event, also=["runs", *([f"table:{run.table_id}"] if run.table_id else [])])

    async def wait_for_signal(self, name: str) -> Any:
        """What `actions.signal` was given under that name; the run shows as waiting meanwhile.

        Raises:
            Halted: Stop was pressed instead.
        """
        is_marked = False
        while True:
            self.require_going()
            async with self.database.transaction(self.account_id) as tx:
                payload = await store.find_signal(tx, self.run.id, name)
                if payload is not None:
                    await store.set_state(tx, self.run.id, "running", fence=self.run.fence)
                    return payload
                if not is_marked:
                    await store.set_state(tx, self.run.id, "waiting", fence=self.run.fence)
                    is_marked = True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), LOOK_SECONDS)

    async def _put(self, tx: Transaction, step: StepRun) -> StepRun:
        record = await store.put_step(tx, step, fence=self.run.fence)
        if record is None:
            raise Fenced("Another worker has taken this run over.")
        return record

    async def _finish(
        self, record: StepRun, *, state: Any, output: Any = None, error: Any = None, keep: Keep | None = None
    ) -> None:
        ended = replace(record, state=state, parsed_output=output, error=error)

        async def write(tx: Transaction) -> None:
            await store.finish_step(tx, ended)
            if keep is not None:
                # Last, because it may lock what steps beside this one write to as well.
                await keep(tx, record.id, output)

        await self._written(write)

    async def _written(self, write: Callable[[Transaction], Awaitable[Result]]) -> Result:
        """What `write` gives, once the database has it; steps beside this one may have paid calls under way."""
        while True:
            try:
                async with self.database.transaction(self.account_id) as tx:
                    return await write(tx)
            except Unavailable as error:
                log.warning("step_waits_for_database", run_id=str(self.run.id), reason=error.message)
                await asyncio.sleep(DATABASE_WAIT_SECONDS)


async def _begun(record: StepRun | None, opening: Opening | None) -> StepRun:
    found = record or (await opening.begin() if opening is not None else None)
    assert found is not None, "a step without a record has an opening that was put off"
    return found


def _reason(error: SpadeworkError, record: StepRun) -> dict[str, Any]:
    return {"code": error.code, "message": error.message, "attempt": record.attempts}


def _noted(record: StepRun, notes: Notes | None) -> StepRun:
    if notes is None:
        return record
    return replace(
        record, raw_output=notes.raw_output, model=notes.model, input_tokens=notes.input_tokens,
        output_tokens=notes.output_tokens, cost_micro_usd=notes.cost_micro_usd, is_simulated=notes.is_simulated,
        calls=notes.calls or None,
    )  # fmt: skip
