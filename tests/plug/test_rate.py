"""The bucket: first come first served in several dimensions, on a clock that the test moves."""

import asyncio

import pytest

from spadework.core.errors import TooFast
from spadework.plug.rate import Bucket


class Clock:
    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds

    async def sleep(self, seconds):
        self.seconds += seconds
        await asyncio.sleep(0)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def bucket(clock):
    return Bucket(monotonic=clock, sleep=clock.sleep)


async def test_without_limits_nobody_waits(bucket, clock):
    await bucket.reserve({"requests": 1, "input_tokens": 10**9}, max_wait_seconds=0)
    assert clock.seconds == 0


async def test_a_used_up_dimension_refills_over_its_window(bucket, clock):
    bucket.set_limit("requests", 60, left=0)
    await bucket.reserve({"requests": 3}, max_wait_seconds=10)
    assert clock.seconds == pytest.approx(3)


async def test_the_scarcest_dimension_decides(bucket, clock):
    bucket.set_limit("requests", 60)
    bucket.set_limit("output_tokens", 600, left=100)
    await bucket.reserve({"requests": 1, "output_tokens": 200}, max_wait_seconds=60)
    assert clock.seconds == pytest.approx(10)


async def test_a_wait_longer_than_allowed_is_refused_at_once_and_takes_nothing(bucket, clock):
    bucket.set_limit("requests", 60, left=0)
    with pytest.raises(TooFast) as raised:
        await bucket.reserve({"requests": 30}, max_wait_seconds=5)
    assert raised.value.details == {"retry_after_seconds": 30.0, "sent": False}
    assert clock.seconds == 0
    assert bucket.left("requests") == 0


async def test_a_large_request_is_not_overtaken_by_small_ones(bucket):
    bucket.set_limit("tokens", 600, left=0)
    order = []

    async def call(name, tokens):
        await bucket.reserve({"tokens": tokens}, max_wait_seconds=600)
        order.append(name)

    sizes = {"large": 500, **{f"small {each}": 10 for each in range(5)}}
    await asyncio.gather(*(call(name, tokens) for name, tokens in sizes.items()))
    assert order == list(sizes)


async def test_a_request_above_the_limit_takes_the_whole_window_instead_of_waiting_for_ever(bucket, clock):
    bucket.set_limit("tokens", 600)
    await bucket.reserve({"tokens": 5000}, max_wait_seconds=0)
    assert bucket.left("tokens") == 0


async def test_what_was_reserved_and_not_used_comes_back(bucket):
    bucket.set_limit("output_tokens", 1000)
    reservation = await bucket.reserve({"output_tokens": 800}, max_wait_seconds=0)
    bucket.reconcile(reservation, {"output_tokens": 100})
    assert bucket.left("output_tokens") == 900


async def test_what_was_used_beyond_the_reservation_is_taken(bucket):
    bucket.set_limit("output_tokens", 1000)
    reservation = await bucket.reserve({"output_tokens": 100}, max_wait_seconds=0)
    bucket.reconcile(reservation, {"output_tokens": 400})
    assert bucket.left("output_tokens") == 600


async def test_a_pause_holds_everybody_and_a_shorter_one_does_not_end_it(bucket, clock):
    bucket.pause(20)
    bucket.pause(1)
    await bucket.reserve({"requests": 1}, max_wait_seconds=30)
    assert clock.seconds == pytest.approx(20)


async def test_the_lower_of_our_count_and_theirs_is_believed(bucket):
    bucket.set_limit("requests", 100)
    await bucket.reserve({"requests": 30}, max_wait_seconds=0)
    bucket.set_limit("requests", 100, left=95)
    assert bucket.left("requests") == 70
    bucket.set_limit("requests", 100, left=20)
    assert bucket.left("requests") == 20


async def test_somebody_who_gives_up_waiting_lets_the_next_one_through(bucket, clock):
    bucket.set_limit("tokens", 600, left=0)
    waiting = asyncio.create_task(bucket.reserve({"tokens": 600}, max_wait_seconds=600))
    await asyncio.sleep(0)
    waiting.cancel()
    await bucket.reserve({"tokens": 10}, max_wait_seconds=600)
    assert waiting.cancelled()
