"""A dossier made over the wire: model, search engine and pages are processes of their own, and every sentence is proved."""

import json
import re
import shutil
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.dossier_house import DossierHouse

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(280)]
RECORDING = Path(str(resources.files("spadework.research.example"))) / "replies"
UNPROVED = "Kestrel will also order two chillers from a rival."
STEPS = {
    "1-search-builder", "2-signal-discovery", "3-entity-research", "4-contact-discovery", "5a-enrich-lead",
    "5b-enrich-opportunity", "5c-client-specific", "8-media", "7b-insight", "9-dossier-plan", "6-writers",
    "6-enrich-contacts", "6.2-enrich-contact", "7a-copy",
}  # fmt: skip


@pytest.fixture(scope="module")
def here() -> Iterator[DossierHouse]:
    with DossierHouse(latency_ms=5) as house:
        house.start_worker()
        yield house


@pytest.fixture(scope="module")
def run_id(here: DossierHouse) -> str:
    run_id = here.begin()
    run = here.ended(run_id)
    assert run["status"] == "completed", run["error_message"]
    return run_id


def test_fourteen_steps_over_the_wire_make_a_dossier(here: DossierHouse, run_id: str) -> None:
    run = here.read(f"/v2/pipeline/runs/{run_id}")
    assert (run["steps_completed"], run["total_steps"], run["is_simulated"]) == (14, 14, False)
    steps = here.steps(run_id)
    assert {each["of_step"] for each in steps.values()} == STEPS
    assert {each["status"] for each in steps.values()} == {"completed", "skipped"}
    dossier = here.dossier(run_id)
    assert (dossier["company_name"], dossier["status"], dossier["lead_score"]) == ("Kestrel Cold Storage", "ready", 89)
    assert dossier["missing_sections"] == []
    assert len(dossier["contacts"]) == 5


def test_every_call_went_over_the_wire_was_paid_and_stands_in_the_books(here: DossierHouse, run_id: str) -> None:
    asked = here.asked_of_model()
    steps = here.steps(run_id)
    done = [each for each in steps.values() if each["status"] == "completed" and each["raw_output"] is not None]
    assert len(asked) == len({each["digest"] for each in asked}) == len(done) >= 40
    assert {f"{each['prompt']} {each['step']}" for each in done if each["prompt"]} <= {
        each["purpose"] for each in asked
    }
    assert len(here.asked_of_vendor("page_reader")) >= 10
    spent = here.fetch("select capability, state, price_settled as cost from v_calls where run_id::text = $1", run_id)
    assert {(each["capability"], each["state"]) for each in spent} == {("complete", "ok"), ("search_web", "ok")}
    assert all(each["cost"] > 0 for each in spent)
    assert len([each for each in spent if each["capability"] == "complete"]) == len(asked)
    assert here.read(f"/v2/pipeline/runs/{run_id}")["cost_micro_usd"] == sum(each["cost"] for each in spent)


def test_at_least_fifty_claims_each_stand_word_for_word_in_a_stored_page(here: DossierHouse, run_id: str) -> None:
    claims = here.claims(run_id)
    assert len(claims) >= 50
    texts = texts_of_sources(here, run_id)
    for each in claims:
        assert each["is_supported"], each["statement"]
        found = texts[each["source_id"]][each["quote_start"] : each["quote_end"]]
        assert squeezed(found) == squeezed(each["quote"])


def test_every_sentence_of_the_dossier_leads_to_a_quote_in_a_stored_page(here: DossierHouse, run_id: str) -> None:
    dossier = here.dossier(run_id)
    texts = texts_of_sources(here, run_id)
    sentences = [each for section in dossier["sections"] for each in section["sentences"]]
    assert len(sentences) > 40
    assert [each["text"] for each in sentences if each["status"] != "supported"] == []
    for each in sentences:
        sources = [source for name in each["claim_ids"] for source in dossier["claims"][name]["sources"]]
        proofs = [source for source in sources if source["source_id"] is not None]
        assert proofs, each["text"]
        assert all(texts[one["source_id"]][one["start"] : one["end"]].strip() for one in proofs)


def test_a_sentence_that_no_claim_supports_is_caught_and_shown(tmp_path: Path) -> None:
    replies = shutil.copytree(RECORDING, tmp_path / "replies")
    intro = next(
        each
        for each in json.loads((replies / "6-writers.json").read_text())
        if each["match"].startswith("writer.intro")
    )
    intro["reply"]["content"]["the_angle"] += f" {UNPROVED}"
    (replies / "0-first.json").write_text(json.dumps([intro]))
    with DossierHouse(latency_ms=5, replies=replies) as house:
        house.start_worker()
        run_id = house.begin()
        assert house.ended(run_id)["status"] == "completed"
        dossier = house.dossier(run_id)
        (caught,) = dossier["unsupported"]
        assert (caught["section"], caught["sentence"]["text"]) == ("INTRO", UNPROVED)
        assert caught["sentence"]["status"] != "supported"
        assert caught["sentence"]["problem"]
        page = house.web.get(
            f"{house.api.said['address']}/v2/dossiers/{dossier['id']}/export", params={"format": "html"}
        )
        assert UNPROVED in page.text


def texts_of_sources(here: DossierHouse, run_id: str) -> dict[str, str]:
    """The stored text of every page of a run."""
    rows: list[Any] = here.fetch("select id, text from sources where run_id::text = $1", run_id)
    return {str(each["id"]): each["text"] for each in rows}


def squeezed(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()
