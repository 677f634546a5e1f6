"""6.2 Enrich contact: one person: profile, address, what they do and care about."""

from collections.abc import Mapping, Sequence
from typing import Any

from spadework.plug.step import Ask, Inputs, Output, Step


class Who(Inputs):
    """The person."""

    contact: dict[str, Any]


class Person(Output):
    """What was found; what was not is empty."""

    bio: str | None = None


class EnrichContact(Step):
    """Verifies the person afresh and writes their own bio."""

    key = "enrich_contact"
    id = "6.2-enrich-contact"
    label = "Enrich contact"
    stage = "FINAL"
    mode = "agent"
    asks = (Ask(prompt="enrich-contact.deep", output=Person, effect="person"),)
    inputs = Who
    after = ("enrich_contacts",)
    is_per_contact = True
    finds_address = True
    timeout_seconds = 180
    pages_at_most = 4
    turns_at_most = 2
    more_searches_at_most = 2
    more_pages_at_most = 2

    def searches(self, variables: Mapping[str, Any]) -> Sequence[str]:
        contact = variables["contact"]
        name = contact.get("name") or f"{contact.get('first_name', '')} {contact.get('last_name', '')}".strip()
        company = contact.get("company") or contact.get("organization") or ""
        return [f'"{name}" "{company}"', f'"{name}" interview']
