"""The moment a step's record is written: what must be on the disk then too, such as its first call, shares the commit."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from spadework.core.db import Transaction
from spadework.runs.types import StepRun

Result = TypeVar("Result")
Write = Callable[[Transaction], Awaitable[StepRun]]
Carry = Callable[[Callable[[Transaction], Awaitable[None]]], Awaitable[None]]
"""Does what it is given in a transaction that has committed when this returns."""


class Opening:
    """A step's record that may be written as late as its first call; nothing leaves the house before `begin`.

    Until `Job.step` puts it off, there is nothing to begin: the step wrote its record itself.
    """

    def __init__(self) -> None:
        self._carry: Carry | None = None
        self._write: Write | None = None
        self._record: StepRun | None = None
        self._one_at_a_time = asyncio.Lock()

    def put_off(self, carry: Carry, write: Write) -> None:
        """Leave the record to whoever calls first."""
        self._carry, self._write = carry, write

    async def begin(self) -> StepRun | None:
        """The step's record, once the database has it; None when it was never put off.

        Raises:
            Fenced: another worker has taken the run over, and nothing was written.
        """
        await self.begin_with(_nothing)
        return self._record

    async def begin_with(self, also: Callable[[Transaction], Awaitable[Result]]) -> Result | None:
        """What `also` gives, done in the commit of the record; None, and not done, when that is written already."""
        async with self._one_at_a_time:
            if self._carry is None or self._record is not None:
                return None
            return await self._both(self._carry, also)

    async def _both(self, carry: Carry, also: Callable[[Transaction], Awaitable[Result]]) -> Result:
        gave: list[tuple[StepRun, Result]] = []

        async def both(tx: Transaction) -> None:
            assert self._write is not None
            gave.append((await self._write(tx), await also(tx)))

        await carry(both)
        # The last go is the one that committed.
        self._record, result = gave[-1]
        return result


async def _nothing(tx: Transaction) -> None:
    return None
