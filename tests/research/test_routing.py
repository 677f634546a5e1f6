"""Sections are written from merged claims: the plan's choice, and what it forgot by type."""

from typing import Any

import pytest

from spadework.research.rules import routing
from spadework.research.types.claims import CLAIM_TYPES, MergedClaim
from spadework.research.types.dossiers import Routing
from tests.research.building import merged

CLAIMS = [
    merged("MERGED_001", "One"),
    merged("MERGED_002", "Two", type="NOTE"),
    merged("MERGED_003", "Three", type="METRIC"),
]
PLACED = {"search_001": "MERGED_001", "lead_001": "MERGED_002", "opp_001": "MERGED_003"}


def route(plan: Any, claims: list[MergedClaim] = CLAIMS) -> Routing:
    return routing.route(plan, claims, [], PLACED)


def test_a_plan_that_names_claims_from_before_the_merge_means_the_merged_ones() -> None:
    found = route({"section_routing": {"SIGNALS": {"claim_ids": ["search_001", "5a-enrich-lead.lead_001"]}}})
    assert found.route("SIGNALS").claim_ids == ("MERGED_001", "MERGED_002")
    assert found.rejected_ids == ()


@pytest.mark.parametrize("name", ["LEAD_INTELLIGENCE", "lead-intelligence", "Lead Intelligence", "lead intel"])
def test_a_section_is_known_by_any_spelling(name: str) -> None:
    assert route({"section_routing": {name: {"claim_ids": ["MERGED_001"]}}}).route("LEAD_INTELLIGENCE").claim_ids == (
        "MERGED_001",
    )


def test_what_the_plan_forgets_goes_where_its_type_belongs_and_says_so() -> None:
    found = route({"section_routing": {"INTRO": {"claim_ids": ["MERGED_001"], "coverage_notes": "thin"}}})
    assert (found.route("INTRO").claim_ids, found.route("INTRO").coverage_notes) == (("MERGED_001",), "thin")
    assert found.route("SIGNALS").claim_ids == ()
    assert found.route("OPPORTUNITY").default_claim_ids == found.route("OPPORTUNITY").claim_ids == ("MERGED_003",)
    assert found.route("CLIENT_SPECIFIC").default_claim_ids == ("MERGED_002",)


@pytest.mark.parametrize("plan", [None, "no plan", {}, {"section_routing": []}, {"section_routing": {"SIGNALS": 7}}])
def test_without_a_usable_plan_every_claim_still_goes_somewhere(plan: Any) -> None:
    placed = {claim for each in route(plan).routes for claim in each.claim_ids}
    assert placed == {"MERGED_001", "MERGED_002", "MERGED_003"}


def test_ids_and_sections_of_nothing_are_reported() -> None:
    found = route({"section_routing": {"SIGNALS": {"claim_ids": ["MERGED_099"], "resolved_object_ids": ["CONFLICT_9"]},
                                       "WEATHER": {"claim_ids": ["MERGED_001"]}}})  # fmt: skip
    assert found.rejected_ids == ("MERGED_099", "CONFLICT_9", "WEATHER")


@pytest.mark.parametrize(
    "left_out",
    [["search_001"], [{"claim_ids": ["MERGED_001"], "reason": "Old"}],
     {"claim_ids": ["MERGED_001"], "reasons": {"MERGED_001": "Old"}}],
)  # fmt: skip
def test_a_claim_left_out_on_purpose_stays_out(left_out: Any) -> None:
    found = route({"unmapped_claims": left_out})
    assert list(found.unmapped) == ["MERGED_001"]
    assert found.route("SIGNALS").claim_ids == ()


def test_a_claim_that_must_not_be_used_goes_nowhere_even_when_the_plan_wants_it() -> None:
    claims = [merged("MERGED_001", "No quote", is_supported=False), merged("MERGED_002", "Gone", invalid_because="Old")]
    found = route({"section_routing": {"INTRO": {"claim_ids": ["MERGED_001", "MERGED_002"]}}}, claims)
    assert found.route("INTRO").claim_ids == ()
    assert found.unmapped == {"MERGED_001": "No stored source holds its quote.", "MERGED_002": "Old"}


def test_every_type_has_a_section() -> None:
    assert set(routing.DEFAULT_SECTIONS) == set(CLAIM_TYPES)
