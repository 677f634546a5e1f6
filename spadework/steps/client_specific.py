"""5c Client specific: answers to what this client wants to know of every lead."""

from collections.abc import Mapping, Sequence
from typing import Any

from spadework.plug.step import Ask, Inputs, Output, Step


class Lead(Inputs):
    """The company that was chosen."""

    company: dict[str, Any]


class Answers(Output):
    """The client's questions with answers."""

    answers: Any = None


class ClientSpecific(Step):
    """Researches the questions in the client's configuration."""

    key = "client_specific"
    id = "5c-client-specific"
    label = "Client specific"
    stage = "ENRICH_LEAD"
    mode = "agent"
    asks = (Ask(prompt="client-specific.research", output=Answers),)
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
        return [f'"{name}" {topic}' for topic in ("suppliers", "partners")]
