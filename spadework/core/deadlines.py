"""Deadlines for thousands of requests at once, looked at a few times a second.

A timer for each, as `asyncio.timeout` sets it, costs nine microseconds of about two hundred that a whole cell takes;
this costs three.
"""

import asyncio
from types import TracebackType
from typing import Any

_LOOK_SECONDS = 0.1


class Deadlines:
    """What must end in time, in one event loop; at most a tenth of a second late."""

    def __init__(self) -> None:
        self._open: set[Deadline] = set()
        self._timer: asyncio.TimerHandle | None = None

    def within(self, seconds: float) -> "Deadline":
        """A block that must end in this many seconds from now.

        Raises:
            TimeoutError: it did not; whatever it waited for has been cancelled.
        """
        return Deadline(self, seconds)

    def _add(self, deadline: "Deadline") -> None:
        self._open.add(deadline)
        if self._timer is None:
            self._timer = deadline.loop.call_later(_LOOK_SECONDS, self._look, deadline.loop)

    def _remove(self, deadline: "Deadline") -> None:
        self._open.discard(deadline)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for each in self._open:
            each.end_if_late(now)
        self._timer = loop.call_later(_LOOK_SECONDS, self._look, loop) if self._open else None


class Deadline:
    """One block of one task, as `asyncio.timeout` has it."""

    __slots__ = ("_all", "_at", "_cancelling", "_is_over", "_seconds", "_task", "loop")

    def __init__(self, among: Deadlines, seconds: float) -> None:
        self._all = among
        self._seconds = seconds
        self._is_over = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None, "a deadline is for a task"
        self._task: asyncio.Task[Any] = task
        self._cancelling = task.cancelling()
        self.loop = task.get_loop()
        self._at = self.loop.time() + self._seconds
        self._all._add(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._all._remove(self)
        # A task that somebody else has cancelled meanwhile stays cancelled.
        if self._is_over and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def end_if_late(self, now: float) -> None:
        """Cancel what the block waits for, once, if its time is up."""
        if now >= self._at and not self._is_over:
            self._is_over = True
            self._task.cancel()
