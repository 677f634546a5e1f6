"""Stored keys of vendors: sealed, shown by their last four, never sent to a new address unseen."""

import pytest

from spadework.accounts.actions import accounts, credentials
from spadework.accounts.types import CredentialKind
from spadework.core.db import Database, Transaction
from spadework.core.errors import InvalidInput, Misconfigured, NotFound, UnknownReference
from spadework.core.ids import AccountId
from spadework.core.secrets import Box

KEY = {"api_key": "hunter-secret-key-9876"}


async def test_a_stored_key_is_read_back_and_shown_by_its_last_four(tx: Transaction, box: Box) -> None:
    shown = await credentials.put_credential(tx, box, "provider", "hunter", KEY, usd_per_credit=0.02)
    assert (shown.last_four, shown.version) == ("9876", 1)
    found = await credentials.read_credential(tx, box, "provider", "hunter")
    assert found is not None
    assert (dict(found.values), found.usd_per_credit) == (KEY, 0.02)
    assert KEY["api_key"] not in str(await credentials.list_credentials(tx)) + str(shown) + repr(found)


@pytest.mark.parametrize(
    ("kind", "name", "values"),
    [("llm", "scripted", {"script_path": "/home/ana/answers.yaml"}), ("provider", "hunter", {"api_key": "short-key"})],
)
async def test_of_a_setting_that_is_no_secret_or_a_short_one_no_end_is_shown(
    tx: Transaction, box: Box, kind: CredentialKind, name: str, values: dict[str, str]
) -> None:
    shown = await credentials.put_credential(tx, box, kind, name, values)
    assert (shown.last_four, [each.last_four for each in await credentials.list_credentials(tx)]) == ("", [""])


async def test_the_row_holds_nothing_of_the_key_but_its_last_four(tx: Transaction, box: Box) -> None:
    await credentials.put_credential(tx, box, "provider", "hunter", KEY)
    row = await tx.fetchrow("select * from credentials")
    assert row is not None
    assert b"secret" not in row["ciphertext"]
    assert "secret" not in str({key: value for key, value in row.items() if key != "ciphertext"})


async def test_a_key_copied_to_another_row_does_not_open(tx: Transaction, box: Box) -> None:
    for name in ("hunter", "apollo"):
        await credentials.put_credential(tx, box, "provider", name, {"api_key": f"key-of-{name}-12345"})
    await tx.execute(
        "update credentials set ciphertext = (select ciphertext from credentials where name = 'hunter')"
        " where name = 'apollo'"
    )
    assert await credentials.read_credential(tx, box, "provider", "hunter") is not None
    with pytest.raises(Misconfigured):
        await credentials.read_credential(tx, box, "provider", "apollo")


async def test_a_key_copied_to_another_account_does_not_open(database: Database, box: Box, account: AccountId) -> None:
    from_account = account
    async with database.transaction(from_account) as tx:
        await credentials.put_credential(tx, box, "provider", "hunter", KEY)
        stolen = await tx.fetchval("select ciphertext from credentials")
    thief = await accounts.create_account(database, box, "Thief")
    async with database.transaction(thief) as tx:
        await credentials.put_credential(tx, box, "provider", "hunter", {"api_key": "something-else-1"})
        await tx.execute("update credentials set ciphertext = $1", stolen)
        with pytest.raises(Misconfigured):
            await credentials.read_credential(tx, box, "provider", "hunter")


async def test_an_earlier_version_put_back_does_not_open(tx: Transaction, box: Box) -> None:
    await credentials.put_credential(tx, box, "provider", "hunter", KEY)
    old = await tx.fetchval("select ciphertext from credentials")
    again = await credentials.put_credential(tx, box, "provider", "hunter", {"api_key": "the-new-key-0000"})
    assert again.version == 2
    await tx.execute("update credentials set ciphertext = $1", old)
    with pytest.raises(Misconfigured):
        await credentials.read_credential(tx, box, "provider", "hunter")


