"""1 Search builder: the searches that may find a company with a reason to buy now."""

from typing import Any

from pydantic import Field

from spadework.plug.step import Ask, Output, Step


class Searches(Output):
    """Three to five searches, most specific first."""

    queries: list[Any] = Field(min_length=1)


class SearchBuilder(Step):
    """Turns the client's profile and the seed into searches; nothing is looked up yet."""

    key = "search_builder"
    id = "1-search-builder"
    label = "Search builder"
    stage = "FIND_LEAD"
    asks = (Ask(prompt="find-lead.search-builder", output=Searches),)
