"""7a Copy: what could be written to one person, and the client's own words for it where there is a relationship."""

from collections.abc import Mapping
from typing import Any

from spadework.plug.step import Ask, Inputs, Output, Step

_CLOSE_ENOUGH = ("strong", "medium")


class Who(Inputs):
    """The person, enriched."""

    contact: dict[str, Any]


class Copy(Output):
    """An e-mail and a LinkedIn message."""

    email_copy: Any = None
    linkedin_copy: Any = None


class CopyWriter(Step):
    """Writes generic copy; the client's override only when the relationship carries it."""

    key = "copy"
    id = "7a-copy"
    label = "Copy"
    stage = "FINAL"
    asks = (
        Ask(prompt="copy.outreach", output=Copy, effect="copy"),
        Ask(id="7.2-copy-client-override", label="Client override", prompt="copy.client-override", output=Copy,
            effect="client_copy"),
    )  # fmt: skip
    inputs = Who
    after = ("enrich_contact",)
    is_per_contact = True
    is_in_turn = True

    def is_wanted(self, ask: Ask, variables: Mapping[str, Any]) -> bool:
        if ask.effect != "client_copy":
            return True
        relationship = str(variables["contact"].get("relationship_strength") or "").lower()
        return relationship in _CLOSE_ENOUGH
