"""4 Contact discovery: three to ten people who decide or advise, at the company and its partners."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from spadework.plug.step import Ask, Inputs, Output, Step


class Lead(Inputs):
    """The company that was chosen."""

    company: dict[str, Any]


class Contacts(Output):
    """People with their titles and why they matter."""

    contacts: list[dict[str, Any]] = Field(min_length=1)


class ContactDiscovery(Step):
    """Reads team pages, interviews and project pages for names and roles."""

    key = "contact_discovery"
    id = "4-contact-discovery"
    label = "Contact discovery"
    stage = "FIND_LEAD"
    mode = "background"
    asks = (Ask(prompt="find-lead.contact-discovery", output=Contacts),)
    inputs = Lead
    after = ("entity_research",)
    makes_claims = True
    timeout_seconds = 900
    pages_at_most = 10
    turns_at_most = 4
    more_searches_at_most = 6
    more_pages_at_most = 8

    def searches(self, variables: Mapping[str, Any]) -> Sequence[str]:
        name = variables["company"].get("name", "")
        return [f'"{name}" {topic}' for topic in ("management team", "project manager", "interview")]

    def pages(self, variables: Mapping[str, Any]) -> Sequence[str]:
        domain = variables["company"].get("domain")
        return [f"https://{domain}/team"] if domain else []

    def topic(self, variables: Mapping[str, Any]) -> str:
        company = variables["company"]
        name, domain = company.get("name", ""), company.get("domain")
        return (
            f"{name}{f' ({domain})' if domain else ''}: who decides or advises there. Report people with their title, "
            "employer and what they are in charge of, at this company and at the firms that work on its projects. "
            "Prefer team pages, interviews, project pages and public records. Give the page for every person."
        )
