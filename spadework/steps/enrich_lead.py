"""5a Enrich lead: how good a lead the company is, in points with reasons."""

from collections.abc import Mapping, Sequence
from typing import Any

from spadework.plug.step import Ask, Inputs, Output, Step


class Lead(Inputs):
    """The company that was chosen."""

    company: dict[str, Any]


class Score(Output):
    """The score's parts with their points, reasons and claims, and how urgent it is."""

    lead_score: Any = None
    timing_urgency: Any = None


class EnrichLead(Step):
    """Owns the lead score: 100 points for signal, timing, geography, project type, budget and relationship."""

    key = "enrich_lead"
    id = "5a-enrich-lead"
    label = "Enrich lead"
    stage = "ENRICH_LEAD"
    mode = "agent"
    asks = (Ask(prompt="enrich-lead.enrichment", output=Score, effect="score"),)
    inputs = Lead
    after = ("contact_discovery",)
    makes_claims = True
    timeout_seconds = 300
    pages_at_most = 6
    turns_at_most = 3
    more_searches_at_most = 3
    more_pages_at_most = 4

    def searches(self, variables: Mapping[str, Any]) -> Sequence[str]:
        name = variables["company"].get("name", "")
        return [f'"{name}" {topic}' for topic in ("news", "expansion", "leadership")]
