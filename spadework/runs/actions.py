"""What others may do with runs: start, look, stop, resume, retry and signal them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from croniter import croniter

from spadework.core import clock
from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import Conflict, InvalidInput, NotFound
from spadework.core.ids import UserId
from spadework.runs import rules, store
from spadework.runs.types import NewRun, Page, PromptUses, Run, Schedule, StepRun


async def start(tx: Transaction, new: NewRun, *, by: UserId | None) -> Run:
    """Make a run in the same transaction as what it serves: both exist, or neither does.

    A worker takes it when the transaction commits.
    """
    run = await get(tx, await store.add_run(tx, new, by=by))
    await _announce(tx, run)
    return run


async def get(tx: ReadOnly, run_id: UUID) -> Run:
    """The run.

    Raises:
        NotFound: there is no such run in this account.
    """
    if run := await store.find_run(tx, run_id):
        return run
    raise NotFound("There is no such run. It may belong to another account.")


async def list_runs(
    tx: ReadOnly, *, client_id: UUID | None = None, table_id: UUID | None = None, state: str | None = None,
    kind: str | None = None, limit: int = 50, cursor: str | None = None,
) -> Page:  # fmt: skip
    """Runs, newest first. `state` is one state or "open" for all that may still change."""
    states = None if state is None else ["queued", "running", "waiting", "stopping"] if state == "open" else [state]
    runs = await store.list_runs(
        tx, client_id=client_id, table_id=table_id, states=states, kind=kind, before=_before(cursor), limit=limit + 1
    )
    more = len(runs) > limit
    return Page(runs[:limit], store.encode_cursor(runs[limit - 1]) if more else None)


async def find_child(tx: ReadOnly, run_id: UUID, kind: str) -> Run | None:
    """The newest run of that kind that this run has started, None when there is none."""
    return await store.find_child(tx, run_id, kind)


async def list_steps(tx: ReadOnly, run_id: UUID) -> list[StepRun]:
    """The run's steps in order, each with its whole input and output."""
    return await store.list_steps(tx, run_id)


async def get_step(tx: ReadOnly, step_run_id: UUID) -> StepRun:
    """The step run of that id.

    Raises:
        NotFound: there is none in this account.
    """
    if step := await store.find_step_by_id(tx, step_run_id):
        return step
    raise NotFound("There is no such step run. It may belong to another account.")


async def list_steps_of_prompt(
    tx: ReadOnly, prompt_id: UUID, *, except_kind: str | None = None, client_id: UUID | None = None, limit: int = 1
) -> list[StepRun]:
    """The newest step runs made with a prompt, whichever its version; `except_kind` leaves out runs of that kind."""
    return await store.list_steps_of_prompt(tx, prompt_id, except_kind=except_kind, client_id=client_id, limit=limit)


async def list_uses_of_prompt(
    tx: ReadOnly, prompt_id: UUID, *, client_id: UUID | None = None, limit: int = 50, cursor: str | None = None
) -> PromptUses:
    """A page of the step runs made with a prompt, newest first, tests included; of one client when it is named.

    Raises:
        InvalidInput: the cursor is damaged.
    """
    uses = await store.list_uses_of_prompt(
        tx, prompt_id, client_id=client_id, before=_before(cursor), limit=limit + 1
    )  # fmt: skip
    more = len(uses) > limit
    return PromptUses(uses[:limit], store.encode_cursor(uses[limit - 1]) if more else None)


async def find_step(tx: ReadOnly, run_id: UUID, key: str) -> StepRun | None:
    """The run's step of that key, None when it has not begun."""
    return await store.find_step(tx, run_id, key)


async def request_stop(tx: Transaction, run_id: UUID, *, by: UserId | None) -> Run:
    """Have the run stop: nothing new leaves the house after this commits, what is under way is recorded.

    Raises:
        NotFound: no such run. Conflict: it has ended.
    """
    run = await _locked(tx, run_id)
    if run.state == "stopping":
        return run
    rules.require_stoppable(run)
    state = "stopping" if run.worker_id else "stopped"
    await store.set_state(tx, run_id, state)
    await store.wake(tx)
    return await _changed(tx, run_id)


async def resume(tx: Transaction, run_id: UUID, *, by: UserId | None) -> Run:
    """Let a stopped or failed run go on with what it has not done; nothing done is done again.

    Raises:
        NotFound: no such run. Conflict: it is under way or complete.
    """
    run = await _locked(tx, run_id)
    rules.require_resumable(run)
    await store.requeue(tx, run_id)
    return await _changed(tx, run_id)


