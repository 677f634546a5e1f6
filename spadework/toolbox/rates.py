"""How fast this process may ask one provider: slots in flight and requests per time, first come first served."""

import asyncio
import time

from spadework.plug.provider import Rate


class Gate:
    """One provider's gate for one account. `pause` closes it for everybody, as after a 429."""

    def __init__(self, rate: Rate) -> None:
        self.concurrency = rate.concurrency
        self._slots = asyncio.Semaphore(rate.concurrency)
        self._gap_seconds = rate.per_seconds / rate.requests
        self._burst_seconds = min(rate.per_seconds, 1.0)
        self._next_at = 0.0
        self._closed_until = 0.0

    async def enter(self) -> None:
        """Wait for a slot, for the rate, and for the end of any pause."""
        await self._slots.acquire()
        try:
            now = time.monotonic()
            # The schedule may lag behind by a short burst, so that a slow moment is caught up with.
            self._next_at = max(self._next_at + self._gap_seconds, now - self._burst_seconds)
            wait_seconds = max(self._next_at, self._closed_until) - now
            if wait_seconds > 0:
                await asyncio.sleep(wait_seconds)
        except BaseException:
            self._slots.release()
            raise

    def leave(self) -> None:
        """Give the slot back."""
        self._slots.release()

    def pause(self, seconds: float) -> None:
        """Let nobody in for that long."""
        self._closed_until = max(self._closed_until, time.monotonic() + seconds)
