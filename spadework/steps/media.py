"""8 Media: the company's logo and one picture of its project."""

from collections.abc import Mapping, Sequence
from typing import Any

from spadework.plug.step import Ask, Inputs, Output, Step


class Lead(Inputs):
    """The company that was chosen."""

    company: dict[str, Any]


class Media(Output):
    """Addresses of pictures, each seen on a page that was read."""

    logo_url: Any = None


class MediaFinder(Step):
    """Finds pictures; makes no claims."""

    key = "media"
    id = "8-media"
    label = "Media"
    stage = "ENRICH_LEAD"
    mode = "agent"
    asks = (Ask(prompt="media.fetch", output=Media, effect="media"),)
    inputs = Lead
    after = ("contact_discovery",)
    makes_claims = False
    timeout_seconds = 300
    pages_at_most = 6

    def searches(self, variables: Mapping[str, Any]) -> Sequence[str]:
        name = variables["company"].get("name", "")
        return [f'"{name}" {topic}' for topic in ("logo", "project photo")]
