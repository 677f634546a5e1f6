"""Row security: what the catalogue must look like, and that neither layer leaks without the other."""

import asyncio
import contextlib
import random
import re
from collections.abc import AsyncIterator

import asyncpg
import pytest

from spadework.accounts.actions import accounts
from spadework.clients import actions as clients
from spadework.core import db
from spadework.core.db import Database, Transaction
from spadework.core.errors import Misconfigured
from spadework.core.ids import AccountId
from spadework.core.secrets import Box
from tests.conftest import Addresses

# Each with the reason why it holds nothing of a tenant.
NOT_TENANT_DATA = {
    "schema_migrations": "names of our own files",
    "workers": "which processes live",
    "sign_in_attempts": "counted before any account is known, under a keyed fingerprint",
}

TENANT_TABLES = """
    select c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relispartition, c.relkind
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p')
"""


@pytest.fixture(scope="module")
async def catalogue(addresses: Addresses) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(addresses.admin)
    yield connection
    await connection.close()


async def names(catalogue: asyncpg.Connection, sql: str) -> set[str]:
    return {row[0] for row in await catalogue.fetch(sql)}


async def test_every_view_and_each_of_its_columns_says_what_it_means(catalogue: asyncpg.Connection) -> None:
    silent = await names(
        catalogue,
        "select c.relname || coalesce('.' || a.attname, '') from pg_class c"
        " join pg_namespace n on n.oid = c.relnamespace cross join lateral (select null::name as attname, 0 as attnum"
        "  union all select attname, attnum from pg_attribute where attrelid = c.oid and attnum > 0) a"
        " where n.nspname = 'public' and c.relkind = 'v' and coalesce(case when a.attnum = 0"
        "  then obj_description(c.oid, 'pg_class') else col_description(c.oid, a.attnum) end, '') = ''",
    )
    assert silent == set()


async def test_every_table_has_an_account_except_those_that_hold_nothing_of_a_tenant(
    catalogue: asyncpg.Connection,
) -> None:
    without = await names(
        catalogue,
        f"select relname from ({TENANT_TABLES}) t where not exists (select from pg_attribute a"
        " where a.attrelid = t.oid and a.attname = 'account_id' and a.attnotnull and not a.attisdropped)",
    )
    assert without == set(NOT_TENANT_DATA)


async def test_row_security_is_on_and_forced_for_every_table_and_partition(catalogue: asyncpg.Connection) -> None:
    open_tables = await names(
        catalogue, f"select relname from ({TENANT_TABLES}) t where not (relrowsecurity and relforcerowsecurity)"
    )
    assert open_tables == set(NOT_TENANT_DATA)


async def test_every_table_has_one_policy_for_all_commands_that_checks_reads_and_writes(
    catalogue: asyncpg.Connection,
) -> None:
    lacking = await names(
        catalogue,
        f"select relname from ({TENANT_TABLES}) t where relrowsecurity and not exists (select from pg_policy p"
        " where p.polrelid = t.oid and p.polcmd = '*' and p.polqual is not null and p.polwithcheck is not null"
        " and pg_get_expr(p.polqual, p.polrelid) like '%account_id = %NULLIF(current_setting(''app.account_id''%')",
    )
    assert lacking == set()


async def test_every_further_policy_is_for_the_door_role_and_reads_only(catalogue: asyncpg.Connection) -> None:
    odd = await names(
        catalogue,
        "select p.polrelid::regclass::text from pg_policy p where p.polname <> 'own_account' and not"
        " (p.polcmd = 'r' and p.polroles = array[(select oid from pg_roles where rolname = 'spadework_door')])",
    )
    assert odd == set()


async def test_every_view_asks_as_its_reader(catalogue: asyncpg.Connection) -> None:
    owners_eyes = await names(
        catalogue,
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public'"
        " and (c.relkind = 'm' or c.relkind = 'v' and not coalesce(c.reloptions @> '{security_invoker=true}', false))",
    )
    assert owners_eyes == set()


async def test_every_primary_and_unique_key_begins_with_the_account(catalogue: asyncpg.Connection) -> None:
    oracles = await names(
        catalogue,
        "select i.indexrelid::regclass::text from pg_index i join pg_class c on c.oid = i.indrelid"
        " join pg_namespace n on n.oid = c.relnamespace"
        " left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]"
        " where n.nspname = 'public' and i.indisunique and a.attname is distinct from 'account_id'",
    )
    assert oracles == {"schema_migrations_pkey", "workers_pkey"}