async def reopen(tx: Transaction, run_id: UUID, *, by: UserId | None) -> Run:
    """Let a run that ended well go on with parts of it that had failed; whoever calls has made sure there are some.

    Raises:
        NotFound: no such run. Conflict: it is under way.
    """
    run = await _locked(tx, run_id)
    if run.is_open:
        raise Conflict("This run is under way already. Wait for its end.")
    await store.requeue(tx, run_id)
    return await _changed(tx, run_id)


async def count_by_state(tx: ReadOnly) -> dict[str, int]:
    """How many of the account's runs are in each state."""
    return await store.count_by_state(tx)


async def count_abandoned(tx: ReadOnly, *, after_seconds: float) -> tuple[int, int]:
    """How many runs are being carried out, and how many of these lost their worker longer ago than that."""
    return await store.count_abandoned(tx, after_seconds=after_seconds)


async def is_abandoned(tx: ReadOnly, run_id: UUID, *, after_seconds: float) -> bool:
    """Whether an open run has waited so long without a living worker that nobody may be left to carry it out."""
    return await store.is_abandoned(tx, run_id, after_seconds=after_seconds)


async def signal(tx: Transaction, run_id: UUID, name: str, payload: Mapping[str, Any]) -> None:
    """Give a waiting run what it waits for; the first signal of a name counts."""
    await store.put_signal(tx, run_id, name, dict(payload))


async def schedule(
    tx: Transaction, *, name: str, cron: str, kind: str, input: dict[str, Any], client_id: UUID | None = None
) -> UUID:
    """Start a run of `kind` whenever the five-field cron expression says so, in UTC.

    Raises:
        InvalidInput: the expression cannot be read.
    """
    return await store.add_schedule(
        tx,
        name=name,
        cron=cron,
        kind=kind,
        input=input,
        client_id=client_id,
        next_at=next_tick(cron, clock.now()),
    )


async def list_schedules(tx: ReadOnly, *, kind: str) -> list[Schedule]:
    """The account's schedules for runs of that kind, the next one first."""
    return await store.list_schedules(tx, kind=kind)


async def remove_schedule(tx: Transaction, schedule_id: UUID) -> None:
    """Start no more runs by that schedule; those that have begun go on. Safe to call twice."""
    await store.delete_schedule(tx, schedule_id)


def next_tick(cron: str, after: datetime) -> datetime:
    """The first moment of the schedule after the given one; ticks missed before it are skipped."""
    try:
        return croniter(cron, after).get_next(datetime)  # type: ignore[no-any-return]
    except (ValueError, KeyError) as error:
        raise InvalidInput(f"{cron!r} is no schedule. Write five fields, such as 0 8 * * 1.") from error


_NO_PROGRESS: Mapping[str, Any] = {"total": 0, "done": 0, "by_state": {}, "fields": {}, "cost_micro_usd": 0}
"""What every run's progress has, so that whoever shows one need not ask which kind it is."""


def to_brief(run: Run) -> dict[str, Any]:
    """The run as lists and live pages show it."""
    return {
        "id": str(run.id), "kind": run.kind, "title": run.title, "state": run.state, "progress": {**_NO_PROGRESS, **run.progress},
        "subject": run.subject, "is_simulated": run.is_simulated,
        "cost_micro_usd": run.progress.get("cost_micro_usd", 0), "error": run.error,
        "created_at": run.created_at.isoformat(), "client_id": str(run.client_id) if run.client_id else None,
        "started_at": run.started_at.isoformat() if run.started_at else None,
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "created_by_name": run.created_by_name,
    }  # fmt: skip


async def _locked(tx: Transaction, run_id: UUID) -> Run:
    if run := await store.lock_run(tx, run_id):
        return run
    raise NotFound("There is no such run. It may belong to another account.")


async def _changed(tx: Transaction, run_id: UUID) -> Run:
    run = await get(tx, run_id)
    await _announce(tx, run)
    return run


async def _announce(tx: Transaction, run: Run) -> None:
    event = {"type": "run", **to_brief(run)}
    await tx.notify("runs", event, also=[f"table:{run.table_id}"] if run.table_id else [])


def _before(cursor: str | None) -> tuple[datetime, UUID] | None:
    if not cursor:
        return None
    try:
        at, last_id = store.decode_cursor(cursor)
        return at.astimezone(UTC), last_id
    # Well-formed JSON of other things, and moments beyond the first and last that a database keeps.
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise InvalidInput("The cursor is damaged. Start from the first page.") from error
