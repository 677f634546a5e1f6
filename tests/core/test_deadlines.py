"""A deadline ends what takes too long, and nothing else."""

import asyncio

import pytest

from spadework.core.deadlines import Deadlines


async def test_what_takes_too_long_is_cancelled_and_its_task_goes_on() -> None:
    deadlines, ended = Deadlines(), []
    with pytest.raises(TimeoutError), deadlines.within(0.05):
        try:
            await asyncio.sleep(30)
        finally:
            ended.append(True)
    assert ended == [True]
    await asyncio.sleep(0.2)  # nothing is left behind that would cancel this
    task = asyncio.current_task()
    assert task is not None and task.cancelling() == 0


async def test_what_ends_in_time_keeps_its_result_while_another_is_late() -> None:
    deadlines = Deadlines()

    async def work(takes: float, within: float) -> str:
        try:
            with deadlines.within(within):
                await asyncio.sleep(takes)
                return "in time"
        except TimeoutError:
            return "late"

    assert await asyncio.gather(work(0.3, 30), work(30, 0.05), work(0, 0.05), work(30, 0.3)) == [
        "in time", "late", "in time", "late",
    ]  # fmt: skip
    await asyncio.sleep(0.25)
    # Nobody looked for a while; the next one is looked after again.
    assert await work(30, 0.05) == "late"


async def test_a_task_that_somebody_else_cancels_stays_cancelled() -> None:
    deadlines = Deadlines()

    async def work() -> None:
        with deadlines.within(0.05):
            await asyncio.sleep(30)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_block_inside_another_is_not_what_was_late() -> None:
    deadlines, inner = Deadlines(), []
    with pytest.raises(TimeoutError), deadlines.within(0.05):
        try:
            with deadlines.within(30):
                await asyncio.sleep(30)
        except BaseException as error:
            inner.append(type(error))
            raise
    assert inner == [asyncio.CancelledError]
