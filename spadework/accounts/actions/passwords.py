"""Hashing of passwords with Argon2id, a few at once so that signing in cannot starve everything else."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from spadework.core.errors import TooFast

Answer = TypeVar("Answer")

# OWASP's floor for Argon2id: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


async def hash_password(password: str) -> str:
    """The hash to store; of the exact bytes given, nothing trimmed or folded.

    Raises:
        TooFast: too many people sign in at once; nothing was tried.
    """
    return await _queue.run(lambda: _hasher.hash(password.encode()))


async def is_right(password: str, password_hash: str | None) -> bool:
    """Whether the password belongs to the hash; None takes as long as a real one and is never right.

    Raises:
        TooFast: as for `hash_password`.
    """
    seen = await _queue.run(lambda: _verify(password, password_hash or _nobodys_hash()))
    return seen and password_hash is not None


class Queue:
    """Runs a few pieces of heavy work at once in threads and turns away more than may wait."""

    def __init__(self, *, at_once: int, waiting: int) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="password")
        self._most = at_once + waiting
        self._count = 0

    async def run(self, work: Callable[[], Answer]) -> Answer:
        """What the work returns, once it had its turn.

        Raises:
            TooFast: too many wait already.
        """
        if self._count >= self._most:
            raise TooFast(
                "Too many people are signing in at this moment. Try again in a few seconds.",
                details={"retry_after_seconds": 5},
            )
        self._count += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._count -= 1


_queue = Queue(at_once=4, waiting=64)


def _verify(password: str, password_hash: str) -> bool:
    try:
        return _hasher.verify(password_hash, password.encode())
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(b"nobody has this password")
