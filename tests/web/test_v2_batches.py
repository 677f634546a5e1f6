"""Batches, onboardings by the model and people as rows, over HTTP."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from spadework.app import App
from spadework.core.db import Database
from spadework.core.ids import AccountId, new_id
from spadework.research.actions import clients
from spadework.research.actions.clients import ClientChanges
from spadework.web import main as web
from tests.conftest import Person, browser, sign_in


@pytest.fixture
async def client(app: App, ana: Person) -> AsyncIterator[httpx2.AsyncClient]:
    """Ana's browser."""
    async with browser(web.create(app), await sign_in(app, ana)) as found:
        yield found


async def post(client: httpx2.AsyncClient, path: str, body: object = None) -> httpx2.Response:
    """A request that may spend, under a key of its own."""
    return await client.post(path, json=body or {}, headers={"Idempotency-Key": new_id().hex})


@pytest.fixture
async def larch(database: Database, account: AccountId) -> str:
    """The id of a client with one name to be left alone."""
    async with database.transaction(account) as tx:
        made = await clients.create(tx, "Larch Controls", ClientChanges(do_not_call=["quarry.example"]), by=None)
    return str(made.client_id)


async def test_a_batch_is_costed_started_shown_and_stopped(client: httpx2.AsyncClient, larch: str) -> None:
    body = {"client_id": larch, "seeds": [{"company": "Harbor"}, {"hint": "cold stores"}], "is_training": True}
    cost = (await post(client, "/v2/batches/estimate", body)).json()
    assert (cost["dossiers"], cost["worst_micro_usd"], cost["blockers"]) == (2, 0, [])
    answer = await post(client, "/v2/batches", body)
    assert answer.status_code == 202
    made = answer.json()
    assert (made["name"], made["status"], made["total"]) == ("2 dossiers for Larch Controls", "pending", 2)
    shown = (await client.get(f"/v2/batches/{made['id']}")).json()
    assert [(each["name"], each["status"], each["run_id"]) for each in shown["dossiers"]] == [
        ("Harbor", "pending", None), ("cold stores", "pending", None)
    ]  # fmt: skip
    assert [each["id"] for each in (await client.get("/v2/batches")).json()["data"]] == [made["id"]]
    assert (await post(client, f"/v2/batches/{made['id']}/cancel")).json()["status"] == "cancelled"


async def test_a_batch_with_somebody_to_be_left_alone_is_refused_by_name(
    client: httpx2.AsyncClient, larch: str
) -> None:
    body = {"client_id": larch, "seeds": [{"company": "Stone", "domain": "quarry.example"}], "is_training": True}
    answer = await post(client, "/v2/batches", body)
    assert (answer.status_code, "Stone" in answer.json()["error"]["message"]) == (422, True)
    assert (await client.get("/v2/batches")).json()["data"] == []


async def test_a_batch_is_scheduled_listed_and_taken_off_again(client: httpx2.AsyncClient, larch: str) -> None:
    body = {"client_id": larch, "seeds": [{"hint": "cold stores"}], "is_training": True, "cron": "0 6 * * 1"}
    assert (await post(client, "/v2/batches/schedules", {**body, "cron": "every now and then"})).status_code == 422
    made = (await post(client, "/v2/batches/schedules", body)).json()
    listed = (await client.get("/v2/batches/schedules")).json()["data"]
    assert [(each["id"], each["cron"], each["seeds"]) for each in listed] == [(made["id"], "0 6 * * 1", body["seeds"])]
    assert (await client.delete(f"/v2/batches/schedules/{made['id']}")).status_code == 204
    assert (await client.get("/v2/batches/schedules")).json()["data"] == []


async def test_an_onboarding_is_handed_to_the_model_once(client: httpx2.AsyncClient, larch: str) -> None:
    intake = {"intake": {"goal": "Grow"}}
    begun = (await post(client, f"/v2/clients/{larch}/onboardings", intake)).json()
    refused = await post(client, f"/v2/onboardings/{begun['id']}/run", {})
    assert (refused.status_code, "training mode" in refused.json()["error"]["message"]) == (409, True)
    started = await post(client, f"/v2/onboardings/{begun['id']}/run", {"is_training": True})
    assert (started.status_code, started.json()["run_id"] is not None) == (202, True)
    again = await post(client, f"/v2/onboardings/{begun['id']}/run", {"is_training": True})
    assert (again.status_code, "under way" in again.json()["error"]["message"]) == (409, True)
