"""Waiting one's turn: a first-come bucket over several limits per time, such as requests and tokens."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from spadework.core.errors import TooFast

SECONDS_PER_WINDOW = 60.0
_LONGEST_NAP_SECONDS = 1.0


@dataclass(slots=True)
class _Level:
    limit: float
    left: float
    refill_per_second: float
    filled_at: float


@dataclass(frozen=True, slots=True)
class Reservation:
    """What one call took from the bucket, to be reconciled with what it really used."""

    amounts: Mapping[str, float]


class Bucket:
    """One key's allowance in any number of named dimensions; those nobody set are unlimited.

    First come, first served in all dimensions at once, so a large request waits its turn and is not
    overtaken for ever by small ones. Belongs to one event loop. `monotonic` and `sleep` are for tests.
    """

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self._levels: dict[str, _Level] = {}
        self._paused_until = 0.0
        self._turn = asyncio.Lock()

    async def reserve(self, amounts: Mapping[str, float], *, max_wait_seconds: float) -> Reservation:
        """Take the amounts as soon as all of them are there; a larger amount than a limit takes it all.

        Raises:
            TooFast: the wait would exceed `max_wait_seconds`; nothing was taken, and
                `details["retry_after_seconds"]` says when to come back.
        """
        give_up_at = self._monotonic() + max_wait_seconds
        async with self._turn:
            while (wait := self._wait_seconds(amounts)) > 0:
                if self._monotonic() + wait > give_up_at:
                    raise TooFast(
                        f"The rate limit leaves no room for {wait:.0f} s. Try again then.",
                        details={"retry_after_seconds": round(wait, 3), "sent": False},
                    )
                # Short naps, because a reply may meanwhile raise the limits or prolong the pause.
                await self._sleep(min(wait, _LONGEST_NAP_SECONDS))
            for name, amount in amounts.items():
                if level := self._filled(name):
                    level.left -= min(amount, level.limit)
        return Reservation(dict(amounts))

    def reconcile(self, reservation: Reservation, used: Mapping[str, float]) -> None:
        """Give back what was reserved and not used, or take what was used beyond; never waits."""
        for name, reserved in reservation.amounts.items():
            if (level := self._filled(name)) and name in used:
                level.left = min(level.limit, level.left + min(reserved, level.limit) - used[name])

    def set_limit(
        self,
        name: str,
        limit: float,
        *,
        left: float | None = None,
        window_seconds: float = SECONDS_PER_WINDOW,
    ) -> None:
        """What the service says it allows per window, and what of it is left by its own count."""
        level = self._filled(name)
        mine = level.left if level else limit
        self._levels[name] = _Level(
            limit=limit,
            # Ours knows calls still in flight, theirs knows other users of the key: believe the lower.
            left=min(mine, limit if left is None else left),
            refill_per_second=limit / window_seconds,
            filled_at=self._monotonic(),
        )

    def pause(self, seconds: float) -> None:
        """Let nobody through for that long; a shorter pause never ends a longer one."""
        self._paused_until = max(self._paused_until, self._monotonic() + seconds)

    def left(self, name: str) -> float | None:
        """What is left in a dimension now, None when it has no limit."""
        level = self._filled(name)
        return level.left if level else None

    def _wait_seconds(self, amounts: Mapping[str, float]) -> float:
        waits = [self._paused_until - self._monotonic()]
        for name, amount in amounts.items():
            if level := self._filled(name):
                lacking = min(amount, level.limit) - level.left
                waits.append(lacking / level.refill_per_second)
        # Below a microsecond it is rounding, and sleeping for it could go on for ever.
        return longest if (longest := max(waits)) > 1e-6 else 0.0

    def _filled(self, name: str) -> _Level | None:
        level = self._levels.get(name)
        if level:
            moment = self._monotonic()
            level.left = min(level.limit, level.left + (moment - level.filled_at) * level.refill_per_second)
            level.filled_at = moment
        return level
