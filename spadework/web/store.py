"""The web's own tables: events on their way to live pages, and requests that carry an idempotency key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from spadework.core.db import ReadOnly, Transaction


@dataclass(frozen=True, slots=True)
class Event:
    """One event as its transaction committed it."""

    id: int
    topic: str
    payload: Any


async def read_events(tx: ReadOnly, ids: Sequence[int]) -> list[Event]:
    """Those of the account's events, in the order they were made."""
    rows = await tx.fetch(
        "select id, topic, payload from events where account_id = $1 and id = any($2::bigint[]) order by id",
        tx.account,
        list(ids),
    )
    return [Event(**row) for row in rows]


async def list_event_ids_after(tx: ReadOnly, after: int, limit: int) -> list[int]:
    """Ids of the account's events above that one, oldest first; not the events, which may be large."""
    rows = await tx.fetch(
        "select id from events where account_id = $1 and id > $2 order by id limit $3", tx.account, after, limit
    )
    return [row["id"] for row in rows]


async def last_event_id(tx: ReadOnly) -> int:
    found: int = await tx.fetchval("select coalesce(max(id), 0) from events where account_id = $1", tx.account)
    return found


async def trim(tx: Transaction, *, events_life: timedelta, keys_life: timedelta) -> None:
    """Forget the account's events and idempotency keys that are older."""
    await tx.execute("delete from events where account_id = $1 and at < now() - $2::interval", tx.account, events_life)
    await tx.execute(
        "delete from idempotency_keys where account_id = $1 and created_at < now() - $2::interval",
        tx.account,
        keys_life,
    )


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier request with the same key; `status` None while it has not finished."""

    body_sha256: bytes
    status: int | None
    response: Any
    age: timedelta


async def claim(tx: Transaction, *, principal: str, route: str, key: str, body_sha256: bytes) -> Earlier | None:
    """None for the one request that may act; the earlier one for every other."""
    tag = await tx.execute(
        "insert into idempotency_keys (account_id, principal, route, key, body_sha256) values ($1, $2, $3, $4, $5)"
        " on conflict do nothing",
        tx.account,
        principal,
        route,
        key,
        body_sha256,
    )
    if tag == "INSERT 0 1":
        return None
    row = await tx.fetchrow(
        "select body_sha256, status, response, now() - created_at as age from idempotency_keys"
        " where account_id = $1 and principal = $2 and route = $3 and key = $4",
        tx.account,
        principal,
        route,
        key,
    )
    # Released between the two statements: for the caller that is the same as still under way.
    return Earlier(**row) if row else Earlier(body_sha256, None, None, timedelta(0))


async def finish(tx: Transaction, *, principal: str, route: str, key: str, status: int, response: Any) -> None:
    await tx.execute(
        "update idempotency_keys set status = $5, response = $6"
        " where account_id = $1 and principal = $2 and route = $3 and key = $4",
        tx.account,
        principal,
        route,
        key,
        status,
        response,
    )


async def release(tx: Transaction, *, principal: str, route: str, key: str) -> None:
    """Forget a request that had no effect, so that the key may be used again."""
    await tx.execute(
        "delete from idempotency_keys"
        " where account_id = $1 and principal = $2 and route = $3 and key = $4 and status is null",
        tx.account,
        principal,
        route,
        key,
    )


async def ping(tx: ReadOnly) -> None:
    await tx.fetchval("select 1")
