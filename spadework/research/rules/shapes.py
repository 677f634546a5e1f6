"""What each section of a dossier holds: its fields, which of them are sentences, and how long they may be; pure.

Source: domain facts 2.5. One file says it for the check of a writer's reply, for the exports and for the UI.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from spadework.research.types.dossiers import SectionKey

Kind = Literal["prose", "advice", "label", "plain", "number", "object", "list"]
"""prose: sentences, each of which must cite and say what its claims say. advice: the same, in words of its own.
label: a short fact that cites, or is traced to a claim by us. plain: a word, date or address
of no weight. number: filled in by code. object and list: made of others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a section. `fields` of an object; `item` of a list."""

    kind: Kind
    label: str
    fields: Mapping[str, "Field"] = field(default_factory=dict)
    item: "Field | None" = None
    most_characters: int = 4000
    is_required: bool = False


def _prose(label: str, *, most: int = 4000, required: bool = False) -> Field:
    return Field(kind="prose", label=label, most_characters=most, is_required=required)


def _advice(label: str, *, required: bool = False) -> Field:
    return Field(kind="advice", label=label, is_required=required)


def _label(label: str, *, required: bool = False) -> Field:
    return Field(kind="label", label=label, most_characters=300, is_required=required)


def _plain(label: str) -> Field:
    return Field(kind="plain", label=label, most_characters=500)


def _object(label: str, /, *, required: bool = False, **fields: Field) -> Field:
    return Field(kind="object", label=label, fields=fields, is_required=required)


def _list(label: str, item: Field, *, required: bool = False) -> Field:
    return Field(kind="list", label=label, item=item, is_required=required)


SHAPES: Mapping[SectionKey, Field] = {
    "INTRO": _object(
        "Intro",
        title=_label("Title", required=True),
        one_liner=_prose("One line", most=80, required=True),
        the_angle=_advice("The angle", required=True),
        lead_score=Field(kind="number", label="Lead score"),
        score_explanation=_plain("Why this score"),
        timing_urgency=_plain("Urgency"),
    ),
    "SIGNALS": _object(
        "Signals",
        why_theyll_buy_now=_list(
            "Why they will buy now",
            _object(
                "Signal",
                signal_type=_plain("Kind"),
                headline=_prose("Headline", most=300, required=True),
                status=_plain("Status"),
                date=_plain("Date"),
                source_url=_plain("Source"),
                relevance=_advice("Relevance"),
            ),
            required=True,
        ),
    ),
    "LEAD_INTELLIGENCE": _object(
        "Lead intelligence",
        company_intel=_prose("The company", required=True),
        entity_brief=_prose("In brief"),
        network_intelligence=_list(
            "Network",
            _object(
                "Connection",
                type=_plain("Kind"),
                name=_label("Name", required=True),
                connection=_prose("Connection"),
                approach=_advice("Approach"),
            ),
        ),
        quick_reference=_list("Quick reference", _object("Fact", label=_plain("Fact"), value=_label("Value"))),
    ),
    "STRATEGY": _object(
        "Strategy",
        deal_strategy=_object(
            "Deal strategy",
            how_they_buy=_prose("How they buy"),
            unique_value_props=_list("What we bring", _advice("What we bring")),
        ),
        common_objections=_list(
            "Objections", _object("Objection", objection=_advice("They may say"), response=_advice("We answer"))
        ),
        competitive_positioning=_object(
            "Positioning",
            insights_they_dont_know=_list("What they may not know", _advice("Insight")),
            landmines_to_avoid=_list("What to avoid", _advice("Landmine")),
        ),
    ),
    "OPPORTUNITY": _object(
        "Opportunity",
        opportunity_details=_object(
            "The project",
            required=True,
            project_name=_label("Project"),
            type=_label("Kind"),
            location=_label("Place"),
            estimated_value=_label("Estimated value"),
            timeline=_list("Timeline", _object("Date", date=_plain("Date"), event=_prose("Event"))),
            scope=_prose("Scope"),
            procurement_status=_prose("Procurement"),
            key_players=_list("Key players", _object("Player", name=_label("Name"), role=_label("Role"))),
        ),
    ),
    "CLIENT_SPECIFIC": _object(
        "For this client",
        client_specific=_list(
            "Questions", _object("Question", question=_plain("Question"), answer=_prose("Answer", required=True)),
            required=True,
        ),
    ),
}  # fmt: skip


def required_paths(shape: Field, prefix: Sequence[str] = ()) -> list[str]:
    """Dotted places of an object's fields that must be filled, down to but not inside of lists."""
    found: list[str] = []
    for name, each in shape.fields.items():
        path = (*prefix, name)
        if each.kind == "object":
            found += required_paths(each, path)
        elif each.is_required:
            found.append(".".join(path))
    return found