async def test_the_price_changes_without_typing_the_key_again(tx: Transaction, box: Box) -> None:
    await credentials.put_credential(tx, box, "provider", "hunter", KEY)
    await credentials.put_credential(tx, box, "provider", "hunter", {}, usd_per_credit=0.5)
    found = await credentials.read_credential(tx, box, "provider", "hunter")
    assert found is not None
    assert (dict(found.values), found.usd_per_credit) == (KEY, 0.5)


async def test_a_new_address_needs_the_key_again_so_that_nobody_has_it_sent_to_themselves(
    tx: Transaction, box: Box
) -> None:
    await credentials.put_credential(tx, box, "provider", "hunter", KEY)
    with pytest.raises(InvalidInput):
        await credentials.put_credential(tx, box, "provider", "hunter", {}, base_url="https://evil.example.com")
    found = await credentials.read_credential(tx, box, "provider", "hunter")
    assert found is not None
    assert found.base_url is None


@pytest.mark.parametrize(
    "values", [{}, {"api_key": " "}, {"api_key": "two\nlines"}, {"key": "x"}, {"api_key": "k" * 5000}]
)
async def test_values_that_do_not_fit_the_fields_are_refused(tx: Transaction, box: Box, values: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        await credentials.put_credential(tx, box, "provider", "hunter", values)
    assert await credentials.list_credentials(tx) == []


async def test_an_unknown_provider_is_refused_with_those_there_are(tx: Transaction, box: Box) -> None:
    with pytest.raises(UnknownReference, match="hunter"):
        await credentials.put_credential(tx, box, "provider", "hunterr", KEY)


@pytest.mark.parametrize(
    "address", ["llm.example.com", "ftp://example.com", "https://me:pw@example.com", "http://", ""]
)
async def test_an_address_that_cannot_be_one_is_refused(tx: Transaction, box: Box, address: str) -> None:
    with pytest.raises(InvalidInput):
        await credentials.put_credential(tx, box, "llm", "openai", {"api_key": "sk-example-000"}, base_url=address)


@pytest.mark.parametrize(("kind", "name"), [("llm", "openai"), ("llm", "anthropic"), ("provider", "hunter")])
@pytest.mark.parametrize("host", ["169.254.169.254", "2852039166", "[fe80::1]", "[::ffff:169.254.169.254]"])
async def test_no_key_is_stored_for_the_address_of_a_clouds_metadata(
    tx: Transaction, box: Box, kind: CredentialKind, name: str, host: str
) -> None:
    with pytest.raises(InvalidInput, match="metadata service"):
        await credentials.put_credential(
            tx, box, kind, name, {"api_key": "sk-example-000"}, base_url=f"http://{host}/latest"
        )
    assert await credentials.list_credentials(tx) == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.5", "192.168.1.20", "llm.example.com"])
async def test_a_model_of_ones_own_may_live_at_a_private_address(tx: Transaction, box: Box, host: str) -> None:
    url = f"http://{host}:11434/v1"
    stored = await credentials.put_credential(tx, box, "llm", "openai", {"api_key": "sk-example-000"}, base_url=url)
    assert stored.base_url == url


async def test_a_removed_key_is_gone(tx: Transaction, box: Box) -> None:
    await credentials.put_credential(tx, box, "provider", "hunter", KEY)
    await credentials.remove_credential(tx, "provider", "hunter")
    assert await credentials.read_credential(tx, box, "provider", "hunter") is None
    with pytest.raises(NotFound):
        await credentials.remove_credential(tx, "provider", "hunter")


async def test_what_a_test_found_stays_until_the_address_changes(tx: Transaction, box: Box) -> None:
    values = {"api_key": "sk-example-00000"}
    await credentials.put_credential(tx, box, "llm", "openai", values)
    await credentials.remember_features(tx, "llm", "openai", {"usage": "yes"})
    kept = await credentials.put_credential(tx, box, "llm", "openai", values)
    moved = await credentials.put_credential(tx, box, "llm", "openai", values, base_url="https://llm.example.com/v1")
    assert (kept.features, moved.features) == ({"usage": "yes"}, {})
