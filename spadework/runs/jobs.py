"""Carries runs out: takes what is queued or orphaned, does the job, records how it ended.

A job is a function registered by its kind. It may die anywhere and be begun again by another worker, so
it is written to find what is done already; `Job.step` and the cell ledger make that easy.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, replace
from typing import Any, TypeVar
from uuid import UUID

import structlog

from spadework.core.db import RUNS_CHANNEL, Database, Transaction
from spadework.core.errors import Fenced, Halted, SpadeworkError, Unavailable
from spadework.core.ids import AccountId, RunId, new_id
from spadework.engine import workers
from spadework.engine.durable import DurableEngine
from spadework.runs import actions, rules, store
from spadework.runs.opening import Opening
from spadework.runs.types import Asked, NewRun, Notes, Run, StepRun

log = structlog.get_logger()
Result = TypeVar("Result")
JobFunction = Callable[["Job"], Awaitable[Any]]
Keep = Callable[[Transaction, UUID, Any], Awaitable[None]]
"""Given the transaction, the step run's id and the result, or None when there is none."""

JOBS: dict[str, JobFunction] = {}
_AWAITED: set[str] = set()
_LOOK_SECONDS = 0.5
_DATABASE_WAIT_SECONDS = 0.5
_LEAVE_SECONDS = 40.0
"""How long a process that ends waits for its calls under way; longer than any call may take."""


def job(kind: str, *, is_awaited: bool = False) -> Callable[[JobFunction], JobFunction]:
    """Register a function as the job of that kind of run.

    `is_awaited` is for short work that a person sits and waits for: it is taken before other runs, and has
    room of its own beside them.
    """

    def register(function: JobFunction) -> JobFunction:
        assert kind not in JOBS or JOBS[kind] is function, f"two jobs are called {kind!r}"
        JOBS[kind] = function
        if is_awaited:
            _AWAITED.add(kind)
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

        async def begin(tx: Transaction) -> StepRun:
            begun = await self._put(tx, new)
            if asked is not None and begun.state == "running":
                await tx.notify(f"run:{self.run.id}", {"type": "step", "run_id": str(self.run.id), "key": key})
            return begun

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
                await tx.notify(f"run:{self.run.id}", {"type": "step", "run_id": str(self.run.id), "key": key})

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
        await tx.notify(f"run:{run.id}", event)
        await tx.notify("runs", event)
        if run.table_id:
            await tx.notify(f"table:{run.table_id}", event)

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
                await asyncio.wait_for(self.stop.wait(), _LOOK_SECONDS)

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
                await asyncio.sleep(_DATABASE_WAIT_SECONDS)


