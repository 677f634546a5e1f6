"""A merge applies patches by code, checks every id, and unites what it merges."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from spadework.research.rules import merging, patches
from spadework.research.types.claims import Claim, Merge
from tests.research.building import TODAY, claim

A, B, C = claim("search_001", entities=("Acme",)), claim("entity_001", entities=("Dayton",)), claim("lead_001")


def merge(claims: list[Claim], *entries: dict[str, Any]) -> Merge:
    found, unread = patches.read({"patches": list(entries)})
    return merging.merge(claims, found, on=TODAY, unread=unread)


def test_without_patches_every_claim_passes_through_in_its_order() -> None:
    done = merge([A, B, C])
    assert [(each.merged_claim_id, each.original_claim_ids) for each in done.claims] == [
        ("MERGED_001", ("search_001",)), ("MERGED_002", ("entity_001",)), ("MERGED_003", ("lead_001",)),
    ]  # fmt: skip
    assert {each.reconciliation_type for each in done.claims} == {"PASS_THROUGH"}


def test_a_merged_claim_has_the_sources_and_entities_of_all_it_took_in() -> None:
    done = merge([A, B, C], {"action": "merge", "keep": "entity_001", "drop": ["search_001"]})
    first = done.claims[0]
    assert (first.statement, first.reconciliation_type) == (B.statement, "DUPLICATE")
    assert first.original_claim_ids == ("search_001", "entity_001")
    assert first.entities == ("Dayton", "Acme")
    assert [each.url for each in first.sources] == [A.source_url, B.source_url]
    assert done.placed == {"search_001": "MERGED_001", "entity_001": "MERGED_001", "lead_001": "MERGED_002"}


def test_claims_are_found_under_the_step_they_were_addressed_with() -> None:
    done = merge([A, B], {"action": "merge", "keep": "2-signal-discovery.search_001", "drop": ["er.ENTITY_001"]})
    assert (done.stats.output, done.rejected) == (1, ())


@pytest.mark.parametrize(
    "patch",
    [
        {"action": "merge", "keep": "search_001", "drop": ["entity_001", "entity_099"]},
        {"action": "merge", "keep": "entity_099", "drop": ["search_001"]},
        {"action": "merge_contact", "keep": "search_001", "drop": ["entity_099"], "name": "Dana Field"},
        {"action": "invalidate", "claim_ids": ["search_001", "entity_099"]},
        {"action": "flag_conflict", "claim_ids": ["search_001", "entity_001", "entity_099"]},
        {"action": "flag_conflict", "claim_ids": ["search_001", "lead_001"], "statuses": {"entity_099": "ACTUAL"}},
        {"action": "enhance", "claim_id": "entity_099", "note": "x"},
    ],
    ids=lambda patch: patch["action"],
)
def test_a_patch_with_an_unknown_id_is_reported_and_nothing_of_it_is_applied(patch: dict[str, Any]) -> None:
    done = merge([A, B, C], patch)
    assert [each.unknown_ids for each in done.rejected] == [("entity_099",)]
    assert done.claims == merge([A, B, C]).claims
    assert done.stats.rejected_patches == 1


@pytest.mark.parametrize(
    "patch",
    [7, {}, {"action": "dance"}, {"action": "merge", "keep": "search_001"}, {"action": "invalidate"},
     {"action": "flag_conflict", "claim_ids": ["search_001"]}, {"action": "enhance", "claim_id": "search_001"},
     {"action": "enhance", "claim_id": "search_001", "statement": "Something better"}],
)  # fmt: skip
def test_a_patch_that_cannot_be_read_is_reported_and_the_others_are_applied(patch: Any) -> None:
    found, unread = patches.read({"patches": [patch, {"action": "merge", "keep": "search_001", "drop": ["lead_001"]}]})
    done = merging.merge([A, B, C], found, on=TODAY, unread=unread)
    assert [each.position for each in done.rejected] == [1]
    assert done.stats.output == 2


def test_a_reply_without_patches_is_reported_and_every_claim_stands() -> None:
    found, unread = patches.read("All of them look fine to me.")
    assert len(merging.merge([A, B], found, on=TODAY, unread=unread).claims) == 2
    assert len(unread) == 1


def test_merges_may_follow_each_other_and_a_ring_is_one_claim() -> None:
    done = merge(
        [A, B, C],
        {"action": "merge", "keep": "search_001", "drop": ["entity_001"]},
        {"action": "merge", "keep": "entity_001", "drop": ["lead_001"]},
        {"action": "merge", "keep": "lead_001", "drop": ["search_001"]},
    )
    assert [each.original_claim_ids for each in done.claims] == [("search_001", "entity_001", "lead_001")]
    assert [each.reason for each in done.rejected] == ["The claims it names are one by now."]


def test_the_same_words_are_one_claim_before_any_patch_unless_their_dates_differ() -> None:
    same = [claim("search_001", "Revenue grew 10%."), claim("lead_001", "revenue  grew 10%")]
    other = claim("opp_001", "Revenue grew 10%", date_in_claim=date(2025, 1, 1))
    minus = claim("opp_002", "Revenue grew -10%")
    assert [len(each.original_claim_ids) for each in merge([*same, other, minus]).claims] == [2, 1, 1]


def test_a_claim_with_a_quote_stands_for_one_without() -> None:
    bare = claim("search_001", "Acme builds four plants", evidence=None, confidence="LOW")
    done = merge([bare, B], {"action": "merge", "keep": "search_001", "drop": ["entity_001"]})
    assert (done.claims[0].statement, done.claims[0].is_usable) == (B.statement, True)


def test_an_invalidated_claim_stays_marked_and_is_not_merged_any_more() -> None:
    done = merge(
        [A, B, C],
        {"action": "invalidate", "claim_ids": ["lead_001"], "reason": "Another Acme"},
        {"action": "merge", "keep": "search_001", "drop": ["lead_001"]},
    )
    last = done.claims[-1]
    assert (last.invalid_because, last.is_usable, done.stats.invalidated) == ("Another Acme", False, 1)
    assert "was invalidated before" in done.rejected[0].reason


def test_part_of_a_merged_claim_cannot_be_invalidated_alone() -> None:
    done = merge(
        [A, B],
        {"action": "merge", "keep": "search_001", "drop": ["entity_001"]},
        {"action": "invalidate", "claim_ids": ["entity_001"]},
    )
    assert (done.claims[0].invalid_because, len(done.rejected)) == (None, 1)


@pytest.mark.parametrize(
    ("first", "second", "preferred"),
    [
        ({"source_tier": "NEWS", "date_in_claim": date(2026, 5, 1)}, {"source_tier": "GOV"}, "MERGED_002"),
        ({"source_tier": "PRIMARY"}, {"source_tier": "NEWS"}, "MERGED_001"),
        ({"source_tier": "NEWS"}, {"source_tier": "OTHER"}, "MERGED_001"),
        (
            {"source_tier": "NEWS", "date_in_claim": date(2026, 1, 1)},
            {"source_tier": "NEWS", "date_in_claim": date(2026, 2, 1)},
            "MERGED_002",
        ),
        ({"source_tier": "NEWS"}, {"source_tier": "NEWS", "date_in_claim": date(2026, 2, 1)}, None),
        ({"source_tier": "GOV", "evidence": None}, {"source_tier": "OTHER"}, "MERGED_002"),
    ],
    ids=["gov-over-newer-news", "primary-over-news", "news-over-other", "newer", "undecided", "unsupported-loses"],
)
def test_a_conflict_prefers_the_better_source_then_the_newer_date_and_asks_for_a_look(
    first: dict[str, Any], second: dict[str, Any], preferred: str | None
) -> None:
    claims = [claim("search_001", "It has 40 staff", **first), claim("lead_001", "It has 90 staff", **second)]
    done = merge(claims, {"action": "flag_conflict", "claim_ids": ["search_001", "lead_001"], "topic": "Staff"})
    [found] = done.resolved
    assert (found.object_id, found.preferred_claim_id, found.needs_review) == ("CONFLICT_001", preferred, True)
    assert [each.conflicts_with for each in done.claims] == [("MERGED_002",), ("MERGED_001",)]
    assert {each.confidence for each in done.claims if each.merged_claim_id != preferred} == {"LOW"}


def test_a_timeline_keeps_every_value_and_the_last_one_counts() -> None:
    claims = [
        claim("search_001", "The plant opens in 2027", date_in_claim=date(2027, 1, 1)),
        claim("lead_001", "The plant opened early", date_in_claim=date(2026, 11, 1)),
        claim("opp_001", "The opening was postponed to 2028", date_in_claim=date(2028, 1, 1)),
    ]
    names = [each.claim_id for each in claims]
    done = merge(claims, {"action": "flag_conflict", "kind": "TIMELINE", "claim_ids": names, "topic": "Opening"})
    [found] = done.resolved
    assert [(each.merged_claim_id, each.status, each.stated_status) for each in found.timeline] == [
        ("MERGED_001", "SUPERSEDED", "ANNOUNCED"), ("MERGED_003", "SUPERSEDED", "REVISED"), ("MERGED_002", "ACTUAL", "ACTUAL"),
    ]  # fmt: skip
    assert done.claims[1].supersedes == ("MERGED_001", "MERGED_003")


@pytest.mark.parametrize(
    ("second", "resolution", "output"),
    [
        (("D. Field", "Acme"), "SAME_PERSON", 1),
        (("Dana Field", "Borealis"), "DIFFERENT_PERSON", 2),
        (("Dana Field",), "UNSURE", 2),
    ],
    ids=["same-company", "other-company", "no-company"],
)
def test_people_are_one_only_with_the_same_name_and_company(
    second: tuple[str, ...], resolution: str, output: int
) -> None:
    claims = [
        claim("contact_001", "Dana Field leads operations", type="CONTACT", entities=("Dana Field", "Acme")),
        claim("lead_001", "She leads the build", type="CONTACT", entities=second),
    ]
    done = merge(claims, {"action": "merge_contact", "keep": "contact_001", "drop": ["lead_001"], "name": "Dana Field"})
    assert ([each.resolution for each in done.resolved], done.stats.output) == ([resolution], output)
    assert bool(done.rejected) is (resolution == "DIFFERENT_PERSON")


def test_a_claim_that_does_not_name_the_person_is_not_merged_into_them() -> None:
    claims = [claim("contact_001", entities=("Dana Field", "Acme")), claim("lead_001", entities=("Acme",))]
    done = merge(claims, {"action": "merge_contact", "keep": "contact_001", "drop": ["lead_001"], "name": "Dana Field"})
    assert (done.stats.output, "does not mention" in done.rejected[0].reason) == (2, True)


def test_enhancing_adds_and_never_overwrites() -> None:
    dated = replace(A, date_in_claim=date(2026, 1, 1))
    done = merge(
        [dated, B],
        {"action": "enhance", "claim_id": "search_001", "entities": ["acme", "Ohio"], "note": "The second site"},
        {"action": "enhance", "claim_id": "search_001", "date_in_claim": "2025-01-01"},
        {"action": "enhance", "claim_id": "entity_001", "date_in_claim": "2026-04"},
    )
    assert (done.claims[0].entities, done.claims[0].notes) == (("Acme", "Ohio"), ("The second site",))
    assert (done.claims[0].date_in_claim, done.claims[1].date_in_claim) == (date(2026, 1, 1), date(2026, 4, 1))
    assert [each.position for each in done.rejected] == [2]


@pytest.mark.parametrize(
    ("claims", "confidence"),
    [
        ([claim("search_001", "It has 40 staff", source_tier="NEWS")], "MEDIUM"),
        ([claim("search_001", "It has 40 staff"), claim("lead_001", "It has 40 staff.")], "HIGH"),
        ([claim("search_001", "It has 40 staff"), claim("lead_001", "It has 40 staff.", evidence=None)], "MEDIUM"),
        ([claim("search_001", "It has 40 staff", source_url="https://a.example/1"),
          claim("lead_001", "It has 40 staff", source_url="https://a.example/2")], "MEDIUM"),
        ([claim("search_001", "It has 40 staff", source_tier="GOV")], "HIGH"),
        ([claim("search_001", "It hires", source_tier="GOV", confidence="MEDIUM")], "MEDIUM"),
        ([claim("search_001", "It has 40 staff", source_tier="NEWS", date_in_claim=date(2026, 4, 1))], "HIGH"),
        ([claim("search_001", "It has 40 staff", confidence="HIGH", evidence=None)], "LOW"),
    ],
    ids=["one", "two-sites", "second-without-quote", "one-site-twice", "registry", "vague", "recent", "no-quote"],
)  # fmt: skip
def test_several_sites_a_registry_and_recent_news_raise_confidence_by_a_step(
    claims: list[Claim], confidence: str
) -> None:
    assert merge(claims).claims[0].confidence == confidence


def test_counts_add_up() -> None:
    done = merge(
        [A, B, C, claim("opp_001"), claim("opp_002", evidence=None)],
        {"action": "merge", "keep": "search_001", "drop": ["entity_001"]},
        {"action": "flag_conflict", "claim_ids": ["lead_001", "opp_001"]},
        {"action": "merge", "keep": "nobody_001", "drop": ["lead_001"]},
    )
    stats = done.stats
    assert (stats.input, stats.output, stats.duplicates, stats.conflicts) == (5, 4, 1, 1)
    assert (stats.passed_through, stats.unsupported, stats.rejected_patches) == (1, 1, 1)


def test_a_conflict_between_claims_that_a_later_patch_makes_one_is_reported() -> None:
    done = merge(
        [A, B],
        {"action": "flag_conflict", "claim_ids": ["search_001", "entity_001"]},
        {"action": "merge", "keep": "search_001", "drop": ["entity_001"]},
    )
    assert (done.resolved, len(done.rejected)) == ((), 1)
