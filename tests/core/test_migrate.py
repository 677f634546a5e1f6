"""Setting a database up that is not ours: by an ordinary role, by several processes, or not at all and why."""

import asyncio
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from spadework.core import db, migrate, postgres
from spadework.core.errors import DatabaseUnavailable, Misconfigured
from spadework.core.postgres import Server

SECRET = bytes(range(32))
FAST = {"fsync": "off", "shared_buffers": "16MB"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of its own: roles belong to the whole server, and here nobody has made ours yet."""
    with TemporaryDirectory(prefix="spadework-test-") as folder:
        Path(folder).chmod(0o711)  # root's server runs as another user, who must pass through
        home = Path(folder) / "home"
        yield postgres.start(home, settings=FAST)
        postgres.stop(home, mode="immediate")


@asynccontextmanager
async def new_database(server: Server, role_options: str) -> AsyncIterator[str]:
    """The address of an empty database owned by a new role with these options; both are gone afterwards."""
    admin = await asyncpg.connect(server.dsn())
    try:
        await admin.execute(f"create role host login password 'host' {role_options}")
        await admin.execute("create database hosted owner host")
        yield server.dsn("hosted", "host", "host")
    finally:
        await admin.execute("drop database if exists hosted with (force)")
        for role in (migrate.APP_ROLE, migrate.ENGINE_ROLE, migrate.DOOR_ROLE, "host"):
            await admin.execute(f"drop role if exists {role}")
        await admin.close()


async def test_an_ordinary_role_that_may_create_roles_sets_a_hosted_database_up(server: Server) -> None:
    async with new_database(server, "createrole") as address:
        made = await migrate.bring_up_to_date(address, secret=SECRET)
        assert await migrate.bring_up_to_date(address, secret=SECRET) == made
        database = await db.connect(made.app)
        async with database.read(None) as tx:
            assert await tx.fetchval("select count(*) from accounts") == 0
        await database.close()


async def test_processes_that_set_up_at_once_apply_each_migration_once(server: Server) -> None:
    async with new_database(server, "createrole") as address:
        await asyncio.gather(*(migrate.bring_up_to_date(address, secret=SECRET) for _ in range(4)))
        connection = await asyncpg.connect(address)
        applied = [row["name"] for row in await connection.fetch("select name from schema_migrations order by name")]
        await connection.close()
        assert applied == [each.name for each in migrate.all_migrations()]


async def test_databases_of_one_server_may_be_set_up_and_started_at_once(server: Server) -> None:
    async with new_database(server, "createrole createdb") as first:
        names = ["hosted_2", "hosted_3"]
        admin = await asyncpg.connect(server.dsn())
        for each in names:
            await admin.execute(f"create database {each} owner host")
        try:
            all_of_them = [first, *(server.dsn(each, "host", "host") for each in names)]
            for _ in range(4):
                await asyncio.gather(*(migrate.bring_up_to_date(each, secret=SECRET) for each in all_of_them))
        finally:
            for each in names:
                await admin.execute(f"drop database {each} with (force)")
            await admin.close()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("update schema_migrations set checksum = 'x'", "changed after it was applied"),
        ("insert into schema_migrations (name, checksum) values ('29991231_2359_later', 'x')", "by a newer Spadework"),
    ],
)
async def test_a_database_that_another_version_made_is_left_alone(server: Server, change: str, says: str) -> None:
    async with new_database(server, "createrole") as address:
        await migrate.bring_up_to_date(address, secret=SECRET)
        connection = await asyncpg.connect(address)
        await connection.execute(change)
        await connection.close()
        with pytest.raises(Misconfigured, match=says):
            await migrate.bring_up_to_date(address, secret=SECRET)


async def test_a_role_that_may_not_create_roles_is_told_what_it_needs(server: Server) -> None:
    async with new_database(server, "nocreaterole") as address:
        with pytest.raises(Misconfigured, match="needs CREATEROLE and CREATE"):
            await migrate.bring_up_to_date(address, secret=SECRET)


async def test_a_wrong_password_and_an_address_where_nobody_answers_name_the_setting(server: Server) -> None:
    with pytest.raises(Misconfigured, match="Check DATABASE_URL"):
        await migrate.bring_up_to_date(server.dsn(password="wrong"), secret=SECRET)
    with pytest.raises(DatabaseUnavailable, match="Check DATABASE_URL"):
        await migrate.bring_up_to_date("postgresql://postgres@127.0.0.1:1/spadework", secret=SECRET)


@pytest.mark.parametrize("version", ["15.14", "9.6.24"])
async def test_a_postgres_older_than_16_is_refused_before_anything_is_asked_of_it(version: str) -> None:
    asked: asyncio.Queue[bytes] = asyncio.Queue()

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The beginning of a connection, postgresql.org/docs/16/protocol-flow.html: it may ask for encryption
        # first; then "you are in", the server's version, and "ready".
        (size,) = struct.unpack("!i", await reader.readexactly(4))
        if struct.unpack("!i", (await reader.readexactly(size - 4))[:4])[0] == 80877103:
            writer.write(b"N")
            (size,) = struct.unpack("!i", await reader.readexactly(4))
            await reader.readexactly(size - 4)
        setting = b"server_version\0" + version.encode() + b"\0"
        writer.write(_message(b"R", struct.pack("!i", 0)) + _message(b"S", setting) + _message(b"Z", b"I"))
        asked.put_nowait((await reader.read(100))[:1])
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as old:
        port = old.sockets[0].getsockname()[1]
        with pytest.raises(Misconfigured, match=rf"Postgres {version.split('.', maxsplit=1)[0]}.* needs 16 or newer"):
            await migrate.bring_up_to_date(f"postgresql://postgres@127.0.0.1:{port}/spadework", secret=SECRET)
        assert (await asked.get(), asked.empty()) == (b"X", True)  # only the goodbye


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body
