"""The research endpoints of `/v2`: clients, onboarding, claims, dossiers and contacts, over HTTP."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import httpx2
import pytest

from spadework.app import App
from spadework.core.db import Database
from spadework.core.ids import AccountId, RunId, new_id
from spadework.research.actions import clients, dossiers
from spadework.research.actions.clients import ClientChanges
from spadework.research.rules import extraction, merging, routing, sections
from spadework.research.store import claims as claim_store
from spadework.research.store import contacts as contact_store
from spadework.research.store import dossiers as dossier_store
from spadework.research.store import merged as merged_store
from spadework.research.store import sources as source_store
from spadework.research.types.claims import PIPELINE_KIND, Source
from spadework.research.types.dossiers import Contact
from spadework.runs import actions as runs
from spadework.runs.types import NewRun
from spadework.web import main as web
from tests.conftest import add_person, browser, sign_in

TEXT = "Harbor Foods will build a cold store in Dayton. The plant costs $40 million."


@dataclass(frozen=True)
class Made:
    """A run with two claims, its merge, and a ready dossier held back for a day."""

    run_id: RunId
    dossier_id: UUID
    client_id: UUID


@pytest.fixture
async def made(database: Database, account: AccountId) -> Made:
    async with database.transaction(account) as tx:
        client = await clients.create(tx, "Coldwell", ClientChanges(), by=None)
        run = await runs.start(tx, NewRun(kind=PIPELINE_KIND, title="Dossier", client_id=client.client_id), by=None)
        source = Source(
            id=new_id(), run_id=run.id, url="https://harbor.example", name="Harbor", text=TEXT,
            fetched_at=datetime.now(UTC),
        )  # fmt: skip
        await source_store.add_all(tx, [source])
        entries = [
            {
                "claim_type": "SIGNAL",
                "statement": "Harbor Foods builds in Dayton",
                "quote": "build a cold store in Dayton",
            },
            {"claim_type": "METRIC", "statement": "It costs $90 million", "quote": "The plant costs $90 million"},
        ]
        found = extraction.read(entries, step="2-signal-discovery", sources=[source]).claims
        await claim_store.replace_of_step(
            tx, run.id, "2-signal-discovery", found, client_id=client.client_id, step_run_id=None
        )
        merge = merging.merge(found, [], on=datetime.now(UTC).date())
        await merged_store.replace(tx, run.id, merge, client_id=client.client_id)
        await claim_store.set_merged(tx, run.id, merge.placed)
        await merged_store.replace_routing(tx, run.id, routing.route_by_type(merge))
        dossier_id = new_id()
        await dossier_store.add(
            tx, dossier_id, client_id=client.client_id, run_id=run.id, release_after_hours=24, is_simulated=False
        )
        reply = {
            "content": {
                "company_intel": "Harbor Foods builds in Dayton [MERGED_001]. It costs $90 million [MERGED_002]."
            }
        }
        section = sections.write("LEAD_INTELLIGENCE", reply, merge.claims)
        await dossier_store.put_section(tx, dossier_id, run.id, section, step_run_id=None)
        await dossier_store.update(tx, dossier_id, {"company_name": "Harbor Foods", "domain": "harbor.example"})
        await contact_store.put(tx, run.id, dossier_id, Contact(index=1, first_name="Dana", is_primary=True))
        for state in ("enriching", "ready"):
            await dossiers.move(tx, dossier_id, state)
    return Made(run.id, dossier_id, client.client_id)


async def test_a_client_is_made_read_listed_and_changed_with_its_configurations(client: httpx2.AsyncClient) -> None:
    body = {
        "name": "Coldwell",
        "domain": "coldwell.example",
        "icp_config": {"signals": [{"name": "plant", "tier": "hot"}]},
    }
    answer = await client.post("/v2/clients", json=body)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["icp_config"], made["status"], made["configs"][0]["version"]) == (body["icp_config"], "onboarding", 1)
    change = {"industry_research": {"personas": []}, "research_context": {}, "excluded": ["bad.example"]}
    changed = (await client.put(f"/v2/clients/{made['id']}", json=change)).json()
    assert (changed["status"], changed["excluded"], changed["icp_config"]) == (
        "active",
        ["bad.example"],
        body["icp_config"],
    )
    assert (await client.get(f"/v2/clients/{made['id']}")).json() == changed
    assert (await client.get("/v2/clients")).json()["data"] == [changed]


async def test_a_configuration_that_cannot_work_is_refused_with_its_part(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/v2/clients", json={"name": "Coldwell", "seed": {"mode": "guess"}})
    assert (answer.status_code, "seed.mode" in answer.text) == (422, True)
    assert (await client.get("/v2/clients")).json()["data"] == []


async def test_two_people_saving_one_configuration_do_not_overwrite_each_other(client: httpx2.AsyncClient) -> None:
    made = (await client.post("/v2/clients", json={"name": "Coldwell", "seed": {"mode": "discovery"}})).json()
    change = {"seed": {"mode": "seed", "seed": "Harbor"}, "expected_versions": {"seed": 1}}
    assert (await client.put(f"/v2/clients/{made['id']}", json=change)).status_code == 200
    change["seed"] = {"mode": "seed", "seed": "Acme"}
    assert (await client.put(f"/v2/clients/{made['id']}", json=change)).status_code == 409
    versions = (await client.get(f"/v2/clients/{made['id']}/configs/seed/versions")).json()["data"]
    assert [each["original"].get("seed") for each in versions] == ["Harbor", None]


async def test_onboarding_over_the_api(client: httpx2.AsyncClient) -> None:
    made = (await client.post("/v2/clients", json={"name": "Coldwell"})).json()
    path = f"/v2/clients/{made['id']}/onboardings"
    begun = (await client.post(path, json={"intake": {"goal": "Grow", "do_not_call": ["Bad Ltd"]}})).json()
    assert (await client.put(f"/v2/onboardings/{begun['id']}", json={})).status_code == 422
    stages = {"consolidated": {"a": 1}, "generated": {"icp_config": {}}, "refined": {"icp_config": {"b": 2}}}
    done = (await client.put(f"/v2/onboardings/{begun['id']}", json=stages)).json()
    assert (done["state"], done["intake"]["goal"]) == ("refined", "Grow")
    client_now = (await client.get(f"/v2/clients/{made['id']}")).json()
    assert (client_now["status"], client_now["icp_config"], client_now["do_not_call"]) == (
        "active",
        {"b": 2},
        ["Bad Ltd"],
    )
    assert (await client.get(path)).json()["data"] == [done]


async def test_claims_of_a_run_with_filters_and_counts(client: httpx2.AsyncClient, made: Made) -> None:
    every = (await client.get("/v2/claims", params={"run_id": str(made.run_id)})).json()["data"]
    assert [(each["claim_id"], each["is_supported"], each["merged_into"]) for each in every] == [
        ("search_001", True, "MERGED_001"), ("search_002", False, "MERGED_002"),
    ]  # fmt: skip
    query = {"run_id": str(made.run_id), "is_supported": "false"}
    assert [each["claim_id"] for each in (await client.get("/v2/claims", params=query)).json()["data"]] == [
        "search_002"
    ]
    summary = (await client.get("/v2/claims/summary", params={"run_id": str(made.run_id)})).json()
    assert (summary["total"], summary["supported"], summary["stats"]["output"]) == (2, 1, 2)
    assert (await client.get("/v2/claims", params={"claim_type": "RUMOUR"})).status_code == 422


async def test_merged_claims_come_with_their_originals(client: httpx2.AsyncClient, made: Made) -> None:
    merge = (await client.get("/v2/claims/merged", params={"run_id": str(made.run_id)})).json()
    assert [each["original_claim_ids"] for each in merge["data"]] == [["search_001"], ["search_002"]]
    assert merge["originals"]["search_001"]["statement"] == "Harbor Foods builds in Dayton"
    assert merge["data"][0]["sections"] == ["INTRO", "SIGNALS", "STRATEGY"]


async def test_a_claims_quote_is_shown_in_its_page(client: httpx2.AsyncClient, made: Made) -> None:
    claim = (await client.get("/v2/claims", params={"run_id": str(made.run_id)})).json()["data"][0]
    place = {"start": claim["quote_start"], "end": claim["quote_end"]}
    quote = (await client.get(f"/v2/sources/{claim['source_id']}/quote", params=place)).json()
    assert quote["quote"] == claim["quote"] == "build a cold store in Dayton"
    assert quote["before"] + quote["quote"] + quote["after"] == TEXT
    outside = await client.get(f"/v2/sources/{claim['source_id']}/quote", params={"start": 0, "end": 9999})
    assert outside.status_code == 422


async def test_a_dossier_shows_each_sentence_with_its_claims_and_catches_what_none_supports(
    client: httpx2.AsyncClient, made: Made
) -> None:
    dossier = (await client.get(f"/v2/dossiers/{made.dossier_id}")).json()
    sentences = next(each for each in dossier["sections"] if each["key"] == "LEAD_INTELLIGENCE")["sentences"]
    assert [(each["claim_ids"], each["status"]) for each in sentences] == [
        (["MERGED_001"], "supported"), (["MERGED_002"], "unsupported"),
    ]  # fmt: skip
    assert dossier["claims"]["MERGED_001"]["sources"][0]["quote"] == "build a cold store in Dayton"
    assert [each["sentence"]["text"] for each in dossier["unsupported"]] == ["It costs $90 million."]
    assert [each["first_name"] for each in dossier["contacts"]] == ["Dana"]


async def test_a_viewer_sees_a_dossier_only_after_its_release(
    client: httpx2.AsyncClient,
    site: web.Site,
    app: App,
    database: Database,
    account: AccountId,
    password_hash: str,
    made: Made,
) -> None:
    viewer = await add_person(database, account, "Vera", "viewer", password_hash)
    async with browser(site, await sign_in(app, viewer)) as vera:
        assert (await vera.get("/v2/dossiers")).json()["data"] == []
        assert (await vera.get(f"/v2/dossiers/{made.dossier_id}")).status_code == 409
        assert (await vera.post(f"/v2/dossiers/{made.dossier_id}/release", json={})).status_code == 403
        assert (await client.get(f"/v2/dossiers/{made.dossier_id}/export")).status_code == 409
        released = (await client.post(f"/v2/dossiers/{made.dossier_id}/release", json={})).json()
        assert released["released_at"] is not None
        assert [each["id"] for each in (await vera.get("/v2/dossiers")).json()["data"]] == [str(made.dossier_id)]
        assert (await vera.get(f"/v2/dossiers/{made.dossier_id}")).status_code == 200


@pytest.mark.parametrize(
    ("form", "media_type"),
    [("markdown", "text/markdown"), ("html", "text/html"), ("pdf", "application/pdf"), ("json", "application/json")],
)
async def test_a_released_dossier_is_exported(
    client: httpx2.AsyncClient, made: Made, form: str, media_type: str
) -> None:
    await client.post(f"/v2/dossiers/{made.dossier_id}/release", json={})
    answer = await client.get(f"/v2/dossiers/{made.dossier_id}/export", params={"format": form})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, media_type)
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''harbor-foods.")
    assert form == "pdf" or "Harbor Foods builds in Dayton" in answer.text


async def test_archiving_a_dossier_is_for_good(client: httpx2.AsyncClient, made: Made) -> None:
    assert (await client.post(f"/v2/dossiers/{made.dossier_id}/archive", json={})).json()["status"] == "archived"
    assert (await client.post(f"/v2/dossiers/{made.dossier_id}/release", json={})).status_code == 409
    assert (await client.get("/v2/dossiers", params={"status": "ready"})).json()["data"] == []


async def test_contacts_of_a_run_grow_and_one_is_primary(
    client: httpx2.AsyncClient, database: Database, account: AccountId, made: Made
) -> None:
    query = {"run_id": str(made.run_id)}
    assert len((await client.get("/v2/contacts", params=query)).json()["data"]) == 1
    async with database.transaction(account) as tx:
        added = await contact_store.put(tx, made.run_id, made.dossier_id, Contact(index=2, first_name="Drew"))
    await client.post(f"/v2/contacts/{added}/primary", json={})
    found = (await client.get("/v2/contacts", params=query)).json()["data"]
    assert [(each["first_name"], each["is_primary"]) for each in found] == [("Dana", False), ("Drew", True)]
    assert (await client.get(f"/v2/contacts/{added}")).json() == found[1]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"is_primary": True}, ["Dana"]),
        ({"is_primary": False}, ["Drew", "Kim"]),
        ({"is_verified": True}, ["Drew"]),
        ({"has_email": True}, ["Drew", "Kim"]),
        ({"has_email": False}, ["Dana"]),
        ({"has_email": True, "is_verified": False}, ["Kim"]),
    ],
)
async def test_contacts_are_found_by_their_part_and_their_address(
    client: httpx2.AsyncClient, database: Database, account: AccountId, made: Made, query: dict[str, bool],
    names: list[str],
) -> None:  # fmt: skip
    drew = Contact(index=2, first_name="Drew", email="drew@example.com", is_verified=True)
    async with database.transaction(account) as tx:
        await contact_store.put(tx, made.run_id, made.dossier_id, drew)
        await contact_store.put(
            tx, made.run_id, made.dossier_id, Contact(index=3, first_name="Kim", email="k@example.com")
        )
    found = (await client.get("/v2/contacts", params={"run_id": str(made.run_id), **query})).json()["data"]
    assert [each["first_name"] for each in found] == names
    assert {(each["company_name"], each["is_simulated"]) for each in found} == {("Harbor Foods", False)}


async def test_raw_claims_are_found_by_the_section_their_merged_claim_goes_to(
    client: httpx2.AsyncClient, made: Made
) -> None:
    async def found(section: str) -> list[str]:
        answer = await client.get("/v2/claims", params={"section": section, "run_id": str(made.run_id)})
        return [each["claim_id"] for each in answer.json()["data"]]

    assert await found("SIGNALS") == ["search_001"]
    assert await found("CONTACTS") == []
    assert (await client.get("/v2/claims", params={"section": "RUMOURS"})).status_code == 422


@pytest.mark.parametrize(
    "path", ["/v2/contacts", "/v2/claims", "/v2/claims/merged", "/v2/claims/summary", "/v2/sources"]
)
async def test_a_run_of_another_account_is_not_there(stranger: httpx2.AsyncClient, made: Made, path: str) -> None:
    assert (await stranger.get(path, params={"run_id": str(made.run_id)})).status_code == 404
