"""A dossier from its first search to its last message, played from the recorded example: every step, nothing twice."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from spadework.accounts.actions import credentials
from spadework.app import App
from spadework.clients import actions as clients
from spadework.core.config import Settings
from spadework.core.db import Database, Transaction
from spadework.core.errors import Conflict, NotFound
from spadework.core.ids import AccountId
from spadework.core.secrets import Box
from spadework.prompts.actions import registry
from spadework.prompts.types import Draft
from spadework.research.actions import clients as research_clients
from spadework.research.actions import comparing, pipeline
from spadework.research.actions.clients import ClientChanges
from spadework.research.store import merged as merged_store
from spadework.research.store import sources as source_store
from spadework.research.types.pipeline import PipelineRequest
from spadework.spend import actions as spend
from tests.research.dossiers import (
    EXAMPLE,
    outputs,
    own_script,
    read_calls,
    read_made,
    read_steps,
    simulator,
    start,
    until_ended,
    until_step,
    worker,
)  # fmt: skip


@pytest.fixture(scope="module")
async def working(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """The product with a worker in this process, in training mode."""
    home = tmp_path_factory.mktemp("working")
    async with simulator(settings, home / "sim") as url, worker(settings, home, url) as app:
        yield app


async def test_a_run_takes_all_fourteen_steps_and_fills_a_dossier(working: App, account: AccountId) -> None:
    made = await read_made(working, account, await until_ended(working, account, await start(working, account)))
    assert made.run.state == "succeeded", made.run.error
    assert (made.run.progress["done"], made.run.progress["total"]) == (14, 14)
    assert {each.state for each in made.steps.values()} <= {"succeeded", "skipped"}
    assert {each.step for each in made.steps.values()} == {each.id for each in pipeline.load_steps()}
    assert len(made.claims) >= 50
    assert [each.statement for each in made.claims if not each.is_supported] == []
    assert (made.dossier.company_name, made.dossier.state) == ("Kestrel Cold Storage", "ready")
    assert made.dossier.score is not None and made.dossier.score.total == 89
    assert {each.key for each in made.sections} == {
        "INTRO", "SIGNALS", "LEAD_INTELLIGENCE", "STRATEGY", "OPPORTUNITY", "CLIENT_SPECIFIC"
    }  # fmt: skip
    assert [each.name for each in made.contacts] == [
        "Dana Whitfield", "Marcus Oyelaran", "Priya Raman", "Ines Moreau", "Tom Ledoux"
    ]  # fmt: skip
    assert all(each.email_copy for each in made.contacts)
    assert [each.name for each in made.contacts if each.client_email_copy] == ["Ines Moreau"]


async def test_addresses_come_from_the_sources_of_addresses_and_stand_with_the_contact_never_in_a_claim(
    working: App, account: AccountId
) -> None:
    made = await read_made(working, account, await until_ended(working, account, await start(working, account)))
    asked = {key: each.parsed_output for key, each in made.steps.items() if "_address:" in key}
    assert len(asked) == 5
    found = {each["name"]: each["email"] for each in asked.values() if isinstance(each, dict)}
    assert {each.name: each.email for each in made.contacts} == found
    assert all(str(each).endswith(".example") for each in found.values()), "a simulated address is nobody's"
    assert {(each.email_source, each.email_status, each.is_verified) for each in made.contacts} == {
        ("apollo", "valid", True)
    }
    assert [each.statement for each in made.claims if "@" in each.statement] == []


async def test_every_sentence_of_the_dossier_leads_to_a_quote_in_a_stored_source(
    working: App, account: AccountId
) -> None:
    made = await read_made(working, account, await until_ended(working, account, await start(working, account)))
    async with working.database.read(account) as tx:
        merged = {each.claim.merged_claim_id: each.claim for each in await merged_store.list_of_run(tx, made.run.id)}
        texts = {each.id: each.text for each in await source_store.list_of_run(tx, made.run.id)}
    unsupported = [each.text for section in made.sections for each in section.unsupported]
    assert unsupported == []
    for section in made.sections:
        for sentence in section.sentences:
            for claim_id in sentence.claim_ids:
                found = [each for each in merged[claim_id].sources if each.source_id is not None]
                assert found, sentence.text
                assert all(
                    texts[each.source_id][each.start : each.end] == each.quote for each in found if each.source_id
                )


async def test_every_value_of_a_training_run_is_marked_simulated(working: App, account: AccountId) -> None:
    made = await read_made(working, account, await until_ended(working, account, await start(working, account)))
    assert made.run.is_simulated and made.dossier.is_simulated
    assert {each.is_simulated for each in made.steps.values() if each.calls} == {True}
    async with working.database.read(account) as tx:
        assert {each.is_simulated for each in await source_store.list_of_run(tx, made.run.id)} == {True}
        assert {each.is_simulated for each in await spend.spent_by_run(tx, made.run.id)} == {True}


async def test_a_step_run_shows_what_went_in_where_from_and_what_came_back(working: App, account: AccountId) -> None:
    made = await read_made(working, account, await until_ended(working, account, await start(working, account)))
    step = made.steps["3-entity-research"]
    lineage = step.lineage
    assert lineage["company"] | {"preview": ""} == {
        "source": "step", "step": "2-signal-discovery", "path": "company", "preview": "",
        "step_run_id": str(made.steps["2-signal-discovery"].id),
    }  # fmt: skip
    assert lineage["icp_config"]["source"] == "client_config"
    assert (lineage["for_entity"]["source"], lineage["for_entity"]["step"]) == (
        "context_pack", "2-signal-discovery_context_pack"
    )  # fmt: skip
    assert lineage["current_date"]["source"] == "computed"
    assert step.input_variables["company"]["domain"] == "kestrelcold.example"
    assert step.interpolated_prompt is not None and "kestrelcold.example" in step.interpolated_prompt
    assert step.raw_output is not None and json.loads(step.raw_output) == step.parsed_output
    assert (step.prompt_key, step.prompt_version, step.attempts) == ("find-lead.entity-research", 1, 1)
    assert step.model and step.input_tokens and step.output_tokens and step.duration_ms is not None
    claims = made.steps["3-entity-research_claims_extraction"]
    assert len(claims.parsed_output["claims"]) == 15


async def test_one_persons_failure_is_that_persons_alone_and_a_retry_mends_it(
    working: App, account: AccountId, tmp_path: Path
) -> None:
    script = await own_script(working, account, tmp_path, "enrich-contact.deep 6.2-enrich-contact:2\n")
    run = await until_ended(working, account, await start(working, account))
    made = await read_made(working, account, run)
    assert run.state == "succeeded"
    assert list(run.result["failed_contacts"]) == ["2"]
    assert made.steps["6.2-enrich-contact:2"].state == "failed"
    assert "7a-copy:2" not in made.steps
    assert [bool(each.error) for each in made.contacts] == [False, True, False, False, False]
    assert [bool(each.email_copy) for each in made.contacts] == [True, False, True, True, True]
    (script / "0-fault.json").unlink()
    async with working.database.transaction(account) as tx:
        await pipeline.retry(tx, run.id, by=None)
    mended = await read_made(working, account, await until_ended(working, account, run))
    assert mended.run.result["failed_contacts"] == {}
    assert [(each.error, bool(each.email_copy)) for each in mended.contacts] == [(None, True)] * 5
    assert {key: each.attempts for key, each in mended.steps.items() if each.contact_index == 2} == {
        "6.2-enrich-contact_web_research:2": 1, "6.2-enrich-contact_look_up-turn-1:2": 1, "6.2-enrich-contact:2": 2,
        "6.2-enrich-contact_address:2": 1, "7a-copy:2": 1, "7.2-copy-client-override:2": 1,
    }  # fmt: skip
    assert outputs(mended, besides=2) == outputs(made, besides=2)


async def test_a_failed_step_fails_the_run_when_those_beside_it_have_ended_and_a_retry_takes_it_alone(
    working: App, account: AccountId, tmp_path: Path
) -> None:
    script = await own_script(working, account, tmp_path, "writer.strategy 6-writer-strategy\n")
    run = await until_ended(working, account, await start(working, account))
    made = await read_made(working, account, run)
    assert run.state == "failed"
    writers = {key: each.state for key, each in made.steps.items() if each.step == "6-writers"}
    assert Counter(writers.values()) == {"succeeded": 5, "failed": 1}
    assert made.dossier.state == "enriching"
    bought = await read_calls(working, account, run)
    (script / "0-fault.json").unlink()
    async with working.database.transaction(account) as tx:
        await pipeline.retry(tx, run.id, by=None)
    mended = await read_made(working, account, await until_ended(working, account, run))
    assert (mended.run.state, mended.dossier.state) == ("succeeded", "ready")
    assert len(await read_calls(working, account, run)) == len(bought) + 1
    async with working.database.transaction(account) as tx:
        with pytest.raises(Conflict, match="nothing to try again"):
            await pipeline.retry(tx, run.id, by=None)


async def test_a_step_taken_again_with_an_override_is_a_run_beside_the_old_one(
    working: App, account: AccountId
) -> None:
    old = await read_made(working, account, await until_ended(working, account, await start(working, account)))
    async with working.database.transaction(account) as tx:
        run = await pipeline.rerun(
            tx, old.run.id, "6-enrich-contacts", overrides={"icp_config": {"target_titles": ["buyer"]}}, by=None
        )
    new = await until_ended(working, account, run)
    assert new.state == "succeeded", new.error
    async with working.database.read(account) as tx:
        steps = await pipeline.list_steps(tx, new.id)
        found = await comparing.compare(tx, new.id)
        reruns = (await pipeline.get(tx, old.run.id)).reruns
    assert [each.key for each in steps] == ["6-enrich-contacts"]
    assert steps[0].input_variables["icp_config"] == {"target_titles": ["buyer"]}
    assert steps[0].lineage["icp_config"]["source"] == "override"
    assert steps[0].input_variables["contacts"] == old.steps["6-enrich-contacts"].input_variables["contacts"]
    assert [(each.key, each.is_same) for each in found.steps] == [("6-enrich-contacts", True)]
    assert reruns == (new.id,)
    after = await read_made(working, account, old.run)
    assert after.told == old.told


async def test_a_changed_prompt_is_replayed_with_all_that_depends_on_it_and_compared(
    working: App, account: AccountId, tmp_path: Path
) -> None:
    old = await read_made(working, account, await until_ended(working, account, await start(working, account)))
    script = await own_script(working, account, tmp_path, None)
    reply = json.loads((EXAMPLE / "5c-client-specific.json").read_text())
    extraction = next(each for each in reply if each["match"].startswith("claims.extraction"))
    dropped = extraction["reply"]["claims"].pop()
    (script / "0-other.json").write_text(json.dumps([extraction]))
    async with working.database.transaction(account) as tx:
        (stored,) = await registry.list_versions(tx, "client-specific.research")
        saved = await registry.save(
            tx, "client-specific.research", base=1, notes="Shorter", by=None,
            draft=Draft(text=f"{stored.text}\nBe brief.\n", config=stored.config, inputs=stored.inputs),
        )  # fmt: skip
        replay_id, made = await pipeline.replay(tx, "client-specific.research", saved.number, by=None)
    assert len(made) == 1
    new = await until_ended(working, account, made[0])
    assert new.state == "succeeded", new.error
    async with working.database.read(account) as tx:
        (found,) = await comparing.compare_replay(tx, replay_id)
        steps = {each.key: each for each in await pipeline.list_steps(tx, new.id)}
    assert "3-entity-research" not in steps and "5a-enrich-lead" not in steps
    assert {"5c-client-specific", "7b-insight", "9-dossier-plan", "6-writer-intro", "7a-copy:1"} <= set(steps)
    assert steps["5c-client-specific"].prompt_version == saved.number
    assert steps["5c-client-specific"].input_variables == old.steps["5c-client-specific"].input_variables
    assert found.claims.removed == (dropped["statement"],)
    assert (found.claims.kept, found.claims.added) == (len(old.claims) - 1, ())
    assert (await read_made(working, account, old.run)).told == old.told


async def test_a_cancelled_run_goes_on_where_it_stopped(working: App, account: AccountId) -> None:
    run = await start(working, account)
    await until_step(working, account, run, 4)
    async with working.database.transaction(account) as tx:
        await pipeline.cancel(tx, run.id, by=None)
    stopped = await until_ended(working, account, run)
    assert stopped.state == "stopped"
    before = await read_steps(working, account, run)
    assert "running" not in {each.state for each in before.values()}
    async with working.database.transaction(account) as tx:
        await pipeline.retry(tx, run.id, by=None)
    done = await read_made(working, account, await until_ended(working, account, run))
    assert done.run.state == "succeeded", done.run.error
    finished = {key: each for key, each in before.items() if each.state == "succeeded"}
    assert {key: done.steps[key].finished_at for key in finished} == {
        key: each.finished_at for key, each in finished.items()
    }


async def test_without_a_model_or_search_engine_a_real_run_is_refused_with_what_is_missing(
    database: Database, account: AccountId
) -> None:
    async with database.transaction(account) as tx:
        client = await clients.create(tx, "Larch Controls")
        with pytest.raises(Conflict, match="training mode") as refused:
            await pipeline.start(tx, PipelineRequest(client_id=client.id), by=None)
    assert [each["what"] for each in refused.value.details["missing"]] == [
        "llm", "search", "icp_config", "research_context"
    ]  # fmt: skip


async def test_a_real_run_for_a_client_that_says_too_little_is_refused_with_what_it_must_say(
    tx: Transaction, box: Box
) -> None:
    await credentials.put_credential(tx, box, "llm", "openai", {"api_key": "example-key-0123456789"})
    await credentials.put_credential(tx, box, "provider", "exa", {"api_key": "example-key-0123456789"})
    client = await clients.create(tx, "Larch Controls")
    request = PipelineRequest(client_id=client.id, seed={"research_context": {"client": {"name": "Larch Controls"}}})
    with pytest.raises(Conflict, match="'Larch Controls' has no icp_config"):
        await pipeline.start(tx, request, by=None)
    said = ClientChanges(configs={"icp_config": {"target_titles": ["Head of cold chain"]}})
    await research_clients.update(tx, client.id, said, by=None)
    assert [each.what for each in await pipeline.list_missing(tx, client.id)] == ["research_context"]
    assert (await pipeline.start(tx, request, by=None)).state == "queued"


async def test_a_client_that_is_not_there_gets_no_run(database: Database, account: AccountId) -> None:
    async with database.transaction(account) as tx:
        with pytest.raises(NotFound):
            await pipeline.start(tx, PipelineRequest(client_id=account, is_training=True), by=None)  # type: ignore[arg-type]  # an id of something else
