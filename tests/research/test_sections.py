"""Every sentence of a section leads to claims that carry it, or is caught and shown."""

import json
from datetime import date
from typing import Any

import pytest

from spadework.prompts.actions import files
from spadework.research.rules import sections, sentences
from spadework.research.rules.shapes import SHAPES
from spadework.research.types.claims import ResolvedObject
from spadework.research.types.dossiers import WRITTEN_SECTIONS, LeadScore, ScorePart, SectionKey
from tests.research.building import merged

STORE = merged(
    "MERGED_001", "Harbor Foods will build a cold store in Dayton, Ohio", entities=("Harbor Foods", "Dayton"),
    date_in_claim=date(2026, 5, 4),
)  # fmt: skip
COST = merged("MERGED_002", "The plant costs $40 million and opens in March 2027", type="METRIC")
BARE = merged("MERGED_003", "It has bought a rival", is_supported=False)
WRONG = merged("MERGED_004", "It sells cars", invalid_because="Another Harbor")
CLAIMS = [STORE, COST, BARE, WRONG]
SCORE = LeadScore(
    total=62, parts=(ScorePart(name="signal", points=28, most=30, reason="A new plant"),), urgency="CRITICAL"
)  # fmt: skip


def angle(text: str) -> list[tuple[str, str]]:
    """Each sentence of an entity brief with its status."""
    reply = {"content": {"company_intel": "Harbor Foods builds [MERGED_001].", "entity_brief": text}}
    section = sections.write("LEAD_INTELLIGENCE", reply, CLAIMS)
    return [(each.text, each.status) for each in section.sentences if each.path == "entity_brief"]


def test_a_sentence_is_carried_by_the_claim_it_cites() -> None:
    assert angle("Harbor Foods builds a cold store in Dayton [MERGED_001]. It opens in March 2027. [MERGED_002]") == [
        ("Harbor Foods builds a cold store in Dayton.", "supported"),
        ("It opens in March 2027.", "supported"),
    ]


@pytest.mark.parametrize(
    ("text", "status", "problem"),
    [
        ("Harbor Foods builds a cold store.", "uncited", "cites no claim"),
        ("Harbor Foods builds a cold store [MERGED_077].", "unknown_claim", "MERGED_077, which was not given"),
        ("It has bought a rival [MERGED_003].", "unsupported", "no stored source holds its quote"),
        ("It sells cars [MERGED_004].", "unsupported", "Another Harbor"),
        ("The plant costs $90 million [MERGED_002].", "unsupported", "do not say 90"),
        ("The plant of Borealis costs $40 million [MERGED_002].", "unsupported", "do not name Borealis"),
        ("Nobody ever went hungry afterwards [MERGED_002].", "unsupported", "shares no word"),
    ],
)
def test_a_sentence_that_no_claim_supports_is_caught_and_shown(text: str, status: str, problem: str) -> None:
    section = sections.write("LEAD_INTELLIGENCE", {"content": {"company_intel": text}}, CLAIMS)
    [sentence] = section.unsupported
    assert (sentence.status, sentence.text) == (status, sentence.text.strip())
    assert problem in (sentence.problem or "")
    assert "MERGED" not in section.content["company_intel"]


def test_each_sentence_of_several_needs_its_own_citation() -> None:
    said = "Harbor Foods builds in Dayton [MERGED_001]. They hire 200 people."
    assert [status for _, status in angle(said)] == ["supported", "uncited"]


def test_abbreviations_and_decimals_do_not_end_a_sentence() -> None:
    split = [each.text for each in sentences.split("The U.S. plant of Acme Inc. costs 1.5 million. Dr. Field runs it!")]
    assert split == ["The U.S. plant of Acme Inc. costs 1.5 million.", "Dr. Field runs it!"]


def test_marks_in_lists_and_after_the_full_stop_belong_to_the_sentence_before() -> None:
    [first, second] = sentences.split("It builds. [merged_001, MERGED_002] It opens [MERGED_002; MERGED_001].")
    assert first == sentences.Cited("It builds.", ("MERGED_001", "MERGED_002"))
    assert second == sentences.Cited("It opens.", ("MERGED_002", "MERGED_001"))


def test_an_objects_claim_ids_cover_its_single_sentences() -> None:
    signal = {"signal_type": "expansion", "headline": "Harbor Foods builds in Dayton", "claim_ids": ["MERGED_001"]}
    section = sections.write("SIGNALS", {"content": {"why_theyll_buy_now": [signal]}}, CLAIMS)
    assert [(each.path, each.claim_ids, each.status) for each in section.sentences] == [
        ("why_theyll_buy_now.0.headline", ("MERGED_001",), "supported")
    ]


def test_a_short_fact_without_a_mark_is_traced_to_the_claim_that_carries_it() -> None:
    details = {"project_name": "Dayton cold store", "estimated_value": "$40 million", "location": "Berlin"}
    section = sections.write("OPPORTUNITY", {"content": {"opportunity_details": details}}, CLAIMS)
    assert {each.path.split(".")[-1]: (each.claim_ids, each.status) for each in section.sentences} == {
        "project_name": (("MERGED_001",), "supported"), "estimated_value": (("MERGED_002",), "supported"),
        "location": ((), "uncited"),
    }  # fmt: skip


def test_advice_may_use_its_own_words_but_no_numbers_or_names_of_its_own() -> None:
    content = {"common_objections": [
        {"objection": "Others are cheaper [MERGED_002].", "response": "Offer a tour within 2 weeks [MERGED_001]."}
    ]}  # fmt: skip
    section = sections.write("STRATEGY", {"content": content}, CLAIMS)
    assert [(each.status, each.problem) for each in section.sentences] == [
        ("supported", None), ("unsupported", "Its claims do not say 2.")
    ]  # fmt: skip


