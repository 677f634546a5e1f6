"""The simulator's process: shared by whoever is at work in one home, and gone with the last of them."""

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from spadework.core.errors import ProviderUnavailable
from spadework.core.http import HttpRequest
from spadework.toolbox import training
from spadework.toolbox.vendors import Vendors


async def test_two_processes_share_one_simulator_and_the_last_one_ends_it(vendors: Vendors, home: Path) -> None:
    second = replace(vendors)
    async with training.simulated(vendors, home):
        async with training.simulated(second, home):
            pid = _pid(home)
            assert second.simulator_url == vendors.simulator_url
        assert await _answers(vendors)
    assert not await _answers(vendors)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_simulator_that_dies_is_started_again_at_the_same_address(vendors: Vendors, home: Path) -> None:
    async with training.simulated(vendors, home):
        address, pid = vendors.simulator_url, _pid(home)
        os.kill(pid, signal.SIGKILL)
        await _until_another(home, pid)
        assert vendors.simulator_url == address
        assert await _answers(vendors)


async def test_what_a_killed_process_left_running_is_used_again(vendors: Vendors, home: Path) -> None:
    async with training.simulated(vendors, home):
        note = (home / "simulator.json").read_bytes()
        (home / "simulator.users").unlink()  # as if nobody knew of its users any more
        async with training.simulated(replace(vendors), home):
            assert (home / "simulator.json").read_bytes() == note


async def test_a_note_that_is_damaged_is_no_obstacle(vendors: Vendors, home: Path) -> None:
    (home / "simulator.json").write_text('{"url": ')
    async with training.simulated(vendors, home):
        assert await _answers(vendors)


async def test_a_simulator_named_by_the_settings_is_left_alone(vendors: Vendors, home: Path) -> None:
    vendors.settings = replace(vendors.settings, simulator_url="http://127.0.0.1:1")
    async with training.simulated(vendors, home):
        assert vendors.simulator_url is None
        assert _pid(home) == 0


async def _answers(vendors: Vendors) -> bool:
    try:
        await vendors.http.send(HttpRequest(url=f"{vendors.simulator_url}/_sim/state"), deadline_seconds=10)
    except ProviderUnavailable:
        return False
    return True


async def _until_another(home: Path, pid: int) -> None:
    """Wait until another process has taken over; the test's own time limit ends a wait in vain."""
    while _pid(home) == pid:  # noqa: ASYNC110 - another process tells by a file, not by an event
        await asyncio.sleep(0.05)


def _pid(home: Path) -> int:
    try:
        return int(orjson.loads((home / "simulator.json").read_bytes())["pid"])
    except FileNotFoundError:
        return 0
