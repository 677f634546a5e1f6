"""Clients of an account."""

import pytest

from spadework.accounts.actions import accounts
from spadework.clients import actions as clients
from spadework.core.db import Database, Transaction
from spadework.core.errors import Conflict, InvalidInput, NotFound, UnknownReference
from spadework.core.ids import new_id
from spadework.core.secrets import Box


async def test_a_new_client_is_stored_as_given_with_a_tidy_name_and_domain(tx: Transaction) -> None:
    made = await clients.create(tx, "  Example   Robotics ", domain="https://www.Example.com/about", llm="openai")
    assert (made.name, made.domain, made.llm, made.model) == ("Example Robotics", "example.com", "openai", None)
    assert await clients.get(tx, made.id) == made


@pytest.mark.parametrize(
    ("text", "domain"),
    [("", None), (None, None), ("shop.example.com", "shop.example.com"), ("bücher.example", "xn--bcher-kva.example")],
)
async def test_a_domain_is_taken_in_the_forms_people_paste(
    tx: Transaction, text: str | None, domain: str | None
) -> None:
    assert (await clients.create(tx, "Example", domain=text)).domain == domain


@pytest.mark.parametrize(
    "text", ["no domain", "example", "exa_mple.com", "-a.example.com", "a" * 64 + ".com", "..", "@"]
)
async def test_what_is_no_domain_is_refused(tx: Transaction, text: str) -> None:
    with pytest.raises(InvalidInput):
        await clients.create(tx, "Example", domain=text)


async def test_a_name_is_taken_once_whatever_its_case_until_the_client_is_archived(tx: Transaction) -> None:
    first = await clients.create(tx, "Example")
    with pytest.raises(Conflict):
        await clients.create(tx, "EXAMPLE")
    await clients.archive(tx, first.id)
    await clients.create(tx, "EXAMPLE")


async def test_renaming_to_a_taken_name_is_refused_and_to_its_own_is_not(tx: Transaction) -> None:
    await clients.create(tx, "First")
    second = await clients.create(tx, "Second")
    with pytest.raises(Conflict):
        await clients.update(tx, second.id, name="first")
    assert (await clients.update(tx, second.id, name="SECOND")).name == "SECOND"


async def test_only_what_is_given_changes_and_none_empties(tx: Transaction) -> None:
    made = await clients.create(tx, "Example", domain="example.com", llm="openai", model="some-model")
    changed = await clients.update(tx, made.id, model=None)
    assert (changed.domain, changed.llm, changed.model) == ("example.com", "openai", None)
    assert await clients.get(tx, made.id) == changed


async def test_an_unknown_language_model_is_refused(tx: Transaction) -> None:
    with pytest.raises(UnknownReference):
        await clients.create(tx, "Example", llm="hal9000")


async def test_an_archived_client_leaves_the_list_and_stays_readable(tx: Transaction) -> None:
    made = await clients.create(tx, "Example")
    await clients.archive(tx, made.id)
    await clients.archive(tx, made.id)
    assert (await clients.list_clients(tx)).clients == []
    assert (await clients.get(tx, made.id)).archived_at is not None


async def test_pages_follow_each_other_without_gap_or_repeat(tx: Transaction) -> None:
    made = sorted([await clients.create(tx, f"Client {each}") for each in range(5)], key=lambda each: each.id)
    seen, cursor = [], None
    for _ in range(3):
        page = await clients.list_clients(tx, limit=2, cursor=cursor)
        seen += page.clients
        cursor = page.next_cursor
    assert (seen, cursor) == (made, None)
    with pytest.raises(InvalidInput):
        await clients.list_clients(tx, cursor="nonsense")


async def test_another_accounts_client_is_not_there(database: Database, box: Box, tx: Transaction) -> None:
    other = await accounts.create_account(database, box, "Other")
    async with database.transaction(other) as theirs:
        made = await clients.create(theirs, "Example")
    for missing in (made.id, new_id()):
        with pytest.raises(NotFound) as caught:
            await clients.get(tx, missing)
        assert caught.value.message == "There is no such client in this account."
        with pytest.raises(NotFound):
            await clients.archive(tx, missing)
