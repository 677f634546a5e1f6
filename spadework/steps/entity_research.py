"""3 Entity research: the company in depth, from its own pages, registers and the press."""

from collections.abc import Mapping, Sequence
from typing import Any

from spadework.plug.step import Ask, Inputs, Output, Step


class Lead(Inputs):
    """The company that was chosen."""

    company: dict[str, Any]


class Entity(Output):
    """What the company is and does, told and structured."""

    narrative: str


class EntityResearch(Step):
    """Reads what there is about the company and tells it."""

    key = "entity_research"
    id = "3-entity-research"
    label = "Entity research"
    stage = "FIND_LEAD"
    mode = "background"
    asks = (Ask(prompt="find-lead.entity-research", output=Entity),)
    inputs = Lead
    after = ("signal_discovery",)
    makes_claims = True
    makes_pack = "for_contacts"
    timeout_seconds = 900
    pages_at_most = 12
    turns_at_most = 4
    more_searches_at_most = 6
    more_pages_at_most = 8

    def searches(self, variables: Mapping[str, Any]) -> Sequence[str]:
        name = variables["company"].get("name", "")
        return [f'"{name}" {topic}' for topic in ("company profile", "projects", "annual report", "ownership")]

    def pages(self, variables: Mapping[str, Any]) -> Sequence[str]:
        domain = variables["company"].get("domain")
        return [f"https://{domain}/"] if domain else []

    def topic(self, variables: Mapping[str, Any]) -> str:
        company = variables["company"]
        name, domain = company.get("name", ""), company.get("domain")
        return (
            f"{name}{f' ({domain})' if domain else ''}: what this company is and does. Report its legal name and other "
            "names in use, its owners and subsidiaries, its projects with place, stage, size and dates, the firms it "
            "works with and their roles, and its finances. Prefer its own pages, public registers and the press. "
            "Leave out companies of a similar name. Give the page for every statement."
        )
