"""Brings a database up to date: the three restricted roles, then each migration once, forward only."""

import asyncio
import hashlib
import hmac
from dataclasses import dataclass
from importlib import resources
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import asyncpg

from spadework.core.db import translated
from spadework.core.errors import DatabaseUnavailable, Misconfigured

APP_ROLE = "spadework_app"
ENGINE_ROLE = "spadework_engine"
DOOR_ROLE = "spadework_door"
ENGINE_SCHEMA = "dbos"
_LOCK = 0x5AADE
_OLDEST_SERVER = 160000
_RETRY_SECONDS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
_IN_EACH_OTHERS_WAY = (
    asyncpg.InternalServerError,  # "tuple concurrently updated"; the catalogue has no better code for it
    asyncpg.UniqueViolationError,
    asyncpg.DuplicateObjectError,
)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the product's two roles connect: rows under row-level security, and the durable engine's own schema."""

    app: str
    engine: str


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of `migrations/`; its name begins with date and time and is its order."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text; a migration that changed after it ran is refused."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def all_migrations() -> list[Migration]:
    """Every migration this version knows, oldest first."""
    folder = resources.files("spadework.migrations")
    files = sorted((each for each in folder.iterdir() if each.name.endswith(".sql")), key=lambda each: each.name)
    return [Migration(each.name.removesuffix(".sql"), each.read_text("utf-8")) for each in files]


async def bring_up_to_date(admin_dsn: str, *, secret: bytes) -> Addresses:
    """Create what is missing and apply what is new; safe to call from several processes at once.

    The roles' passwords are derived from `secret`, so that every machine with the same key finds them.

    Raises:
        Misconfigured: the server is too old, the role may not do this, or an applied migration changed.
        DatabaseUnavailable: nobody answers.
    """
    try:
        connection = await asyncpg.connect(admin_dsn, timeout=20)
    except (OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, TimeoutError) as error:
        raise DatabaseUnavailable(f"Postgres does not answer ({error}). Check DATABASE_URL.") from error
    except asyncpg.PostgresError as error:
        raise Misconfigured(f"Postgres refused the connection: {error}. Check DATABASE_URL.") from error
    with translated():
        await _bring_up_to_date(connection, secret)
    return addresses(admin_dsn, secret=secret)


async def _bring_up_to_date(connection: asyncpg.Connection, secret: bytes) -> None:
    try:
        if connection.get_server_version().major * 10000 < _OLDEST_SERVER:
            major = connection.get_server_version().major
            raise Misconfigured(
                f"This is Postgres {major}, and Spadework needs 16 or newer. Point DATABASE_URL at one."
            )
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        await _make_roles_in_turn(connection, secret)
        await _apply(connection)
    except asyncpg.InsufficientPrivilegeError as error:
        raise Misconfigured(
            f"The role in DATABASE_URL may not set the database up: {error}. It needs CREATEROLE and CREATE."
        ) from error
    finally:
        await connection.close()


def addresses(admin_dsn: str, *, secret: bytes) -> Addresses:
    """The two roles' URLs on the same server, without touching it."""
    return Addresses(
        app=_as_role(admin_dsn, APP_ROLE, _password(secret, APP_ROLE)),
        engine=_as_role(admin_dsn, ENGINE_ROLE, _password(secret, ENGINE_ROLE)),
    )


async def _make_roles_in_turn(connection: asyncpg.Connection, secret: bytes) -> None:
    # Roles belong to the whole server, and the lock that is held here only to this database: another one of
    # the same server may be set up in the same moment. Each statement may be repeated.
    for wait_seconds in (*_RETRY_SECONDS, None):
        try:
            return await _make_roles(connection, secret)
        except _IN_EACH_OTHERS_WAY:
            if wait_seconds is None:
                raise
            await asyncio.sleep(wait_seconds)


async def _make_roles(connection: asyncpg.Connection, secret: bytes) -> None:
    for role in (APP_ROLE, ENGINE_ROLE):
        password = _password(secret, role)
        exists = await connection.fetchval("select true from pg_roles where rolname = $1", role)
        # Only a superuser may say `nosuperuser` of a role that exists; `db.connect` refuses one that has become powerful.
        verb = f"alter role {role} login" if exists else f"create role {role} login nosuperuser nobypassrls"
        # Roles take no parameters; the password is hexadecimal, so it cannot end the literal.
        await connection.execute(f"{verb} password '{password}'")
    if not await connection.fetchval("select true from pg_roles where rolname = $1", DOOR_ROLE):
        await connection.execute(f"create role {DOOR_ROLE} nologin nosuperuser nobypassrls")
    # Creating objects for a role needs membership in it, except for superusers.
    await connection.execute(f"grant {DOOR_ROLE}, {ENGINE_ROLE} to current_user")
    if not await connection.fetchval("select true from pg_namespace where nspname = $1", ENGINE_SCHEMA):
        await connection.execute(f"create schema {ENGINE_SCHEMA} authorization {ENGINE_ROLE}")
    # The engine's library runs `create schema if not exists`, which needs the right even when it exists.
    database = await connection.fetchval("select quote_ident(current_database())")
    await connection.execute(f"grant create, connect, temporary on database {database} to {ENGINE_ROLE}")


async def _apply(connection: asyncpg.Connection) -> None:
    await connection.execute(
        "create table if not exists schema_migrations"
        " (name text primary key, checksum text not null, applied_at timestamptz not null default now())"
    )
    applied = {row["name"]: row["checksum"] for row in await connection.fetch("select * from schema_migrations")}
    known = all_migrations()
    if unknown := sorted(set(applied) - {each.name for each in known}):
        raise Misconfigured(
            f"The database was brought up to {unknown[-1]} by a newer Spadework. Upgrade this one to use it."
        )
    for migration in known:
        if migration.name in applied:
            if applied[migration.name] != migration.checksum:
                raise Misconfigured(f"Migration {migration.name} changed after it was applied. Restore the file.")
            continue
        async with connection.transaction():
            await connection.execute(migration.sql)
            await connection.execute(
                "insert into schema_migrations (name, checksum) values ($1, $2)",
                migration.name,
                migration.checksum,
            )


def _password(secret: bytes, role: str) -> str:
    return hmac.new(secret, f"database role {role}".encode(), hashlib.sha256).hexdigest()


def _as_role(dsn: str, role: str, password: str) -> str:
    parts = urlsplit(dsn)
    query = [(key, value) for key, value in parse_qsl(parts.query) if key not in ("user", "password")]
    netloc = f"{role}:{quote(password)}@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit((parts.scheme, netloc, parts.path, urlencode(query, safe="/"), ""))
