"""9 Dossier plan: which merged claims each section is written from."""

from typing import Any

from spadework.plug.step import Ask, Output, Step


class Plan(Output):
    """Claims by section, and those left out with the reason."""

    section_routing: dict[str, Any]


class DossierPlan(Step):
    """Routes merged claims to sections; claims it forgets go where their type belongs."""

    key = "dossier_plan"
    id = "9-dossier-plan"
    label = "Dossier plan"
    stage = "FINAL"
    asks = (Ask(prompt="dossier-plan.route", output=Plan, effect="routing"),)
    after = ("insight",)