class Runner:
    """This process's share of all runs. Open it inside the event loop that shall do the work."""

    def __init__(self, database: Database, engine_dsn: str, *, worker_id: str, app: Any, concurrency: int = 8) -> None:
        self.worker_id = worker_id
        self._database = database
        self._app = app
        self._concurrency = concurrency
        self._engine = DurableEngine(engine_dsn, worker_id=worker_id, work=self._perform)
        self._jobs: dict[UUID, Job] = {}
        self._to_begin: list[Job] = []
        self._doubtful: set[tuple[AccountId, RunId]] = set()
        self._looking = asyncio.Lock()
        self._is_free = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Begin to take work."""
        await workers.beat(self._database, self.worker_id)
        await self._engine.open()
        self._tasks = [
            asyncio.create_task(workers.keep_beating(self._database, self.worker_id)),
            asyncio.create_task(workers.repeat(_LOOK_SECONDS, self._look)),
            asyncio.create_task(workers.repeat(5.0, self._fire_schedules)),
            asyncio.create_task(self._listen()),
        ]

    async def close(self) -> None:
        """Let go: calls under way are waited for and recorded, then another worker may take the runs."""
        beating, *looking = self._tasks
        await _cancelled(looking)
        for each in self._to_begin:
            if not each.goes:
                self._jobs.pop(each.run.id, None)
        for each in self._jobs.values():
            each.leave()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LEAVE_SECONDS):
                while self._jobs:
                    self._is_free.clear()
                    await self._is_free.wait()
        await _cancelled([beating])
        await self._engine.close()
        with contextlib.suppress(SpadeworkError):
            await workers.forget(self._database, self.worker_id)

    async def _listen(self) -> None:
        async for _ in self._database.listen(RUNS_CHANNEL):
            try:
                await self._look()
            except Exception as error:
                # The look that comes with the clock tries again, and says more when it fails too.
                log.warning("will_try_again", reason=str(error))

    async def _look(self) -> None:
        async with self._looking:
            await self._pass_on_stops()
            found = await store.runs_to_take(self._database, sorted(_AWAITED))
            for account_id, run_id, is_awaited in [*((*each, False) for each in self._doubtful), *found]:
                if run_id not in self._jobs and self._has_room(is_awaited):
                    await self._take(account_id, run_id)
            while self._to_begin:
                current = self._to_begin[0]
                await self._engine.submit(rules.attempt_id(current.run), str(current.account_id), str(current.run.id))
                del self._to_begin[0]

    def _has_room(self, is_awaited: bool) -> bool:
        busy = (each for each in self._jobs.values() if not each.is_waiting_for_others)
        return sum((each.run.kind in _AWAITED) == is_awaited for each in busy) < self._concurrency

    async def _take(self, account_id: AccountId, run_id: RunId) -> None:
        # Should the commit's acknowledgement be lost, the run is ours and nobody else would look at it.
        self._doubtful.add((account_id, run_id))
        async with self._database.transaction(account_id) as tx:
            before = await actions.get(tx, run_id)
            taken = await store.take(tx, run_id, worker_id=self.worker_id)
        self._doubtful.discard((account_id, run_id))
        if taken is None:
            return
        current = Job(taken, self._database, self._app)
        if taken.state == "stopping":
            current.stop.set()
        self._jobs[run_id] = current
        self._to_begin.append(current)
        if before.worker_id is not None:
            log.info("took_over", run_id=str(run_id), from_worker=before.worker_id)
            await self._engine.retire(rules.attempt_id(before))

    async def _pass_on_stops(self) -> None:
        by_account: dict[AccountId, list[UUID]] = {}
        for each in self._jobs.values():
            by_account.setdefault(each.account_id, []).append(each.run.id)
        for account_id, run_ids in by_account.items():
            for run_id, state in (await store.states_of(self._database, account_id, run_ids)).items():
                if state == "stopping" and run_id in self._jobs:
                    self._jobs[run_id].stop.set()

    async def _fire_schedules(self) -> None:
        for account_id, schedule_id in await store.due_schedules(self._database):
            async with self._database.transaction(account_id) as tx:
                due = await store.lock_schedule(tx, schedule_id)
                if due is None:
                    continue
                run = await actions.start(
                    tx,
                    NewRun(
                        kind=due["kind"],
                        title=due["name"],
                        client_id=due["client_id"],
                        input=due["input"],
                        is_simulated=bool(due["input"].get("is_training")),
                    ),
                    by=None,
                )
                next_at = actions.next_tick(due["cron"], await tx.fetchval("select now()"))
                await store.set_schedule_fired(tx, schedule_id, run_id=run.id, next_at=next_at)

    async def _perform(self, account: str, run: str) -> None:
        current = self._jobs.get(UUID(run))
        if current is None:
            # The engine's record of an attempt whose process died; the run has been taken up under a new one.
            return
        try:
            await self._see_through(current)
        finally:
            if self._jobs.get(current.run.id) is current:
                del self._jobs[current.run.id]
            self._is_free.set()

    async def _see_through(self, current: Job) -> None:
        """Do the job and record its end; begun anew, and finding what is done, whenever the database went away."""
        while True:
            current.goes += 1
            try:
                return await self._carry_out(current)
            except Fenced:
                log.info("run_taken_over_by_another", run_id=str(current.run.id))
                return None
            except Unavailable as error:
                log.warning("run_waits_for_database", run_id=str(current.run.id), reason=error.message)
                await asyncio.sleep(_DATABASE_WAIT_SECONDS)

    async def _carry_out(self, current: Job) -> None:
        try:
            await self._end(current, "succeeded", result=await JOBS[current.run.kind](current))
        except Halted:
            await self._end(current, "stopped")
        except (Fenced, Unavailable):
            raise
        except SpadeworkError as error:
            await self._end(current, "failed", error={"code": error.code, "message": error.message, **error.details})
        except Exception as error:
            # The job loop is one of the three doors that may catch everything.
            log.exception("job_crashed", run_id=str(current.run.id), kind=current.run.kind)
            message = f"Something in Spadework broke ({type(error).__name__}). What was done is kept; retry the run."
            await self._end(
                current, "failed", error={"code": "internal", "message": message, "cause": str(error)[:500]}
            )

    async def _end(self, current: Job, state: str, *, result: Any = None, error: Any = None) -> None:
        async with self._database.transaction(current.account_id) as tx:
            if current.is_leaving and state == "stopped":
                await store.give_back(tx, current.run.id, fence=current.run.fence)
                return
            if state == "succeeded" and current.is_stopping and not current.is_leaving:
                state = "stopped"
            if await store.set_state(tx, current.run.id, state, fence=current.run.fence, error=error, result=result):
                await store.close_steps(tx, current.run.id, "stopped" if state == "stopped" else "failed")
                await current.announce(tx)


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


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
