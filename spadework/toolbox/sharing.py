"""One call for all who ask the very same thing in a run; a purchase until the books can tell the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Shared(Generic[Answer]):
    """Questions under way, and those whose calls have ended and are not in the books yet."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, asyncio.Future[Answer]] = {}
        self._unwritten: set[Hashable] = set()

    async def ask(self, question: Hashable, call: Callable[[], Awaitable[Answer]]) -> tuple[Answer, bool]:
        """What `call` gives, and whether it was made for somebody else; an error of `call` reaches all who wait."""
        if (running := self._under_way.get(question)) is not None:
            return await asyncio.shield(running), True
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._under_way[question] = future
        try:
            answer = await call()
            future.set_result(answer)
            return answer, False
        except BaseException as error:
            future.set_exception(error)
            # Nobody may be waiting; an unread exception must not be reported as lost.
            future.exception()
            raise
        finally:
            if question not in self._unwritten:
                del self._under_way[question]

    def hold(self, question: Hashable) -> None:
        """The question's call has ended; until `forget` only this run knows its outcome."""
        self._unwritten.add(question)

    def forget(self, question: Hashable) -> None:
        """The books have this question's outcome from now on."""
        self._unwritten.discard(question)
        self._under_way.pop(question, None)
