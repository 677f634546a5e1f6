"""Transactions: what a read sees, and a limit on how long one statement may take."""

import contextlib

import pytest

from spadework.core.db import Database
from spadework.core.errors import Unavailable
from spadework.core.ids import AccountId


async def test_the_questions_of_one_read_see_the_same_moment(database: Database, account: AccountId) -> None:
    name = "select name from accounts where account_id = $1"
    async with database.read(account) as tx:
        before = await tx.fetchval(name, account)
        async with database.transaction(account) as other:
            await other.execute("update accounts set name = 'Renamed' where account_id = $1", account)
        assert await tx.fetchval(name, account) == before
    async with database.read(account) as tx:
        assert await tx.fetchval(name, account) == "Renamed"


@pytest.mark.parametrize("fails", [False, True])
async def test_a_read_that_nobody_waits_for_ends_all_the_same(
    database: Database, account: AccountId, fails: bool
) -> None:
    for _ in range(30):  # more than the pool has connections
        with contextlib.suppress(ZeroDivisionError):
            async with database.read(account) as tx:
                await tx.fetchval("select pg_advisory_xact_lock(hashtextextended($1, 0))", str(account))
                assert not fails or 1 // 0
    async with database.within(60).transaction(account) as tx:
        await tx.fetchval("select pg_advisory_xact_lock(hashtextextended($1, 0))", str(account))


@pytest.mark.parametrize("kind", ["transaction", "read"])
async def test_a_statement_beyond_the_limit_is_broken_off_with_what_to_do(
    database: Database, account: AccountId, kind: str
) -> None:
    with pytest.raises(Unavailable, match="took too long"):
        async with getattr(database.within(0.05), kind)(account) as tx:
            await tx.fetch("select pg_sleep(5)")


async def test_the_limit_holds_without_an_account_too(database: Database) -> None:
    with pytest.raises(Unavailable, match="took too long"):
        async with database.within(0.05).read(None) as tx:
            await tx.fetch("select pg_sleep(5)")


async def test_the_limit_is_that_of_its_own_transactions_alone(database: Database, account: AccountId) -> None:
    async with database.within(15).transaction(account) as tx:
        assert await tx.fetchval("show statement_timeout") == "15s"
    for other in (database, database.within(15).within(None)):
        async with other.transaction(account) as tx:
            assert await tx.fetchval("show statement_timeout") == "0"
