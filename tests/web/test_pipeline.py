"""The pipeline's endpoints: started, listed, watched and stopped over HTTP; refused with what is missing."""

from uuid import uuid4

import httpx2


async def test_a_run_without_a_model_is_refused_with_what_is_missing(client: httpx2.AsyncClient) -> None:
    made = await _client(client)
    refused = await _start(client, {"client_id": made})
    assert refused.status_code == 409
    missing = ["llm", "search", "icp_config", "research_context"]
    assert [each["what"] for each in refused.json()["error"]["details"]["missing"]] == missing
    assert await _needs(client) == ["llm", "search"]
    assert await _needs(client, client_id=made) == missing


async def test_a_training_run_starts_at_once_and_is_listed_watched_and_cancelled(
    client: httpx2.AsyncClient,
) -> None:
    made = await _client(client)
    started = await _start(client, {"client_id": made, "is_training": True, "seed": {"company": "Kestrel"}})
    assert started.status_code == 202, started.text
    run = started.json()
    assert (run["status"], run["title"], run["total_steps"], run["is_simulated"]) == (
        "pending", "Dossier: Kestrel", 14, True
    )  # fmt: skip
    listed = (await client.get("/v2/pipeline/runs", params={"client_id": made, "status": "pending"})).json()
    assert [each["id"] for each in listed["data"]] == [run["id"]]
    live = (await client.get(f"/v2/pipeline/runs/{run['id']}/live")).json()
    assert live == {
        "id": run["id"], "status": "pending", "current_step": None, "steps_completed": 0, "total_steps": 14,
        "cost_micro_usd": 0, "steps": [], "error_message": None,
    }  # fmt: skip
    cancelled = await client.post(f"/v2/pipeline/runs/{run['id']}/cancel", json={})
    assert cancelled.status_code == 200, cancelled.text
    assert cancelled.json()["status"] == "cancelled"
    whole = (await client.get(f"/v2/pipeline/runs/{run['id']}")).json()
    assert (whole["status"], whole["steps"], whole["seed"]) == ("cancelled", [], {"company": "Kestrel"})
    assert (await client.get(f"/v2/pipeline/runs/{run['id']}/steps")).json() == {"data": []}


async def test_the_planned_steps_name_what_they_wait_for_and_ask(client: httpx2.AsyncClient) -> None:
    planned = (await client.get("/v2/pipeline/steps")).json()
    steps = {each["key"]: each for each in planned["data"]}
    assert len(steps) == 14
    assert all(before in steps for each in steps.values() for before in each["after"])
    assert steps["7b-insight"]["after"] == ["5a-enrich-lead", "5b-enrich-opportunity", "5c-client-specific", "8-media"]
    assert [each["prompt"] for each in steps["7a-copy"]["asks"]] == ["copy.outreach", "copy.client-override"]
    assert [each for each, step in steps.items() if step["is_per_contact"]] == ["6.2-enrich-contact", "7a-copy"]
    assert planned["shared_prompts"] == ["claims.extraction", "context-pack.build"]


async def test_a_run_for_a_client_that_is_not_there_is_404(client: httpx2.AsyncClient) -> None:
    assert (await _start(client, {"client_id": str(uuid4()), "is_training": True})).status_code == 404


async def _needs(client: httpx2.AsyncClient, **asked: str) -> list[str]:
    found = (await client.get("/v2/pipeline/needs", params=asked)).json()
    return [each["what"] for each in found["missing"]]


async def _client(client: httpx2.AsyncClient) -> str:
    made = await client.post("/v3/clients", json={"name": f"Larch {uuid4().hex[:8]}"})
    return str(made.json()["id"])


async def _start(client: httpx2.AsyncClient, body: dict[str, object]) -> httpx2.Response:
    return await client.post("/v2/pipeline/start", json=body, headers={"Idempotency-Key": str(uuid4())})
