"""Hashing passwords: strong enough, and never so many at once that nothing else gets a turn."""

import asyncio
import threading

import pytest

from spadework.accounts.actions import passwords
from spadework.accounts.actions.passwords import Queue
from spadework.core.errors import TooFast


async def test_a_hash_is_argon2id_with_at_least_owasps_floor_and_differs_each_time() -> None:
    first, second = [await passwords.hash_password("the same password") for _ in range(2)]
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert await passwords.is_right("the same password", first)
    assert not await passwords.is_right("The same password", first)


async def test_nobodys_hash_is_never_right_even_for_its_own_words() -> None:
    assert not await passwords.is_right("nobody has this password", None)


async def test_a_hash_that_cannot_be_read_is_wrong_and_no_crash() -> None:
    assert not await passwords.is_right("x", "not a hash")


async def test_no_more_work_than_allowed_runs_at_once_and_the_rest_waits_or_is_turned_away() -> None:
    queue, gate = Queue(at_once=2, waiting=3), threading.Semaphore(0)
    running, most, lock = 0, 0, threading.Lock()

    def work() -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        gate.acquire()
        with lock:
            running -= 1
        return "done"

    tasks = [asyncio.create_task(queue.run(work)) for _ in range(5)]
    while running < 2:  # noqa: ASYNC110 - threads tell by a number, not by an event of the loop
        await asyncio.sleep(0.001)
    with pytest.raises(TooFast):
        await queue.run(work)
    gate.release(5)
    assert await asyncio.gather(*tasks) == ["done"] * 5
    assert most == 2
