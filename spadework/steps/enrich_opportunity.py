"""5b Enrich opportunity: the project behind the signal: what, where, when, how much, who."""

from collections.abc import Mapping, Sequence
from typing import Any

from spadework.plug.step import Ask, Inputs, Output, Step


class Lead(Inputs):
    """The company that was chosen."""

    company: dict[str, Any]


class Opportunity(Output):
    """The project's details."""

    opportunity: Any = None


class EnrichOpportunity(Step):
    """Looks for the project's scope, value, timeline, procurement and key players."""

    key = "enrich_opportunity"
    id = "5b-enrich-opportunity"
    label = "Enrich opportunity"
    stage = "ENRICH_LEAD"
    mode = "agent"
    asks = (Ask(prompt="enrich-opportunity.research", output=Opportunity),)
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
        return [f'"{name}" {topic}' for topic in ("tender", "permit", "contract value")]
