"""Lead score, context packs, states and release, and who is to be left alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from spadework.core.errors import Conflict, InvalidInput
from spadework.research.rules import clients, packs, scoring, states
from spadework.research.types.dossiers import DossierState

PARTS = [
    {"name": "signal", "points": 28, "reason": "A new plant", "claim_ids": ["search_001"]},
    {"name": "timing", "points": 15, "reason": "Opens next year"}, {"name": "geography", "points": 10, "reason": "Ohio"},
    {"name": "project_type", "points": 12, "reason": "Cold store"}, {"name": "budget", "points": 8, "reason": "$40m"},
    {"name": "relationship", "points": 0, "reason": "None known"},
]  # fmt: skip


def test_the_total_is_our_sum_and_never_the_models() -> None:
    score = scoring.read({"lead_score": {"parts": PARTS, "total": 99}, "timing_urgency": "high"})
    assert (score.total, score.urgency, score.problems) == (73, "HIGH", ())
    assert score.parts[0].reason == "A new plant"


@pytest.mark.parametrize(("points", "kept"), [(31, 30), (-5, 0), ("12", 12), (12.6, 13), ("many", 0), (None, 0)])
def test_points_stay_within_their_part(points: Any, kept: int) -> None:
    score = scoring.read({"parts": [{**PARTS[0], "points": points}]})
    assert score.parts[0].points == score.total == kept


@pytest.mark.parametrize(
    ("tier", "points", "kept"), [("hot", 10, 25), ("warm", 30, 24), ("passive", 0, 5), ("hot", 27, 27)]
)
def test_a_signals_points_stay_within_its_tier(tier: str, points: int, kept: int) -> None:
    score = scoring.read({"parts": [{**PARTS[0], "points": points, "tier": tier}]})
    assert score.parts[0].points == kept


def test_missing_and_unknown_parts_are_said_and_count_nothing() -> None:
    score = scoring.read({"parts": [*PARTS[:5], {"name": "weather", "points": 50}]})
    assert score.total == 73
    assert {"weather", "relationship"} == {
        word for word in ("weather", "relationship") if word in " ".join(score.problems)
    }


def test_a_part_cannot_rest_on_claims_that_do_not_exist() -> None:
    score = scoring.read({"parts": PARTS}, claim_ids={"lead_001"})
    assert (score.parts[0].claim_ids, "search_001" in " ".join(score.problems)) == ((), True)


@pytest.mark.parametrize("reply", [None, "prose", {}, [], {"lead_score": 80}, {"parts": "many"}])
def test_a_reply_without_a_score_scores_nothing_and_says_so(reply: Any) -> None:
    score = scoring.read(reply)
    assert (score.total, score.urgency, len(score.problems)) == (0, "LOW", 7)


def test_a_clients_weights_are_scaled_to_a_hundred() -> None:
    limits = scoring.limits_of({"signal": 1, "timing": 1, "budget": 1})
    assert (sum(limits.values()), limits["geography"], sorted(limits.values())[-3:]) == (100, 0, [33, 33, 34])
    assert scoring.limits_of({"signal": "x"}) == scoring.limits_of(None) == dict(scoring.MOST_POINTS)


def test_a_pack_rests_on_claims_that_exist() -> None:
    said = {
        "known_facts": ["Builds"],
        "do_not_repeat": ["Find the address"],
        "anchor_claim_ids": ["search_001", "x_009"],
    }
    pack, problems = packs.read("for_contacts", said, claim_ids={"search_001"})
    assert (pack.anchor_claim_ids, pack.do_not_repeat, len(problems)) == (("search_001",), ("Find the address",), 1)
    assert packs.shown(pack)["known_facts"] == ["Builds"]


def test_a_pack_that_is_too_long_is_cut_and_holds_no_addresses() -> None:
    said = {"content": {"a": "Write to dana@harbor.example now", "b": "x" * 40_000}}
    pack, problems = packs.read("for_writers", said, claim_ids=())
    assert (pack.content, len(problems)) == ({"a": "Write to now"}, 1)
    assert pack.estimated_tokens <= packs.MOST_TOKENS


@pytest.mark.parametrize(
    ("consumer", "reply"), [("signal_to_entity", {"a": 1}), ("for_entity", "no object"), ("for_entity", {})]
)
def test_a_pack_for_nobody_or_of_nothing_is_refused(consumer: str, reply: Any) -> None:
    with pytest.raises(ValueError, match=r"There is no context pack|holds no object"):
        packs.read(consumer, reply, claim_ids=())


ALL: tuple[DossierState, ...] = ("skeleton", "enriching", "ready", "archived", "superseded")
ALLOWED = {
    ("skeleton", "enriching"), ("skeleton", "archived"), ("enriching", "ready"), ("enriching", "archived"),
    ("ready", "archived"), ("ready", "superseded"), ("superseded", "archived"),
}  # fmt: skip


@pytest.mark.parametrize("now", ALL)
@pytest.mark.parametrize("wanted", ALL)
def test_a_dossier_goes_forward_only(now: DossierState, wanted: DossierState) -> None:
    if now == wanted or (now, wanted) in ALLOWED:
        states.require_next(now, wanted)
    else:
        with pytest.raises(Conflict, match="cannot become"):
            states.require_next(now, wanted)


def test_a_dossier_is_held_back_for_its_hours() -> None:
    ready = datetime(2026, 6, 1, 9, tzinfo=UTC)
    assert states.release_moment(ready, 24) - ready == timedelta(hours=24)
    assert states.release_moment(ready, 0) == ready


@pytest.mark.parametrize(
    ("kind", "value", "problem"),
    [
        ("icp_config", {"signals": "hot"}, "must be a list"),
        ("icp_config", {"signals": [{"tier": "boiling"}]}, "has the tier"),
        ("icp_config", {"signals": [{"tier": "hot", "weight": 26}]}, "weight from 0 to 25"),
        ("icp_config", {"scoring_weights": {"signal": "x"}}, "must be a number"),
        ("research_context", {"brand_voice": ["warm"]}, "must be an object"),
        ("seed", {"mode": "guess"}, "seed.mode"),
        ("seed", {"mode": "seed"}, "which company"),
    ],
)
def test_a_configuration_the_pipeline_cannot_read_is_refused_with_its_part(kind: Any, value: Any, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        clients.require_config(kind, value)


@pytest.mark.parametrize(
    ("company", "domain", "is_out"),
    [("Acme Ltd", None, True), ("acme ltd", "other.example", True), ("Acme", None, False), (None, "shop.bad.example", True),
     (None, "bad.example", True), (None, "notbad.example", False), (None, None, False)],
)  # fmt: skip
def test_who_is_to_be_left_alone_is_known_by_domain_and_whole_name(
    company: str | None, domain: str | None, is_out: bool
) -> None:
    assert clients.is_excluded(["Acme Ltd", "https://www.bad.example/"], company=company, domain=domain) is is_out
