"""2 Signal discovery: one company with a signal that says why now, from pages the searches found."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from spadework.plug.step import Ask, Inputs, Output, Step

_QUERIES_AT_MOST = 5


class Queries(Inputs):
    """The searches of the step before."""

    queries: list[Any]


class Signal(Output):
    """The company and its primary signal; supporting signals and timing come along."""

    company: dict[str, Any] = Field(min_length=1)
    primary_signal: Any


class SignalDiscovery(Step):
    """Runs the searches, reads the pages and chooses the best lead in them."""

    key = "signal_discovery"
    id = "2-signal-discovery"
    label = "Signal discovery"
    stage = "FIND_LEAD"
    mode = "agent"
    asks = (Ask(prompt="find-lead.signal-discovery", output=Signal, effect="lead"),)
    inputs = Queries
    after = ("search_builder",)
    makes_claims = True
    makes_pack = "for_entity"
    timeout_seconds = 300
    pages_at_most = 8
    turns_at_most = 3
    more_searches_at_most = 4
    more_pages_at_most = 6

    def searches(self, variables: Mapping[str, Any]) -> Sequence[str]:
        queries = [each.get("query") if isinstance(each, dict) else each for each in variables["queries"]]
        return [str(each) for each in queries if each][:_QUERIES_AT_MOST]
