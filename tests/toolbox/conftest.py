"""Vendors in training mode, answered at once by a simulator that belongs to this test run alone."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from spadework.core.config import Settings
from spadework.core.db import Database
from spadework.core.http import HttpClient, HttpRequest
from spadework.core.secrets import Box
from spadework.toolbox import training
from spadework.toolbox.vendors import Vendors


@pytest.fixture(scope="session")
async def http() -> AsyncIterator[HttpClient]:
    async with HttpClient() as client:
        yield client


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def vendors(settings: Settings, database: Database, box: Box, http: HttpClient, home: Path) -> Vendors:
    """Vendors of an installation whose home is the test's own folder; no simulator runs yet."""
    return Vendors(settings=replace(settings, home=home), database=database, http=http, box=box)


@pytest.fixture
async def simulated(vendors: Vendors, home: Path) -> AsyncIterator[Vendors]:
    """The same, with a simulator that answers at once and never throttles."""
    async with training.simulated(vendors, home):
        wanted = {"latency_ms": 0, "throttle_rate": 0}
        await vendors.http.send(
            HttpRequest(method="POST", url=f"{vendors.simulator_url}/_sim/config", json_body=wanted),
            deadline_seconds=10,
        )
        yield vendors
