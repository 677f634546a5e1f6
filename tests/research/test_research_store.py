"""Claims, merges, packs, dossiers and contacts as they are stored and read back."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from spadework.clients import actions as base_clients
from spadework.core.db import Transaction
from spadework.core.errors import Conflict, InvalidInput, NotFound
from spadework.core.ids import ClientId, RunId, new_id
from spadework.research.actions import claims, clients, contacts, dossiers
from spadework.research.actions.claims import ClaimFilter
from spadework.research.actions.clients import ClientChanges
from spadework.research.rules import extraction, merging, packs, patches, routing, sections
from spadework.research.store import claims as claim_store
from spadework.research.store import contacts as contact_store
from spadework.research.store import dossiers as dossier_store
from spadework.research.store import merged as merged_store
from spadework.research.store import packs as pack_store
from spadework.research.store import sources as source_store
from spadework.research.types.claims import PIPELINE_KIND, Source
from spadework.research.types.dossiers import Contact, Dossier, LeadScore, ScorePart
from spadework.runs import actions as runs
from spadework.runs.types import NewRun
from tests.research.building import PAGE, TODAY

STEP = "2-signal-discovery"
ENTRIES = [
    {"claim_type": "SIGNAL", "statement": "Harbor Foods builds a cold store", "quote": "it will build a cold store"},
    {"claim_type": "METRIC", "statement": "The plant costs $40 million", "quote": "The plant costs $40 million"},
    {"statement": "It bought a rival", "quote": "It has bought a rival"},
    {"statement": ""},
]


@pytest.fixture
async def client_id(tx: Transaction) -> ClientId:
    return (await base_clients.create(tx, "Coldwell")).id


@pytest.fixture
async def run_id(tx: Transaction, client_id: ClientId) -> RunId:
    """A run with one page, three claims, their merge and routing."""
    made = RunId((await runs.start(tx, NewRun(kind=PIPELINE_KIND, title="Dossier", client_id=client_id), by=None)).id)
    await source_store.add_all(tx, [page(made)])
    await extract(tx, made, client_id)
    found, unread = patches.read({"patches": [{"action": "merge", "keep": "search_001", "drop": ["search_002"]}]})
    raw = await claim_store.list_of_run(tx, made)
    merge = merging.merge(raw, found, on=TODAY, unread=unread)
    await merged_store.replace(tx, made, merge, client_id=client_id)
    await claim_store.set_merged(tx, made, merge.placed)
    await merged_store.replace_routing(tx, made, routing.route_by_type(merge))
    return made


def page(run_id: RunId) -> Source:
    return Source(
        id=new_id(), run_id=run_id, url="https://harbor.example/news", name="Harbor news", text=PAGE,
        fetched_at=datetime(2026, 6, 1, tzinfo=UTC),
    )  # fmt: skip


async def extract(tx: Transaction, run_id: RunId, client_id: ClientId) -> None:
    sources = await source_store.list_of_run(tx, run_id)
    found = extraction.read(ENTRIES, step=STEP, sources=sources)
    await claim_store.replace_of_step(tx, run_id, STEP, found.claims, client_id=client_id, step_run_id=None)
    await claim_store.replace_rejected(
        tx, run_id, "claim", [(each.position, each.reason, each.given, ()) for each in found.rejected]
    )


async def make_dossier(tx: Transaction, run_id: RunId, client_id: ClientId, *, hours: float = 0) -> Dossier:
    dossier_id = new_id()
    await dossier_store.add(
        tx, dossier_id, client_id=client_id, run_id=run_id, release_after_hours=hours, is_simulated=False
    )
    await dossier_store.update(tx, dossier_id, {"company_name": "Harbor Foods", "domain": "harbor.example"})
    return await dossiers.get(tx, dossier_id)


async def test_claims_are_read_back_as_they_were_found(tx: Transaction, run_id: RunId) -> None:
    found = (await claims.list_claims(tx, ClaimFilter(run_id=run_id))).claims
    assert [(each.claim.claim_id, each.claim.is_supported, each.claim.merged_into) for each in found] == [
        ("search_001", True, "MERGED_001"), ("search_002", True, "MERGED_001"), ("search_003", False, "MERGED_002"),
    ]  # fmt: skip
    evidence = found[1].claim.evidence
    assert evidence is not None
    quote = await claims.get_quote(tx, evidence.source_id, evidence.start, evidence.end)
    assert quote.quote == "The plant costs $40 million"
    assert quote.before + quote.quote + quote.after == PAGE


@pytest.mark.parametrize(
    ("wanted", "names"),
    [({"claim_type": "METRIC"}, ["search_002"]), ({"is_supported": False}, ["search_003"]), ({"search": "COLD"}, ["search_001"]),
     ({"search": "%"}, []), ({"source_tier": "GOV"}, []), ({"step": STEP, "confidence": "LOW"}, ["search_003"])],
)  # fmt: skip
async def test_claims_are_filtered(tx: Transaction, run_id: RunId, wanted: dict[str, object], names: list[str]) -> None:
    found = await claims.list_claims(tx, ClaimFilter(run_id=run_id, **wanted))  # type: ignore[arg-type]  # as given above
    assert [each.claim.claim_id for each in found.claims] == names


async def test_pages_of_claims_follow_each_other(tx: Transaction, run_id: RunId) -> None:
    first = await claims.list_claims(tx, ClaimFilter(run_id=run_id), limit=2)
    rest = await claims.list_claims(tx, ClaimFilter(run_id=run_id), limit=2, cursor=first.next_cursor)
    assert [each.claim.claim_id for each in (*first.claims, *rest.claims)] == ["search_001", "search_002", "search_003"]
    assert rest.next_cursor is None
    with pytest.raises(InvalidInput):
        await claims.list_claims(tx, ClaimFilter(), cursor="nonsense")


async def test_extracting_again_replaces_the_steps_claims_and_keeps_their_names(
    tx: Transaction, run_id: RunId, client_id: ClientId
) -> None:
    await extract(tx, run_id, client_id)
    found = (await claims.list_claims(tx, ClaimFilter(run_id=run_id))).claims
    assert [each.claim.claim_id for each in found] == ["search_001", "search_002", "search_003"]


async def test_the_same_page_read_twice_is_one_source(tx: Transaction, run_id: RunId) -> None:
    [known] = await claims.list_sources(tx, run_id)
    await source_store.add_all(tx, [page(run_id), page(run_id)])
    assert [each.id for each in await claims.list_sources(tx, run_id)] == [known.id]


async def test_a_merge_is_read_with_the_originals_of_each_claim(tx: Transaction, run_id: RunId) -> None:
    view = await claims.get_merge(tx, run_id)
    assert [(each.claim.merged_claim_id, each.claim.original_claim_ids, each.sections) for each in view.claims] == [
        ("MERGED_001", ("search_001", "search_002"), ("INTRO", "SIGNALS", "STRATEGY")),
        ("MERGED_002", ("search_003",), ()),
    ]
    assert view.originals["search_002"].claim.statement == "The plant costs $40 million"
    assert view.unmapped == {"MERGED_002": "No stored source holds its quote."}
    assert [each.is_supported for each in view.claims[0].claim.sources] == [True, True]


async def test_a_summary_counts_claims_and_shows_what_was_refused(tx: Transaction, run_id: RunId) -> None:
    found = await claims.summarize(tx, run_id)
    assert (found.total, found.supported, found.merged) == (3, 2, 3)
    assert found.by_type == {"SIGNAL": 1, "METRIC": 1, "NOTE": 1}
    assert found.stats is not None
    assert (found.stats.duplicates, found.stats.unsupported) == (1, 1)
    assert [(each.kind, each.position, each.reason) for each in found.refusals] == [
        ("claim", 4, "It has no statement.")
    ]


async def test_each_consumer_gets_the_pack_that_was_made_for_it(tx: Transaction, run_id: RunId) -> None:
    for consumer in ("for_entity", "for_writers", "for_contacts"):
        pack, _ = packs.read(
            consumer, {"content": {"about": consumer}, "anchor_claim_ids": ["search_001"]}, claim_ids=["search_001"]
        )
        await pack_store.replace(tx, run_id, pack, client_id=None, step_run_id=None)
    for consumer in ("for_entity", "for_writers", "for_contacts"):
        found = await pack_store.find(tx, run_id, consumer)
        assert found is not None
        assert (found.content, found.anchor_claim_ids) == ({"about": consumer}, ("search_001",))


async def test_a_dossier_is_read_whole(tx: Transaction, run_id: RunId, client_id: ClientId) -> None:
    dossier = await make_dossier(tx, run_id, client_id)
    merged = [each.claim for each in await merged_store.list_of_run(tx, run_id)]
    reply = {"content": {"company_intel": "Harbor Foods builds a cold store [MERGED_001]. They hire."}}
    section = sections.write("LEAD_INTELLIGENCE", reply, merged)
    await dossier_store.put_section(tx, dossier.id, run_id, section, step_run_id=None)
    score = LeadScore(
        total=28, parts=(ScorePart(name="signal", points=28, most=30, claim_ids=("MERGED_001",)),), urgency="HIGH"
    )
    await dossier_store.update(tx, dossier.id, {"score": score})
    await contact_store.put(tx, run_id, dossier.id, Contact(index=1, first_name="Dana", is_primary=True))
    view = await dossiers.get_view(tx, dossier.id)
    assert [each.key for each in view.sections] == ["SCORE", "CONTACTS", "LEAD_INTELLIGENCE"]
    assert view.sections[2] == section
    assert view.dossier.score == score
    assert [(key, each.text) for key, each in view.unsupported] == [("LEAD_INTELLIGENCE", "They hire.")]
    assert view.sources[0].used_in == ("SCORE", "LEAD_INTELLIGENCE")
    assert view.dossier.sections_completed == ("LEAD_INTELLIGENCE",)


async def test_a_ready_dossier_is_held_back_until_its_hour_or_a_person_releases_it(
    tx: Transaction, run_id: RunId, client_id: ClientId
) -> None:
    dossier = await make_dossier(tx, run_id, client_id, hours=24)
    with pytest.raises(Conflict, match="Only a ready one"):
        await dossiers.release_now(tx, dossier.id)
    await dossiers.move(tx, dossier.id, "enriching")
    ready = await dossiers.move(tx, dossier.id, "ready")
    assert ready.ready_at is not None
    assert ready.release_at == ready.ready_at + timedelta(hours=24)
    with pytest.raises(Conflict, match="held back"):
        await dossiers.export(tx, dossier.id, "json", at=ready.ready_at)
    assert (await dossiers.list_dossiers(tx, released_by=ready.ready_at)).dossiers == []
    later = ready.ready_at + timedelta(hours=25)
    assert (await dossiers.export(tx, dossier.id, "json", at=later)).name == "harbor-foods.json"
    released = await dossiers.release_now(tx, dossier.id, at=ready.ready_at)
    assert released.release_at == ready.ready_at
    assert [each.id for each in (await dossiers.list_dossiers(tx, released_by=ready.ready_at)).dossiers] == [dossier.id]


async def test_a_newer_ready_dossier_of_the_company_supersedes_the_older(
    tx: Transaction, run_id: RunId, client_id: ClientId
) -> None:
    older = await make_dossier(tx, run_id, client_id)
    second_run = (await runs.start(tx, NewRun(kind=PIPELINE_KIND, title="Again", client_id=client_id), by=None)).id
    newer = await make_dossier(tx, RunId(second_run), client_id)
    for each in (older, newer):
        await dossiers.move(tx, each.id, "enriching")
        await dossiers.move(tx, each.id, "ready")
    assert (await dossiers.get(tx, older.id)).state == "superseded"
    assert (await dossiers.get(tx, newer.id)).state == "ready"
    assert (await dossiers.archive(tx, older.id)).state == "archived"
    with pytest.raises(Conflict):
        await dossiers.move(tx, older.id, "ready")


async def test_the_database_holds_one_primary_contact_of_a_run(tx: Transaction, run_id: RunId) -> None:
    first = await contact_store.put(tx, run_id, None, Contact(index=1, first_name="Dana", is_primary=True))
    second = await contact_store.put(tx, run_id, None, Contact(index=2, first_name="Drew"))
    await contacts.make_primary(tx, second)
    found = (await contacts.list_contacts(tx, run_id=run_id)).contacts
    assert [(each.id, each.contact.is_primary) for each in found] == [(first, False), (second, True)]
    with pytest.raises(asyncpg.UniqueViolationError):
        await contact_store.put(tx, run_id, None, Contact(index=3, is_primary=True))


async def test_contacts_are_searched_and_paged(tx: Transaction, run_id: RunId) -> None:
    for index in range(5):
        await contact_store.put(tx, run_id, None, Contact(index=index, first_name="Dana", title=f"Lead_{index}"))
    first = await contacts.list_contacts(tx, run_id=run_id, limit=3)
    rest = await contacts.list_contacts(tx, run_id=run_id, limit=3, cursor=first.next_cursor)
    assert [each.contact.index for each in (*first.contacts, *rest.contacts)] == [0, 1, 2, 3, 4]
    assert [each.contact.index for each in (await contacts.list_contacts(tx, search="lead_3")).contacts] == [3]


async def test_configurations_keep_their_versions_and_their_originals(tx: Transaction) -> None:
    made = await clients.create(tx, "Coldwell", ClientChanges(configs={"icp_config": {"signals": []}}), by=None)
    assert (made.state, made.configs["icp_config"].version) == ("onboarding", 1)
    refined = await clients.refine(tx, made.client_id, "icp_config", {"target_titles": ["CEO"]}, by=None)
    assert (refined.original, refined.current) == ({"signals": []}, {"target_titles": ["CEO"]})
    configs = {
        "icp_config": {"signals": [{"name": "plant", "tier": "hot"}]},
        "industry_research": {},
        "research_context": {},
    }
    changed = await clients.update(tx, made.client_id, ClientChanges(configs=configs), by=None)
    assert (changed.state, changed.configs["icp_config"].version, changed.configs["icp_config"].refined) == (
        "active",
        3,
        None,
    )
    assert [each.version for each in await clients.list_config_versions(tx, made.client_id, "icp_config")] == [3, 2, 1]


async def test_saving_over_somebody_elses_version_is_refused(tx: Transaction) -> None:
    made = await clients.create(tx, "Coldwell", ClientChanges(configs={"seed": {"mode": "discovery"}}), by=None)
    mine = ClientChanges(configs={"seed": {"mode": "seed", "seed": "Harbor"}}, expected_versions={"seed": 1})
    await clients.update(tx, made.client_id, mine, by=None)
    theirs = ClientChanges(configs={"seed": {"mode": "seed", "seed": "Acme"}}, expected_versions={"seed": 1})
    with pytest.raises(Conflict, match="Somebody saved"):
        await clients.update(tx, made.client_id, theirs, by=None)


async def test_saving_the_same_again_makes_no_version(tx: Transaction) -> None:
    made = await clients.create(tx, "Coldwell", ClientChanges(configs={"seed": {"mode": "discovery"}}), by=None)
    again = await clients.update(tx, made.client_id, ClientChanges(configs={"seed": {"mode": "discovery"}}), by=None)
    assert again.configs["seed"].version == 1


async def test_onboarding_goes_through_its_stages_in_order_and_keeps_each(tx: Transaction, client_id: ClientId) -> None:
    begun = await clients.start_onboarding(
        tx, client_id, intake={"goal": "Grow", "do_not_call": ["bad.example"]}, by=None
    )
    assert (await clients.get(tx, client_id)).do_not_call == ("bad.example",)
    with pytest.raises(Conflict, match="before refined comes configured"):
        await clients.advance_onboarding(tx, begun.id, refined={"icp_config": {}}, by=None)
    await clients.advance_onboarding(tx, begun.id, consolidated={"summary": "x"}, by=None)
    await clients.advance_onboarding(tx, begun.id, generated={"icp_config": {"signals": []}}, by=None)
    done = await clients.advance_onboarding(tx, begun.id, refined={"icp_config": {"short": 1}}, by=None)
    assert (done.state, done.consolidated, done.intake["goal"]) == ("refined", {"summary": "x"}, "Grow")
    client = await clients.get(tx, client_id)
    assert (client.state, client.configs["icp_config"].original, client.configs["icp_config"].current) == (
        "active", {"signals": []}, {"short": 1}
    )  # fmt: skip
    assert await clients.advance_onboarding(tx, begun.id, consolidated={"summary": "x"}, by=None) == done
    with pytest.raises(Conflict, match="already"):
        await clients.advance_onboarding(tx, begun.id, consolidated={"summary": "y"}, by=None)


async def test_an_archived_client_is_not_changed_any_more(tx: Transaction, client_id: ClientId) -> None:
    await base_clients.archive(tx, client_id)
    with pytest.raises(Conflict, match="archived"):
        await clients.update(tx, client_id, ClientChanges(configs={"seed": {}}), by=None)


@pytest.mark.parametrize("act", ["dossier", "contact", "source", "merge", "summary", "onboarding", "client"])
async def test_what_is_not_there_says_so(tx: Transaction, act: str) -> None:
    nothing: UUID = uuid4()
    calls = {
        "dossier": lambda: dossiers.get_view(tx, nothing), "contact": lambda: contacts.get_contact(tx, nothing),
        "source": lambda: claims.get_quote(tx, nothing, 0, 1), "merge": lambda: claims.get_merge(tx, nothing),
        "summary": lambda: claims.summarize(tx, nothing), "onboarding": lambda: clients.get_onboarding(tx, nothing),
        "client": lambda: clients.get(tx, nothing),
    }  # fmt: skip
    with pytest.raises(NotFound):
        await calls[act]()


async def test_the_eleven_tables_of_the_seed_can_be_read_with_its_columns(
    tx: Transaction, run_id: RunId, client_id: ClientId
) -> None:
    await make_dossier(tx, run_id, client_id)
    wanted = {
        "v2_clients": "icp_config, industry_research, research_context", "v2_prompts": "prompt_id, stage, current_version",
        "v2_prompt_versions": "version_number, content, change_notes", "v2_pipeline_runs": "client_id, status, total_steps",
        "v2_step_runs": "input_variables, interpolated_prompt, raw_output, parsed_output, tokens_in, tokens_out",
        "v2_claims": "claim_id, statement, is_merged, merged_into", "v2_merged_claims": "original_claim_ids, reconciliation_type",
        "v2_context_packs": "pack_type, pack_data, anchor_claim_ids", "v2_dossiers": "lead_score, timing_urgency, status, released_at",
        "v2_dossier_sections": "section_key, content, sources", "v2_contacts": "bio, email_copy, is_primary",
    }  # fmt: skip
    counts = {name: len(await tx.fetch(f"select {columns} from {name}")) for name, columns in wanted.items()}
    assert (counts["v2_clients"], counts["v2_pipeline_runs"], counts["v2_claims"], counts["v2_merged_claims"]) == (
        1,
        1,
        3,
        2,
    )
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await tx.execute("delete from v2_claims")
