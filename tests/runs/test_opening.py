"""Opening a worker: as often as the process wants, whatever became of its standard error meanwhile."""

import io
from contextlib import redirect_stderr

from spadework.core.db import Database
from spadework.runs.running import Runner
from tests.conftest import Addresses, stop_left_runs


async def test_a_worker_opens_again_after_the_standard_error_it_first_had_is_closed(
    database: Database, addresses: Addresses
) -> None:
    await stop_left_runs(addresses.admin)
    with redirect_stderr(io.TextIOWrapper(io.BytesIO())) as first:
        await _open_and_close(database, addresses)
    first.close()

    await _open_and_close(database, addresses)


async def _open_and_close(database: Database, addresses: Addresses) -> None:
    runner = Runner(database, addresses.engine, worker_id="test-worker", app=None)
    await runner.open()
    await runner.close()
