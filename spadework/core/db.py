"""Postgres: the pool, transactions bound to one account, and the events that wake live pages.

Every transaction carries its account; row-level security answers nothing without one.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from spadework.core.errors import DatabaseUnavailable, Misconfigured, StorageFull, Unavailable
from spadework.core.ids import AccountId

Record = asyncpg.Record
"""One row of an answer, by column name or place."""

EVENTS_CHANNEL = "spadework_events"
RUNS_CHANNEL = "spadework_runs"
_DISK_FULL = "53100"
_BROKEN_OFF = ("40001", "40P01", "25P03")
"""Serialization failure, deadlock, idle too long: nothing of the transaction was kept, and doing it again works."""
_TOOK_TOO_LONG = "57014"
_IDLE_SECONDS = 10
"""A process frozen inside a transaction must not hold its locks until it wakes; less than the death of a worker."""
_RETRY_SECONDS = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0)
_reads_ending: set[asyncio.Task[None]] = set()
"""Held here because the event loop does not keep a task alive by itself."""


class ReadOnly:
    """A read transaction of one account. SQL belongs in stores; values are `$1` parameters, always."""

    def __init__(self, connection: asyncpg.Connection, account_id: AccountId | None) -> None:
        self.connection = connection
        self.account_id = account_id

    async def fetch(self, sql: str, *values: Any) -> list[asyncpg.Record]:
        """All rows."""
        return list(await self.connection.fetch(sql, *values))

    async def fetchrow(self, sql: str, *values: Any) -> asyncpg.Record | None:
        """The first row, None when there is none."""
        return await self.connection.fetchrow(sql, *values)

    async def fetchval(self, sql: str, *values: Any) -> Any:
        """The first column of the first row, None when there is none."""
        return await self.connection.fetchval(sql, *values)

    @property
    def account(self) -> AccountId:
        """The account this transaction acts for; put it in every query although row security checks too."""
        if self.account_id is None:
            raise Misconfigured("This transaction was opened without an account. Open it with `account_id=`.")
        return self.account_id


class Transaction(ReadOnly):
    """A transaction that may write; it commits when the block it was opened in ends without an error."""

    async def execute(self, sql: str, *values: Any) -> str:
        """Run one statement; the status tag such as `UPDATE 3`."""
        return str(await self.connection.execute(sql, *values))

    async def executemany(self, sql: str, values: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each set of values."""
        await self.connection.executemany(sql, values)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A part that may fail without the rest: what it did is undone when it raises."""
        await self.connection.execute("savepoint part")
        try:
            yield
        except BaseException:
            if not self.connection.is_closed():
                await self.connection.execute("rollback to savepoint part")
            raise
        await self.connection.execute("release savepoint part")

    async def notify(self, topic: str, payload: dict[str, Any], *, also: Sequence[str] = ()) -> None:
        """Store one event, under other topics `also`, and wake whoever listens, when this transaction commits.

        Topics are `table:<id>`, `run:<id>`, `runs`, `workbooks`, `spend`, `prompts`, `workflow:<id>`, `workflows`. One
        call per flush, never per cell. A run's steps need none: what is written of them tells itself.
        """
        await self.connection.execute(
            "with stored as (insert into events (account_id, topic, payload)"
            "  select $1, topic, $3 from unnest($2::text[]) as topic returning id)"
            " select pg_notify($4, $5 || ':' || id) from stored",
            self.account,
            [topic, *also],
            payload,
            EVENTS_CHANNEL,
            str(self.account),
        )


class Database:
    """A pool of connections as the restricted role; the only way any code reaches Postgres."""

    def __init__(self, pool: asyncpg.Pool, dsn: str, *, statement_seconds: float | None = None) -> None:
        self._pool = pool
        self.dsn = dsn
        self._statement_seconds = statement_seconds

    def within(self, statement_seconds: float | None) -> "Database":
        """The same pool, for transactions whose statements may each take this long; None sets no limit.

        A statement beyond it is broken off with Unavailable, and its transaction leaves no trace.
        """
        return type(self)(self._pool, self.dsn, statement_seconds=statement_seconds)

    @asynccontextmanager
    async def transaction(self, account_id: AccountId | UUID | None) -> AsyncIterator[Transaction]:
        """One transaction for one account (None only for the narrow doors that find the account).

        Raises:
            DatabaseUnavailable: Postgres cannot be reached, also when the connection breaks inside.
            StorageFull: the disk is full; the transaction left no trace.
        """
        with translated():
            async with self._acquire() as connection:
                await self._begin(connection, "begin", account_id, idle_seconds=_IDLE_SECONDS)
                try:
                    yield Transaction(connection, AccountId(account_id) if account_id else None)
                except BaseException:
                    if not connection.is_closed():
                        await connection.execute("rollback")
                    raise
                await connection.execute("commit")

    @asynccontextmanager
    async def read(self, account_id: AccountId | UUID | None) -> AsyncIterator[ReadOnly]:
        """One read-only transaction, all of whose statements see the same moment; errors as in `transaction`.

        A page is often put together from several questions, and what commits between two of them would not fit.
        There is nothing to keep, so whoever read does not wait for its end.
        """
        with translated():
            connection = await self._take()
            try:
                await self._begin(
                    connection, "begin isolation level repeatable read, read only", account_id, idle_seconds=0
                )
                yield ReadOnly(connection, AccountId(account_id) if account_id else None)
            finally:
                ending = asyncio.create_task(self._end_read(connection))
                _reads_ending.add(ending)
                ending.add_done_callback(_reads_ending.discard)

    @asynccontextmanager
    async def door(self) -> AsyncIterator[ReadOnly]:
        """For the one statement of a narrow door, before the account is known; errors as in `transaction`.

        It is no transaction, which would be two more trips on the way of every request.
        """
        with translated():
            async with self._acquire() as connection:
                yield ReadOnly(connection, None)

    async def _begin(
        self, connection: asyncpg.Connection, begin: str, account_id: AccountId | UUID | None, *, idle_seconds: int
    ) -> None:
        statements = [begin]
        if account_id is not None:
            statements.append(f"set local app.account_id = '{UUID(str(account_id))}'")
            statements.append(f"set local idle_in_transaction_session_timeout = '{idle_seconds}s'")
        if self._statement_seconds is not None:
            statements.append(f"set local statement_timeout = '{round(self._statement_seconds * 1000)}ms'")
        # One message, not one each: most requests are a few small questions, and then the trips are their time.
        await connection.execute("; ".join(statements))

    async def _end_read(self, connection: asyncpg.Connection) -> None:
        # Whoever read has what they asked for; the pool replaces a connection that broke since.
        with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
            try:
                if not connection.is_closed():
                    await connection.execute("rollback")
            finally:
                await self._pool.release(connection)

    @asynccontextmanager
    async def _acquire(self) -> AsyncIterator[asyncpg.Connection]:
        connection = await self._take()
        try:
            yield connection
        finally:
            await self._pool.release(connection)

    async def _take(self) -> asyncpg.Connection:
        for wait_seconds in (*_RETRY_SECONDS, None):
            try:
                return await self._pool.acquire(timeout=15)
            except TimeoutError as error:
                raise DatabaseUnavailable(
                    "Postgres gave no connection within 15 s. It may be starting or overloaded; try again."
                ) from error
            except (
                OSError,
                asyncpg.CannotConnectNowError,
                asyncpg.InterfaceError,
                asyncpg.InternalClientError,
                asyncpg.ConnectionDoesNotExistError,
            ):
                if wait_seconds is None:
                    raise
                await asyncio.sleep(wait_seconds)
        raise AssertionError("the last try returns or raises")

    async def listen(self, channel: str) -> AsyncIterator[str]:
        """Payloads notified on the channel, for ever; an empty text after each reconnect, to look anew."""
        while True:
            queue: asyncio.Queue[str | None] = asyncio.Queue()
            try:
                connection = await asyncpg.connect(self.dsn, timeout=10)
            except (OSError, asyncpg.PostgresError):
                await asyncio.sleep(0.5)
                continue
            connection.add_termination_listener(lambda _, queue=queue: queue.put_nowait(None))
            try:
                await connection.add_listener(channel, lambda *args, queue=queue: queue.put_nowait(args[3]))
                yield ""
                while (payload := await queue.get()) is not None:
                    yield payload
            except (OSError, asyncpg.PostgresError):
                await asyncio.sleep(0.2)
            finally:
                if not connection.is_closed():
                    await connection.close(timeout=2)

    async def close(self) -> None:
        """Close every connection; transactions under way are given a moment to end."""
        try:
            await asyncio.wait_for(self._pool.close(), 5)
        except TimeoutError:
            self._pool.terminate()


async def connect(dsn: str, *, min_size: int = 1, max_size: int = 12) -> Database:
    """A pool as the restricted role.

    Raises:
        Misconfigured: the role could see past row-level security; start-up must stop.
        DatabaseUnavailable: nobody answers at the address.
    """
    with translated():
        pool = await asyncpg.create_pool(
            dsn, min_size=min_size, max_size=max_size, init=prepare, timeout=15, command_timeout=120,
            max_inactive_connection_lifetime=300, statement_cache_size=200, reset=_nothing_to_reset,
            # Tables grow from nothing to millions of rows while a connection lives, and a plan kept from the
            # beginning would read them whole.
            server_settings={"application_name": "spadework", "plan_cache_mode": "force_custom_plan"},
        )  # fmt: skip
        assert pool is not None
        async with pool.acquire() as connection:
            await _refuse_powerful_role(connection)
    return Database(pool, dsn)


async def prepare(connection: asyncpg.Connection) -> None:
    """Teach a connection our JSON: jsonb values are Python values in both directions."""
    for name in ("jsonb", "json"):
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=_to_json, decoder=orjson.loads, format="text"
        )


async def _nothing_to_reset(_: asyncpg.Connection) -> None:
    # Every setting is local to its transaction and nothing listens here, so the usual round trip buys nothing.
    return None


class RawJson(str):
    """Text that is JSON already, so that a large reply is not parsed and written again."""

    __slots__ = ()


def json_array(values: Iterable[Any]) -> list[RawJson | None]:
    """Values as JSON for a `text[]` or `jsonb[]` parameter; None is SQL's null.

    As `text[]`, cast in the statement, they cost the driver a third. A list inside a list would reach Postgres as one
    more dimension.
    """
    return [
        each if each is None or (type(each) is RawJson and "\\u0000" not in each) else RawJson(_to_json(each))
        for each in values
    ]


def _to_json(value: Any) -> str:
    if type(value) is RawJson:
        return value.replace("\\u0000", "\N{REPLACEMENT CHARACTER}") if "\\u0000" in value else value
    return orjson.dumps(value, default=str).decode().replace("\\u0000", "�")


async def _refuse_powerful_role(connection: asyncpg.Connection) -> None:
    role = await connection.fetchrow(
        "select rolname, rolsuper or rolbypassrls as is_powerful,"
        " exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        "  where n.nspname = 'public' and c.relkind in ('r', 'p') and pg_has_role(session_user, c.relowner, 'usage'))"
        " as owns_tables from pg_roles where rolname = session_user"
    )
    if role is None or role["is_powerful"] or role["owns_tables"]:
        name = role["rolname"] if role else "unknown"
        raise Misconfigured(
            f"The database role {name!r} could see past row-level security, so Spadework does not start with it. "
            "Use a role that is neither superuser, BYPASSRLS nor owner of the tables."
        )


class translated:
    """Turns driver errors into ours, so that callers above never import the driver."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, asyncpg.PostgresError) and error.sqlstate == _DISK_FULL:
            raise StorageFull(
                "The disk of the database is full. Nothing was lost; make room and the work goes on."
            ) from error
        if isinstance(error, asyncpg.PostgresError) and error.sqlstate in _BROKEN_OFF:
            raise DatabaseUnavailable(
                "Postgres broke off a transaction that stood in the way of another. Nothing of it was kept; try again."
            ) from error
        # The driver's own confusion (InternalClientError) is what a connection cut in mid-message looks like.
        if isinstance(error, asyncpg.PostgresError) and error.sqlstate == _TOOK_TOO_LONG:
            raise Unavailable(
                "The database took too long over this and was stopped. Nothing was changed; ask for less at once, or"
                " try again later."
            ) from error
        unreachable = (
            asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, asyncpg.AdminShutdownError,
            asyncpg.CrashShutdownError, asyncpg.InterfaceError, asyncpg.InternalClientError,
            asyncpg.TooManyConnectionsError, ConnectionError,
        )  # fmt: skip
        if isinstance(error, unreachable) or (isinstance(error, OSError) and not isinstance(error, TimeoutError)):
            raise DatabaseUnavailable(
                "Postgres cannot be reached. It may be restarting; try again, or run `spadework up`."
            ) from error
