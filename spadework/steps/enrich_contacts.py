"""6 Enrich contacts: the list of people to look into, without companies and doubles."""

from typing import Any

from spadework.plug.step import Ask, Inputs, Output, Step


class Found(Inputs):
    """The people the discovery found."""

    contacts: list[Any]


class People(Output):
    """People with their place in the list; replies about a person are matched by it."""

    contacts: list[dict[str, Any]]


class EnrichContacts(Step):
    """Decides whom the steps after it are taken for."""

    key = "enrich_contacts"
    id = "6-enrich-contacts"
    label = "Enrich contacts"
    stage = "FINAL"
    asks = (Ask(prompt="enrich-contacts.lookup", output=People, effect="people"),)
    inputs = Found
    after = ("dossier_plan",)
