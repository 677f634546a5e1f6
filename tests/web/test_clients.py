"""Clients through the web, with what they cost and may cost."""

import httpx2

from spadework.app import App
from spadework.core.ids import new_id
from tests.conftest import Person


async def test_a_new_client_is_listed_with_its_budget_and_counts(
    client: httpx2.AsyncClient, app: App, ana: Person
) -> None:
    body = {"name": "Example Robotics", "domain": "www.example.com", "budget_micro_usd": 5_000_000}
    made = (await client.post("/v3/clients", json=body)).json()
    async with app.database.transaction(ana.account_id) as tx:
        await tx.execute(
            "insert into workbooks (account_id, id, client_id, name) values ($1, $2, $3, 'One')",
            ana.account_id,
            new_id(),
            made["id"],
        )
    listed = (await client.get("/v3/clients")).json()
    assert listed["next_cursor"] is None
    budget = listed["data"][0].pop("budget")
    assert {**budget, "id": None} == {
        "id": None, "limit_micro_usd": 5_000_000, "reserved_micro_usd": 0, "spent_micro_usd": 0,
    }  # fmt: skip
    assert listed["data"] == [
        {
            "id": made["id"], "name": "Example Robotics", "domain": "example.com", "llm": None, "model": None,
            "workbook_count": 1, "spent_micro_usd": 0, "created_at": made["created_at"],
        }
    ]  # fmt: skip


async def test_a_budget_needs_the_permission_for_budgets(
    client: httpx2.AsyncClient, visitor: httpx2.AsyncClient
) -> None:
    key = (await client.post("/v3/api-keys", json={"name": "k", "scopes": ["clients.write"]})).json()["key"]
    headers = {"Authorization": f"Bearer {key}"}
    body = {"name": "Example", "budget_micro_usd": 1}
    assert (await visitor.post("/v3/clients", json=body, headers=headers)).status_code == 403
    assert (await client.get("/v3/clients")).json()["data"] == []


async def test_null_empties_and_what_is_left_out_stays(client: httpx2.AsyncClient) -> None:
    body = {"name": "Example", "domain": "example.com", "llm": "openai", "model": "some-model"}
    made = (await client.post("/v3/clients", json=body)).json()
    changed = (await client.patch(f"/v3/clients/{made['id']}", json={"domain": None})).json()
    assert (changed["domain"], changed["llm"], changed["model"]) == (None, "openai", "some-model")


async def test_a_key_is_stored_through_the_web_and_never_comes_back(client: httpx2.AsyncClient) -> None:
    secret = "hunter-secret-key-9876"
    stored = await client.put("/v3/credentials/provider/hunter", json={"values": {"api_key": secret}})
    assert (stored.status_code, stored.json()["last_four"]) == (200, "9876")
    for path in ("/v3/credentials", "/v3/session", "/v3/clients"):
        assert secret not in (await client.get(path)).text
    assert secret not in stored.text


async def test_a_refused_key_is_not_in_the_refusal(client: httpx2.AsyncClient) -> None:
    answer = await client.put("/v3/credentials/provider/hunter", json={"values": {"api_key": "line\nbreak-secret"}})
    assert (answer.status_code, "break-secret" in answer.text) == (422, False)


async def test_the_scripted_language_model_passes_its_test_without_a_key(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/v3/credentials/llm/scripted/test", json={}, headers={"Idempotency-Key": new_id().hex})
    assert answer.status_code == 200
    assert answer.json()["lines"][0]["is_ok"] is True


async def test_testing_a_vendor_without_a_stored_key_says_to_store_one(client: httpx2.AsyncClient) -> None:
    answer = await client.post(
        "/v3/credentials/provider/hunter/test", json={}, headers={"Idempotency-Key": new_id().hex}
    )
    assert (answer.status_code, "Store one first" in answer.text) == (404, True)
