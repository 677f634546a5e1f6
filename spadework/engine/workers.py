"""Which processes are alive: each worker's heartbeat, and who is dead by the database's clock."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from uuid import uuid4

import structlog

from spadework.core.db import Database
from spadework.core.errors import Unavailable

HEARTBEAT_SECONDS = 5.0
_AGAIN_SECONDS = 0.5
DEAD_AFTER_SECONDS = 20.0
"""A worker silent for this long is dead; with polling and queue pick-up its work moves within 35 s."""

log = structlog.get_logger()


def new_worker_id(name: str | None = None) -> str:
    """A name no other process has had: the one given, else host and process, and randomness."""
    return f"{name or f'{socket.gethostname()}-{os.getpid()}'}-{uuid4().hex[:8]}"


async def beat(database: Database, worker_id: str) -> None:
    """Tell the others this process lives."""
    async with database.transaction(None) as tx:
        await tx.execute(
            "insert into workers (id, host, pid) values ($1, $2, $3)"
            " on conflict (id) do update set heartbeat_at = now()",
            worker_id, socket.gethostname(), os.getpid(),
        )  # fmt: skip


async def forget(database: Database, worker_id: str) -> None:
    """Leave at once, so that the others need not wait for this process to be missed."""
    async with database.transaction(None) as tx:
        await tx.execute("delete from workers where id = $1", worker_id)


async def keep_beating(database: Database, worker_id: str) -> None:
    """Beat until cancelled; an unreachable database is waited for."""
    while True:
        try:
            await beat(database, worker_id)
        except Unavailable as error:
            log.warning("heartbeat_missed", reason=error.message)
            await asyncio.sleep(_AGAIN_SECONDS)
            continue
        await asyncio.sleep(HEARTBEAT_SECONDS)


async def list_workers(database: Database) -> list[tuple[str, bool]]:
    """Every known worker and whether it is alive."""
    async with database.read(None) as tx:
        rows = await tx.fetch(
            "select id, heartbeat_at > now() - make_interval(secs => $1) as is_alive from workers order by started_at",
            DEAD_AFTER_SECONDS,
        )
    return [(row["id"], row["is_alive"]) for row in rows]


async def repeat(seconds: float, action: Callable[[], Awaitable[None]]) -> None:
    """Do the action now and every so often until cancelled, whatever becomes of it."""
    while True:
        try:
            await action()
        except Unavailable as error:
            log.warning("will_try_again", reason=error.message)
        except Exception:
            # A worker that stopped looking for work would look alive and do nothing.
            log.exception("will_try_again")
        await asyncio.sleep(seconds)
