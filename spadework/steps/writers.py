"""6 Writers: six sections of the dossier, written side by side from the claims routed to them."""

from typing import Any

from spadework.plug.step import Ask, Output, Step


class Written(Output):
    """One section's content in its shape."""

    content: dict[str, Any] | None = None


def _writer(name: str, section: str, label: str) -> Ask:
    return Ask(
        id=f"6-writer-{name}", label=label, prompt=f"writer.{name}", output=Written, effect="section",
        given={"section_key": section},
    )  # fmt: skip


class Writers(Step):
    """Each writer may use only the merged claims it is given, and cites them."""

    key = "writers"
    id = "6-writers"
    label = "Writers"
    stage = "FINAL"
    asks = (
        _writer("intro", "INTRO", "Intro"),
        _writer("signals", "SIGNALS", "Signals"),
        _writer("lead-intelligence", "LEAD_INTELLIGENCE", "Lead intelligence"),
        _writer("strategy", "STRATEGY", "Strategy"),
        _writer("opportunity", "OPPORTUNITY", "Opportunity"),
        _writer("client-specific", "CLIENT_SPECIFIC", "Client specific"),
    )
    after = ("dossier_plan",)
