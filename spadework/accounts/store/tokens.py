"""The tables of sessions, API keys and tries to sign in, the doors that find whose a token is,"
" and all SQL on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from spadework.accounts.types import ApiKey, KeyId, Session, SessionId
from spadework.core.db import ReadOnly, Transaction
from spadework.core.ids import AccountId, UserId


@dataclass(frozen=True, slots=True)
class FoundSession:
    """Whose an open session is, as their account says at this moment; `idle` is the time since it was last seen."""

    account_id: AccountId
    id: UUID
    user_id: UserId
    role: str
    name: str
    idle: timedelta


@dataclass(frozen=True, slots=True)
class FoundKey:
    """Whose a living key is; `unused` is the time since its last use as far as that was noted, None before the first."""

    account_id: AccountId
    id: UUID
    user_id: UserId
    role: str
    name: str
    secret_sha256: bytes
    scopes: tuple[str, ...]
    unused: timedelta | None


@dataclass(frozen=True, slots=True)
class FoundLogin:
    """Somebody with the address that was asked for, and the hash of their password."""

    account_id: AccountId
    user_id: UserId
    password_hash: str


async def find_session(door: ReadOnly, token: bytes) -> FoundSession | None:
    """None when it was revoked, has expired or its user is disabled."""
    row = await door.fetchrow("select * from find_session($1)", token)
    return FoundSession(**row) if row else None


async def find_logins(tx: ReadOnly, email: str) -> list[FoundLogin]:
    rows = await tx.fetch("select * from find_logins($1) order by user_id", email)
    return [FoundLogin(**row) for row in rows]


async def find_key(door: ReadOnly, public_id: str) -> FoundKey | None:
    """None when it was revoked, has expired or its maker is disabled."""
    row = await door.fetchrow("select * from find_api_key($1)", public_id)
    return FoundKey(**{**row, "scopes": tuple(row["scopes"])}) if row else None


async def lock_attempts(tx: Transaction, subject: bytes) -> None:
    await tx.execute("select pg_advisory_xact_lock($1)", int.from_bytes(subject[:8], byteorder="big", signed=True))


async def list_attempts(tx: ReadOnly, subject: bytes) -> list[tuple[str, datetime]]:
    """Place and moment of each failure of the last hour, newest first."""
    rows = await tx.fetch(
        "select place, at from sign_in_attempts where subject = $1 and at > clock_timestamp() - interval '1 hour'"
        " order by at desc",
        subject,
    )
    return [(row["place"], row["at"]) for row in rows]


async def add_attempt(tx: Transaction, subject: bytes, place: str) -> None:
    await tx.execute("delete from sign_in_attempts where at < clock_timestamp() - interval '1 hour'")
    await tx.execute("insert into sign_in_attempts (subject, place) values ($1, $2)", subject, place)


async def forget_attempts(tx: Transaction, subject: bytes, place: str) -> None:
    await tx.execute("delete from sign_in_attempts where subject = $1 and place = $2", subject, place)


async def database_now(tx: ReadOnly) -> datetime:
    moment: datetime = await tx.fetchval("select clock_timestamp()")
    return moment


async def add_session(
    tx: Transaction,
    session_id: SessionId,
    user_id: UserId,
    token: bytes,
    *,
    life: timedelta,
    user_agent: str,
    address: str,
) -> datetime:
    """When it expires."""
    expires_at: datetime = await tx.fetchval(
        "insert into sessions (account_id, id, user_id, token_sha256, expires_at, user_agent, address)"
        " values ($1, $2, $3, $4, now() + $5, $6, $7) returning expires_at",
        tx.account,
        session_id,
        user_id,
        token,
        life,
        user_agent,
        address,
    )
    return expires_at


async def list_sessions(tx: ReadOnly, user_id: UUID, *, idle: timedelta) -> list[Session]:
    rows = await tx.fetch(
        "select id, user_id, created_at, last_seen_at, expires_at, user_agent, address from sessions"
        " where account_id = $1 and user_id = $2 and revoked_at is null"
        " and expires_at > now() and last_seen_at > now() - $3::interval order by last_seen_at desc",
        tx.account,
        user_id,
        idle,
    )
    return [Session(**row) for row in rows]


async def touch_session(tx: Transaction, session_id: UUID) -> None:
    await tx.execute(
        "update sessions set last_seen_at = now() where account_id = $1 and id = $2", tx.account, session_id
    )


async def revoke_session(tx: Transaction, user_id: UUID, session_id: UUID) -> bool:
    tag = await tx.execute(
        "update sessions set revoked_at = now()"
        " where account_id = $1 and user_id = $2 and id = $3 and revoked_at is null",
        tx.account,
        user_id,
        session_id,
    )
    return tag == "UPDATE 1"


async def revoke_sessions(tx: Transaction, user_id: UUID) -> None:
    await tx.execute(
        "update sessions set revoked_at = now() where account_id = $1 and user_id = $2 and revoked_at is null",
        tx.account,
        user_id,
    )


async def living(tx: ReadOnly, ids: Sequence[UUID], *, idle: timedelta) -> set[UUID]:
    """Those of the sessions and keys that still open the door."""
    rows = await tx.fetch(
        "select s.id from sessions s join users u on u.account_id = s.account_id and u.id = s.user_id"
        " where s.account_id = $1 and s.id = any($2::uuid[]) and s.revoked_at is null and s.expires_at > now()"
        " and s.last_seen_at > now() - $3::interval and u.disabled_at is null"
        " union all"
        " select k.id from api_keys k join users u on u.account_id = k.account_id and u.id = k.user_id"
        " where k.account_id = $1 and k.id = any($2::uuid[]) and k.revoked_at is null and k.expires_at > now()"
        " and u.disabled_at is null",
        tx.account,
        list(ids),
        idle,
    )
    return {row["id"] for row in rows}


async def add_key(
    tx: Transaction,
    key_id: KeyId,
    user_id: UserId,
    *,
    name: str,
    public_id: str,
    secret: bytes,
    scopes: Sequence[str],
    life: timedelta,
) -> ApiKey:
    row = await tx.fetchrow(
        "insert into api_keys (account_id, id, user_id, name, public_id, secret_sha256, scopes, expires_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, now() + $8)"
        " returning id, user_id, name, public_id, scopes, created_at, expires_at, last_used_at",
        tx.account,
        key_id,
        user_id,
        name,
        public_id,
        secret,
        list(scopes),
        life,
    )
    assert row is not None
    return _to_key(row)


async def list_keys(tx: ReadOnly) -> list[ApiKey]:
    rows = await tx.fetch(
        "select id, user_id, name, public_id, scopes, created_at, expires_at, last_used_at"
        " from api_keys where account_id = $1 and revoked_at is null order by created_at desc, id",
        tx.account,
    )
    return [_to_key(row) for row in rows]


async def find_key_maker(tx: ReadOnly, key_id: UUID) -> UserId | None:
    found = await tx.fetchval(
        "select user_id from api_keys where account_id = $1 and id = $2 and revoked_at is null",
        tx.account,
        key_id,
    )
    return UserId(found) if found else None


async def revoke_key(tx: Transaction, key_id: UUID) -> None:
    await tx.execute("update api_keys set revoked_at = now() where account_id = $1 and id = $2", tx.account, key_id)


async def touch_key(tx: Transaction, key_id: UUID) -> None:
    await tx.execute(
        "update api_keys set last_used_at = now() where account_id = $1 and id = $2"
        " and (last_used_at is null or last_used_at < now() - interval '1 minute')",
        tx.account,
        key_id,
    )


def _to_key(row: asyncpg.Record) -> ApiKey:
    return ApiKey(**{**row, "scopes": tuple(row["scopes"])})
