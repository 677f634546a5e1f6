"""API keys: told apart offline, stored as a digest, never more than their maker."""

import re
import zlib
from dataclasses import replace

import pytest

from spadework.accounts import rules
from spadework.accounts.actions import keys, sessions, users
from spadework.accounts.types import Principal, Visitor
from spadework.core.db import Database
from spadework.core.errors import Forbidden, InvalidInput, NotFound
from spadework.core.ids import AccountId
from spadework.core.log import redact
from spadework.core.secrets import Box
from tests.conftest import Person, add_person

HERE = Visitor(address="203.0.113.7")


@pytest.fixture
async def owner(database: Database, box: Box, ana: Person) -> Principal:
    async with database.transaction(ana.account_id) as tx:
        return (await sessions.open_session(tx, box, ana.id, HERE)).principal


async def make(database: Database, by: Principal, *scopes: str) -> str:
    async with database.transaction(by.account_id) as tx:
        _, text = await keys.create_key(tx, name="script", scopes=scopes, by=by)
    return text


def test_a_key_shows_what_it_is_and_ends_in_a_checksum_of_the_rest() -> None:
    text = str(rules.make_key(is_test=False))
    assert re.fullmatch(r"sw_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{36}", text)
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    value = 0
    for character in text[-6:]:
        value = value * 62 + digits.index(character)
    assert value == zlib.crc32(text[:-6].encode())


def test_a_key_with_any_wrong_character_is_told_without_the_database() -> None:
    text = str(rules.make_key(is_test=True))
    assert rules.parse_key(text) is not None
    for place in range(len(text)):
        wrong = text[:place] + ("x" if text[place] != "x" else "y") + text[place + 1 :]
        assert rules.parse_key(wrong) is None
    assert rules.parse_key(text + " ") is None


def test_logs_never_hold_a_key() -> None:
    text = str(rules.make_key(is_test=False))
    assert text not in redact(f"Authorization: Bearer {text}")


async def test_a_key_does_what_its_scopes_allow_and_no_more(database: Database, owner: Principal) -> None:
    text = await make(database, owner, "runs.read", "workbooks.read")
    found = await keys.find_principal_for_key(database, text)
    assert found is not None
    assert (found.kind, found.account_id, found.user_id) == ("key", owner.account_id, owner.user_id)
    assert found.permissions == {"runs.read", "workbooks.read"}


async def test_only_a_digest_of_the_secret_is_stored(database: Database, owner: Principal) -> None:
    text = await make(database, owner, "runs.read")
    parts = rules.parse_key(text)
    assert parts is not None
    async with database.read(owner.account_id) as tx:
        row = await tx.fetchrow("select * from api_keys")
    assert row is not None
    assert row["secret_sha256"] == rules.digest(parts.secret)
    assert parts.secret not in str(dict(row))


async def test_a_key_with_the_right_id_and_another_secret_opens_nothing(database: Database, owner: Principal) -> None:
    parts = rules.parse_key(await make(database, owner, "runs.read"))
    assert parts is not None
    forged = str(replace(parts, secret="A" * 30))
    assert rules.parse_key(forged) is not None
    assert await keys.find_principal_for_key(database, forged) is None


async def test_a_revoked_or_expired_key_opens_nothing(database: Database, owner: Principal) -> None:
    revoked, expired = await make(database, owner, "runs.read"), await make(database, owner, "runs.read")
    async with database.transaction(owner.account_id) as tx:
        by_name = {each.public_id: each.id for each in await keys.list_keys(tx)}
        await keys.revoke_key(tx, by_name[revoked.split("_")[2]], by=owner)
        await tx.execute("update api_keys set expires_at = now() where public_id = $1", expired.split("_")[2])
    assert await keys.find_principal_for_key(database, revoked) is None
    assert await keys.find_principal_for_key(database, expired) is None


async def test_a_key_lives_ninety_days_unless_said_otherwise(database: Database, owner: Principal) -> None:
    async with database.transaction(owner.account_id) as tx:
        key, _ = await keys.create_key(tx, name="script", scopes=["runs.read"], by=owner)
    assert (key.expires_at - key.created_at).days == 90


async def test_last_used_is_written_at_most_once_a_minute(database: Database, owner: Principal) -> None:
    text = await make(database, owner, "runs.read")

    async def last_used() -> object:
        await keys.find_principal_for_key(database, text)
        async with database.read(owner.account_id) as tx:
            return await tx.fetchval("select last_used_at from api_keys")

    first = await last_used()
    assert first is not None
    assert await last_used() == first


@pytest.mark.parametrize("scope", ["plans.approve", "keys.write", "users.write", "runs.resume", "credentials.write"])
async def test_no_key_may_do_what_a_person_must(database: Database, owner: Principal, scope: str) -> None:
    with pytest.raises(Forbidden):
        await make(database, owner, "runs.read", scope)


async def test_a_key_is_never_wider_than_its_maker(
    database: Database, box: Box, account: AccountId, password_hash: str
) -> None:
    bea = await add_person(database, account, "Bea", "viewer", password_hash)
    async with database.transaction(account) as tx:
        viewer = (await sessions.open_session(tx, box, bea.id, HERE)).principal
    with pytest.raises(Forbidden):
        await make(database, viewer, "runs.start")


async def test_a_key_shrinks_with_its_makers_role(
    database: Database, box: Box, account: AccountId, owner: Principal, password_hash: str
) -> None:
    bea = await add_person(database, account, "Bea", "editor", password_hash)
    async with database.transaction(account) as tx:
        editor = (await sessions.open_session(tx, box, bea.id, HERE)).principal
    text = await make(database, editor, "runs.start", "runs.read")
    async with database.transaction(account) as tx:
        await users.update_user(tx, bea.id, role="viewer", by=owner)
    found = await keys.find_principal_for_key(database, text)
    assert found is not None
    assert found.permissions == {"runs.read"}


async def test_an_unknown_scope_or_none_is_refused(database: Database, owner: Principal) -> None:
    for scopes in (["everything"], []):
        with pytest.raises(InvalidInput):
            await make(database, owner, *scopes)


async def test_another_accounts_key_is_not_there_to_revoke(
    database: Database, owner: Principal, box: Box, ana: Person
) -> None:
    await make(database, owner, "runs.read")
    async with database.read(owner.account_id) as tx:
        key = (await keys.list_keys(tx))[0]
    stranger = replace(owner, account_id=AccountId(key.id))
    async with database.transaction(stranger.account_id) as other:
        with pytest.raises(NotFound):
            await keys.revoke_key(other, key.id, by=stranger)


def test_every_permission_a_role_names_is_described_and_unknown_roles_may_nothing() -> None:
    for permissions in rules.all_roles().values():
        assert permissions <= set(rules.all_permissions())
    assert rules.permissions_of("janitor") == frozenset()
    assert set(rules.all_roles()) == {"owner", "admin", "editor", "approver", "viewer", "agent"}
