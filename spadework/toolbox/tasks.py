"""Waits for work that a vendor does for minutes: asked for ever less often, with a limit, until it has ended.

Buying the task and keeping its id in the books is `cell`'s business; here is only the waiting, which costs nothing.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from spadework.core import clock
from spadework.core.errors import Halted, ProviderUnavailable
from spadework.core.http import HttpResponse
from spadework.plug.provider import Outcome, Pending, Refused
from spadework.spend.types import Call, NewCall
from spadework.toolbox.vendors import Exchange, Route, TaskState, Vendors

LONGEST_PAUSE_SECONDS = 60.0
_LONGER = 1.5
_SIMULATED_PAUSE_SECONDS = 0.2


Watch = Callable[[TaskState], Awaitable[None]]
"""Told when the waiting begins and after each poll that found the task unfinished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a task is waited for, counted from `since`, or from when it was submitted; and who is told.

    It is asked about at least once, however long ago that was.
    """

    most_seconds: float = 600.0
    since: datetime | None = None
    watch: Watch | None = None


async def until_end(
    vendors: Vendors, route: Route, pending: Pending, exchange: Exchange, begun: TaskState, *, patience: Patience,
    stop: asyncio.Event,
) -> Outcome:  # fmt: skip
    """What came of the task; how far it is stands in `exchange.task`, where `waiting` says that patience ran out.

    A poll without a usable answer says nothing about the task, so the next one is simply later.

    Raises:
        Halted: `stop` was set; the task itself goes on at the vendor.
    """
    until = (patience.since or begun.submitted_at) + timedelta(seconds=patience.most_seconds)
    now, pause = begun, pending.after_seconds
    while True:
        exchange.task = now
        if patience.watch is not None:
            await patience.watch(now)
        if now.polls and clock.now() >= until:
            return Refused("vendor_down", _too_long(route, now))
        await _sleep(min(pause, LONGEST_PAUSE_SECONDS), route, stop)
        response = await _poll(vendors, route, pending)
        exchange.polls, pause = exchange.polls + 1, pause * _LONGER
        now = replace(now, polls=exchange.polls, asked_at=clock.now())
        if response is None:
            continue
        outcome = await vendors.interpret(route, pending.poll, response)
        if isinstance(outcome, Pending):
            pending = outcome
        elif not _says_nothing(response, outcome):
            exchange.response = response
            exchange.task = replace(now, state="failed" if _has_failed(outcome) else "ended")
            return outcome


def begun(route: Route, pending: Pending, call: NewCall | Call, submission: HttpResponse) -> TaskState:
    """The task that a call has bought, as it is when the waiting begins."""
    return TaskState(
        provider=route.provider.key, capability=call.capability, task_id=pending.task_id or pending.poll.full_url,
        call_id=call.id, is_simulated=route.is_simulated, submitted_at=submission.received_at or clock.now(),
    )  # fmt: skip


def shown(task: TaskState) -> dict[str, Any]:
    """How far a task is, as the evidence of a cell or step shows it."""
    return {
        "task_id": task.task_id, "state": task.state, "submitted_at": task.submitted_at.isoformat(),
        "polls": task.polls, "asked_at": task.asked_at.isoformat() if task.asked_at else None,
    }  # fmt: skip


def is_still_bought(outcome: Outcome, task: TaskState) -> bool:
    """Whether the task can be waited for again although there is no answer now: too slow, or the key was refused."""
    refusals = ("bad_key", "forbidden", "out_of_credits", "rate_limited")
    return isinstance(outcome, Refused) and (task.state == "waiting" or outcome.kind in refusals)


async def _poll(vendors: Vendors, route: Route, pending: Pending) -> HttpResponse | None:
    await route.gate.enter()
    try:
        return await vendors.send(route, pending.poll)
    except ProviderUnavailable:
        return None
    finally:
        route.gate.leave()


async def _sleep(seconds: float, route: Route, stop: asyncio.Event) -> None:
    # The simulator's tasks end soon; waiting minutes for them would teach nobody anything.
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), min(seconds, _SIMULATED_PAUSE_SECONDS) if route.is_simulated else seconds)
    if stop.is_set():
        raise Halted("The run was stopped.")


def _says_nothing(response: HttpResponse, outcome: Outcome) -> bool:
    """Whether a reply is about the vendor's own trouble and not about the task."""
    is_trouble = isinstance(outcome, Refused) and outcome.kind in ("rate_limited", "garbage")
    return is_trouble or response.status >= 500


def _has_failed(outcome: Outcome) -> bool:
    return isinstance(outcome, Refused) and outcome.kind in ("vendor_down", "invalid_request")


def _too_long(route: Route, state: TaskState) -> str:
    minutes = max(1, round((clock.now() - state.submitted_at).total_seconds() / 60))
    return (
        f"{route.provider.label} has not finished task {state.task_id} in {minutes} min. It is paid for and may "
        "still end: retry later to wait for the same task."
    )