async def test_every_foreign_key_begins_with_the_account_on_both_sides(catalogue: asyncpg.Connection) -> None:
    crossing = await names(
        catalogue,
        "select k.conname from pg_constraint k join pg_namespace n on n.oid = k.connamespace"
        " join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]"
        " join pg_attribute b on b.attrelid = k.confrelid and b.attnum = k.confkey[1]"
        " where n.nspname = 'public' and k.contype = 'f' and (a.attname, b.attname) <> ('account_id', 'account_id')",
    )
    assert crossing == set()


async def test_the_app_role_has_no_power_and_owns_nothing(catalogue: asyncpg.Connection) -> None:
    role = await catalogue.fetchrow(
        "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication from pg_roles"
        " where rolname = 'spadework_app'"
    )
    assert role is not None
    assert not any(role.values())
    owned = await catalogue.fetchval(
        "select count(*) from pg_class where pg_has_role('spadework_app', relowner, 'usage')"
    )
    assert owned == 0
    assert not await catalogue.fetchval("select has_schema_privilege('spadework_app', 'public', 'create')")


async def test_the_app_role_may_neither_truncate_nor_reference_nor_trigger(catalogue: asyncpg.Connection) -> None:
    wide = await names(
        catalogue,
        "select t.relname || ' ' || privilege from (" + TENANT_TABLES + ") t,"
        " unnest(array['truncate', 'references', 'trigger']) privilege"
        " where has_table_privilege('spadework_app', t.oid, privilege)",
    )
    assert wide == set()


async def test_the_app_role_reads_and_changes_partitions_through_their_parent_only(
    catalogue: asyncpg.Connection,
) -> None:
    direct = await names(
        catalogue,
        f"select relname from ({TENANT_TABLES}) t where relispartition"
        " and has_table_privilege('spadework_app', oid, 'select, update, delete')",
    )
    partitions = await catalogue.fetchval(f"select count(*) from ({TENANT_TABLES}) t where relispartition")
    assert (direct, partitions > 0) == (set(), True)


