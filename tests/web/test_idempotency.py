"""The same request with the same key acts once; everything else with that key is refused."""

import asyncio
from collections import Counter

import httpx2
import pytest

from spadework.app import App
from spadework.core.ids import new_id
from spadework.web import main as web
from tests.conftest import Person, add_person, browser, sign_in

BODY = {"name": "Example"}


async def create(client: httpx2.AsyncClient, key: str, body: dict[str, str] = BODY) -> httpx2.Response:
    return await client.post("/v3/clients", json=body, headers={"Idempotency-Key": key})


async def count(client: httpx2.AsyncClient) -> int:
    return len((await client.get("/v3/clients")).json()["data"])


async def test_a_repeat_gets_the_first_answer_and_does_nothing(client: httpx2.AsyncClient) -> None:
    first, second = await create(client, "k"), await create(client, "k")
    assert (first.status_code, first.headers.get("idempotent-replayed")) == (201, None)
    assert (second.status_code, second.headers["idempotent-replayed"]) == (201, "true")
    assert second.json() == first.json()
    assert await count(client) == 1


async def test_a_hundred_at_once_have_one_effect(client: httpx2.AsyncClient) -> None:
    answers = await asyncio.gather(*(create(client, "k") for _ in range(100)))
    kinds = Counter(
        "original" if each.status_code == 201 and "idempotent-replayed" not in each.headers
        else "replayed" if each.status_code == 201 else str(each.status_code)
        for each in answers
    )  # fmt: skip
    assert kinds["original"] == 1
    assert kinds["replayed"] + kinds["409"] == 99
    assert all(each.headers["retry-after"] == "1" for each in answers if each.status_code == 409)
    assert await count(client) == 1


async def test_another_body_under_the_same_key_is_refused(client: httpx2.AsyncClient) -> None:
    await create(client, "k")
    assert (await create(client, "k", {"name": "Another"})).status_code == 422
    assert await count(client) == 1


async def test_a_refused_request_leaves_the_key_free(client: httpx2.AsyncClient) -> None:
    await create(client, "first")
    assert (await create(client, "k")).status_code == 409  # the name is taken
    assert (await create(client, "k", {"nome": "Example"})).status_code == 422
    assert (await create(client, "k", {"name": "Another"})).status_code == 201


async def test_the_key_belongs_to_one_caller_and_one_address(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    made = (await create(client, "k")).json()
    theirs = await create(stranger, "k")
    assert theirs.json()["id"] != made["id"]
    assert "idempotent-replayed" not in theirs.headers
    changed = await client.patch(f"/v3/clients/{made['id']}", json=BODY, headers={"Idempotency-Key": "k"})
    assert (changed.status_code, "idempotent-replayed" in changed.headers) == (200, False)


async def test_a_request_that_broke_off_is_never_repeated_by_itself(
    client: httpx2.AsyncClient, app: App, ana: Person
) -> None:
    await create(client, "k")
    async with app.database.transaction(ana.account_id) as tx:
        await tx.execute("update idempotency_keys set status = null, created_at = now() - interval '3 minutes'")
    answer = await create(client, "k")
    assert (answer.status_code, "may have had its effect" in answer.text) == (409, True)
    assert await count(client) == 1


async def test_what_may_spend_needs_a_key(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/v3/credentials/llm/scripted/test", json={})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "idempotency_key_required")


@pytest.mark.parametrize("key", ["", "two words", "x" * 201])
async def test_a_key_that_is_none_is_refused(client: httpx2.AsyncClient, key: str) -> None:
    assert (await create(client, key)).status_code == 422


async def test_a_new_api_key_is_neither_stored_nor_shown_again(
    client: httpx2.AsyncClient, app: App, ana: Person
) -> None:
    async def make() -> httpx2.Response:
        body = {"name": "script", "scopes": ["runs.read"]}
        return await client.post("/v3/api-keys", json=body, headers={"Idempotency-Key": "k"})

    first, second = (await make()).json(), (await make()).json()
    assert first["key"].startswith(f"{first['prefix']}_") and first["prefix"].startswith("sw_live_")
    assert second == {**first, "key": None}
    async with app.database.read(ana.account_id) as tx:
        assert first["key"] not in await tx.fetchval("select response::text from idempotency_keys")


async def test_two_people_of_one_account_may_use_the_same_key(
    client: httpx2.AsyncClient, site: web.Site, app: App, ana: Person, password_hash: str
) -> None:
    bea = await add_person(app.database, ana.account_id, "Bea", "editor", password_hash)
    await create(client, "k")
    async with browser(site, await sign_in(app, bea)) as hers:
        assert (await create(hers, "k", {"name": f"Other {new_id()}"})).status_code == 201