def test_the_clients_own_name_needs_no_claim() -> None:
    said = "Ask whether Coldwell can store for Harbor Foods [MERGED_001]."
    reply = {"content": {"company_intel": said}}
    assert sections.write("LEAD_INTELLIGENCE", reply, CLAIMS).unsupported
    assert not sections.write("LEAD_INTELLIGENCE", reply, CLAIMS, known=["Coldwell"]).unsupported


def test_citing_a_timeline_cites_its_claims() -> None:
    timeline = ResolvedObject(
        object_id="TIMELINE_001", kind="TIMELINE", label="Opening", evidence_claim_ids=("MERGED_002",),
        confidence="HIGH", resolution="ANNOUNCED",
    )  # fmt: skip
    reply = {"content": {"company_intel": "The plant opens in March 2027 [TIMELINE_001]."}}
    section = sections.write("LEAD_INTELLIGENCE", reply, CLAIMS, resolved=[timeline])
    assert [(each.claim_ids, each.status) for each in section.sentences] == [(("MERGED_002",), "supported")]


def test_the_intros_score_and_urgency_are_ours_and_not_the_writers() -> None:
    content = {"title": "Harbor Foods in Dayton", "one_liner": "A cold store in Dayton [MERGED_001]",
               "the_angle": "They build in Dayton [MERGED_001].", "lead_score": 99, "timing_urgency": "LOW"}  # fmt: skip
    section = sections.write("INTRO", {"content": content}, CLAIMS, score=SCORE)
    assert (section.content["lead_score"], section.content["timing_urgency"]) == (62, "HIGH")
    assert (section.is_complete, section.unsupported) == (True, ())


def test_what_breaks_the_shape_or_the_style_is_said_and_the_rest_stands() -> None:
    content = {
        "title": "Harbor Foods", "one_liner": "A cold store in Dayton — " + "very " * 20 + "[MERGED_001]",
        "the_angle": None, "horoscope": "good",
    }  # fmt: skip
    section = sections.write("INTRO", {"content": content}, CLAIMS, score=SCORE)
    text = " ".join(section.problems)
    assert not section.is_complete
    for each in ("horoscope does not belong", "80 are allowed", "one_liner has an em dash", "the_angle is empty"):
        assert each in text


def test_an_address_that_is_no_source_of_the_dossier_is_left_out() -> None:
    signals = [
        {"headline": "A cold store in Dayton [MERGED_001]", "source_url": url}
        for url in ("https://harbor.example/news", "https://elsewhere.example", "javascript:alert(1)")
    ]
    section = sections.write("SIGNALS", {"content": {"why_theyll_buy_now": signals}}, CLAIMS)
    assert [each["source_url"] for each in section.content["why_theyll_buy_now"]] == [
        "https://harbor.example/news",
        "",
        "",
    ]


@pytest.mark.parametrize("reply", ["prose only", {}, {"content": {"weather": "fine"}}, [1], None])
def test_a_reply_without_the_sections_content_is_refused(reply: Any) -> None:
    with pytest.raises(ValueError, match="holds none of"):
        sections.write("INTRO", reply, CLAIMS)


def test_a_section_nobody_writes_is_refused() -> None:
    with pytest.raises(ValueError, match="no writer"):
        sections.write("CONTACTS", {}, CLAIMS)


def test_sources_are_listed_once_with_where_they_are_used_and_never_without_a_found_quote() -> None:
    first = sections.write(
        "LEAD_INTELLIGENCE", {"company_intel": "Harbor Foods builds in Dayton [MERGED_001]."}, CLAIMS
    )
    second = sections.write(
        "SIGNALS", {"why_theyll_buy_now": [{"headline": "It opens in March 2027 [MERGED_002]."}]}, CLAIMS
    )
    [source] = sections.all_sources([first, second])
    assert (source.url, source.used_in, source.claim_ids) == (
        "https://harbor.example/news", ("LEAD_INTELLIGENCE", "SIGNALS"), ("MERGED_001", "MERGED_002")
    )  # fmt: skip
    assert sections.sources_of([BARE], "INTRO") == ()


def test_every_part_of_the_score_leads_to_the_claims_of_the_pages_it_names() -> None:
    part = ScorePart(
        name="signal", points=28, most=30, reason="A new plant", source_urls=("https://harbor.example/news",)
    )
    section = sections.score_section(LeadScore(total=28, parts=(part,), urgency="HIGH"), CLAIMS)
    assert section.claim_ids == ("MERGED_001", "MERGED_002")


def test_every_written_section_has_a_shape() -> None:
    assert set(SHAPES) == set(WRITTEN_SECTIONS)


@pytest.mark.parametrize("key", WRITTEN_SECTIONS)
def test_the_prompt_of_each_writer_asks_for_the_shape_that_is_read(key: SectionKey) -> None:
    name = "writer." + key.lower().replace("_", "-")
    schema = next(each for each in files.shipped() if each.prompt.key == name).draft.config.output_schema
    assert schema is not None
    content = schema["properties"]["content"]
    assert set(content["properties"]) == set(SHAPES[key].fields)


@pytest.mark.parametrize("key", WRITTEN_SECTIONS)
def test_the_example_in_each_writers_prompt_cites_in_every_sentence(key: SectionKey) -> None:
    name = "writer." + key.lower().replace("_", "-")
    text = next(each for each in files.shipped() if each.prompt.key == name).draft.text
    section = sections.write(key, json.loads(text.split("```json")[1].split("```")[0]), CLAIMS)
    assert [each.text for each in section.sentences if each.status == "uncited"] == []
    assert section.sentences