async def test_an_import_straight_into_a_partition_cannot_write_for_another_account(
    database: Database, account: AccountId, other: AccountId
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction(account) as tx:
            await tx.execute(
                "insert into rows_0 (account_id, table_id, row_id) values ($1, gen_random_uuid(), 1)", other
            )


async def test_an_import_straight_into_a_partition_cannot_put_a_row_where_its_table_is_not_looked_for(
    tx: Transaction,
) -> None:
    took = []
    for number in range(16):
        with contextlib.suppress(asyncpg.CheckViolationError):
            async with tx.savepoint():
                await tx.execute(
                    f"insert into rows_{number} (account_id, table_id, row_id)"
                    " values ($1, '00000000-0000-4000-8000-000000000001', 1)",
                    tx.account,
                )
            took.append(number)
    assert len(took) == 1


async def test_every_door_is_pinned_to_its_search_path_and_owned_by_the_door_role(
    catalogue: asyncpg.Connection,
) -> None:
    doors = await catalogue.fetch(
        "select p.proname, r.rolname, p.proconfig, has_function_privilege('public', p.oid, 'execute') as is_public"
        " from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_roles r on r.oid = p.proowner"
        " where n.nspname = 'public' and p.prosecdef"
    )
    assert len(doors) >= 9
    for door in doors:
        assert (door["rolname"], door["is_public"]) == ("spadework_door", False), door["proname"]
        assert "search_path=public, pg_temp" in door["proconfig"], door["proname"]
        assert set(door["proconfig"]) <= {"search_path=public, pg_temp", "plan_cache_mode=auto"}, door["proname"]


async def test_a_role_that_could_see_past_row_security_stops_the_start(addresses: Addresses) -> None:
    with pytest.raises(Misconfigured, match="could see past row-level security"):
        await db.connect(addresses.admin)


async def test_a_role_that_owns_a_table_stops_the_start(addresses: Addresses, catalogue: asyncpg.Connection) -> None:
    database = await catalogue.fetchval("select current_database()")
    role = f"owner_of_{database}"
    await catalogue.execute(f"create role {role} login password 'abc' nosuperuser nobypassrls")
    await catalogue.execute("create table owned_by_role (account_id uuid primary key)")
    try:
        await catalogue.execute(f"alter table owned_by_role owner to {role}")
        dsn = re.sub(r"//[^@]*@", f"//{role}:abc@", addresses.admin)
        with pytest.raises(Misconfigured, match="nor owner"):
            await db.connect(dsn)
    finally:
        await catalogue.execute("drop table owned_by_role")
        await catalogue.execute(f"drop role {role}")


@pytest.fixture
async def other(database: Database, box: Box) -> AccountId:
    return await accounts.create_account(database, box, "Other Agency")


async def test_row_security_alone_shows_each_account_its_own_rows(
    database: Database, account: AccountId, other: AccountId
) -> None:
    for each in (account, other):
        async with database.transaction(each) as tx:
            await clients.create(tx, "Same name in both")
    for each in (account, other):
        async with database.read(each) as tx:
            rows = await tx.fetch("select account_id from clients")
            assert [row["account_id"] for row in rows] == [each]
            assert await tx.fetchval("select count(*) from accounts") == 1


async def test_row_security_alone_refuses_to_write_for_another_account(
    database: Database, account: AccountId, other: AccountId
) -> None:
    async with database.transaction(other) as tx:
        theirs = await clients.create(tx, "Example")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction(account) as tx:
            await tx.execute("insert into clients (account_id, id, name) values ($1, $2, 'x')", other, theirs.id)
    async with database.transaction(account) as tx:
        assert await tx.execute("update clients set name = 'taken' where id = $1", theirs.id) == "UPDATE 0"
        assert await tx.execute("delete from clients where id = $1", theirs.id) == "DELETE 0"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction(account) as tx:
            mine = await clients.create(tx, "Mine")
            await tx.execute("update clients set account_id = $1 where id = $2", other, mine.id)


async def test_a_row_cannot_point_at_another_accounts_row(
    database: Database, account: AccountId, other: AccountId
) -> None:
    async with database.transaction(other) as tx:
        theirs = await clients.create(tx, "Example")
    messages = set()
    for client_id in (theirs.id, account):  # another account's client, and an id that is no client at all
        with pytest.raises(asyncpg.ForeignKeyViolationError) as caught:
            async with database.transaction(account) as tx:
                await tx.execute(
                    "insert into workbooks (account_id, id, client_id, name) values ($1, gen_random_uuid(), $2, 'x')",
                    account,
                    client_id,
                )
        messages.add(caught.value.message)
    assert len(messages) == 1


async def test_the_stores_alone_hold_without_row_security(
    addresses: Addresses, account: AccountId, other: AccountId
) -> None:
    pool = await asyncpg.create_pool(addresses.admin, init=db.prepare, min_size=1, max_size=1)
    blind = Database(pool, addresses.admin)  # a superuser's: row security does not apply
    try:
        async with blind.transaction(other) as tx:
            theirs = await clients.create(tx, "Example")
        async with blind.read(account) as tx:
            assert await tx.fetchval("select count(*) > 1 from accounts")
            assert (await clients.list_clients(tx)).clients == []
            assert (await accounts.get_account(tx)).id == account
        async with blind.transaction(account) as tx:
            for act in (clients.get(tx, theirs.id), clients.archive(tx, theirs.id)):
                with pytest.raises(Exception, match="no such client"):
                    await act
    finally:
        await blind.close()


async def test_a_worker_that_forgot_the_account_gets_no_rows_and_writes_none(
    database: Database, account: AccountId
) -> None:
    async with database.transaction(account) as tx:
        await clients.create(tx, "Example")
    async with database.transaction(None) as tx:
        for table in ("accounts", "users", "clients", "runs", "tables", "rows", "cell_state", "calls", "events"):
            assert await tx.fetchval(f"select count(*) from {table}") == 0, table
        with pytest.raises(Misconfigured):
            _ = tx.account
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction(None) as tx:
            await tx.execute("insert into clients (account_id, id, name) values ($1, gen_random_uuid(), 'x')", account)


async def test_two_accounts_alternating_over_two_connections_never_see_each_other(
    addresses: Addresses, account: AccountId, other: AccountId
) -> None:
    pool = await db.connect(addresses.app, min_size=2, max_size=2)
    random_choice = random.Random(7)
    wrong: list[object] = []

    async def ask(owner: AccountId, fate: str) -> None:
        try:
            async with pool.transaction(owner) as tx:
                wrong.extend(r["account_id"] for r in await tx.fetch("select * from accounts") if r[0] != owner)
                if fate == "error":
                    await tx.execute("select 1 / 0")
                if fate == "abort":
                    await tx.execute("select pg_sleep(5)")
        except asyncpg.DivisionByZeroError:
            pass

    async def forget_account() -> None:
        async with pool.transaction(None) as tx:
            wrong.extend(await tx.fetch("select * from accounts"))

    async def client(number: int) -> None:
        for each in range(2_500):
            owner = (account, other)[(number + each) % 2]
            fate = random_choice.choices(("good", "error", "abort", "nobody"), (90, 6, 1, 3))[0]
            if fate == "nobody":
                await forget_account()
            elif fate == "abort":
                task = asyncio.create_task(ask(owner, fate))
                await asyncio.sleep(0.001)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            else:
                await ask(owner, fate)

    try:
        await asyncio.gather(*(client(number) for number in range(4)))
    finally:
        await pool.close()
    assert wrong == []
