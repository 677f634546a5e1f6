"""Waits for the answer to a message, for a caller who was promised it in the reply; no connection is held meanwhile."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from spadework.builder.actions import talking
from spadework.builder.types import Answer
from spadework.core.db import Database
from spadework.core.errors import Conflict, NotFound, OutOfBudget, ProviderError, ProviderUnavailable, SpadeworkError
from spadework.runs import actions as runs
from spadework.runs.types import Run

PATIENCE_SECONDS = 100.0
"""Beyond it the caller is told to look again; most proxies give up after two minutes."""
_LOOK_SECONDS = 0.1
_STILL_AT_IT = "This takes longer than usual. The answer appears here when it is there."
_ERRORS: Mapping[str, type[SpadeworkError]] = {
    each.code: each for each in (NotFound, OutOfBudget, ProviderError, ProviderUnavailable)
}


async def for_answer(
    database: Database, account_id: UUID, run_id: UUID, *, seconds: float = PATIENCE_SECONDS
) -> Answer:  # fmt: skip
    """What the message came to; after `seconds` the status the version has by then.

    Raises:
        ProviderError, OutOfBudget and others: the run failed; the message may be sent again.
    """
    until = time.monotonic() + seconds
    while True:
        async with database.read(account_id) as tx:
            run = await runs.get(tx, run_id)
            if not run.is_open or time.monotonic() > until:
                break
        await asyncio.sleep(_LOOK_SECONDS)
    if run.state == "succeeded":
        return Answer(run.result["status"], run.result["message"], tuple(run.result["suggestions"]))
    if not run.is_open:
        raise _error(run)
    async with database.read(account_id) as tx:
        version, _ = await talking.read(tx, UUID(str(run.input["workflow_id"])), UUID(str(run.input["version_id"])))
    return Answer(version.status, _STILL_AT_IT)


def _error(run: Run) -> SpadeworkError:
    error: Mapping[str, Any] = run.error or {}
    message = str(error.get("message") or "The run that was to answer was stopped. Send the message again.")
    return _ERRORS.get(str(error.get("code")), ProviderError if run.state == "failed" else Conflict)(message)
