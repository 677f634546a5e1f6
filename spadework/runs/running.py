"""Carries runs out: takes what is queued or orphaned, has its job done, records how it ended."""

import asyncio
import contextlib
from typing import Any
from uuid import UUID

import structlog

from spadework.core.db import RUNS_CHANNEL, Database
from spadework.core.errors import Fenced, Halted, SpadeworkError, Unavailable
from spadework.core.ids import AccountId, RunId
from spadework.engine import workers
from spadework.engine.durable import DurableEngine
from spadework.runs import actions, rules, store
from spadework.runs.jobs import AWAITED, DATABASE_WAIT_SECONDS, JOBS, LOOK_SECONDS, Job
from spadework.runs.types import NewRun

log = structlog.get_logger()
_LEAVE_SECONDS = 40.0
"""How long a process that ends waits for its calls under way; longer than any call may take."""


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
            asyncio.create_task(workers.repeat(LOOK_SECONDS, self._look)),
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
            found = await store.runs_to_take(self._database, sorted(AWAITED))
            for account_id, run_id, is_awaited in [*((*each, False) for each in self._doubtful), *found]:
                if run_id not in self._jobs and self._has_room(is_awaited):
                    await self._take(account_id, run_id)
            while self._to_begin:
                current = self._to_begin[0]
                await self._engine.submit(rules.attempt_id(current.run), str(current.account_id), str(current.run.id))
                del self._to_begin[0]

    def _has_room(self, is_awaited: bool) -> bool:
        busy = (each for each in self._jobs.values() if not each.is_waiting_for_others)
        return sum((each.run.kind in AWAITED) == is_awaited for each in busy) < self._concurrency

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
                await asyncio.sleep(DATABASE_WAIT_SECONDS)

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


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
