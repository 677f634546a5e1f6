"""7b Insight: the barrier where all claims are merged, understood and packed for the writers."""

from typing import Any

from spadework.plug.step import Ask, Output, Step


class Patches(Output):
    """Changes to the claims, addressed by id; our code checks and applies them."""

    patches: list[Any]


class Insight(Output):
    """What the merged claims mean together."""

    insights: Any = None


class InsightStep(Step):
    """Merges, then looks for insights in what the merge gave; the pack for the writers is built last."""

    key = "insight"
    id = "7b-insight"
    label = "Insight"
    stage = "INSIGHT"
    asks = (
        Ask(id="7b-insight_claims_merge", label="Claims merge", prompt="claims.merge", output=Patches, effect="merge"),
        Ask(prompt="insight.analysis", output=Insight),
    )
    is_in_turn = True
    after = ("enrich_lead", "enrich_opportunity", "client_specific", "media")
    makes_pack = "for_writers"
