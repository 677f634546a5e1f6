"""The shape of a research step: one file in `steps/` holds one subclass, and nothing else is edited."""

from abc import ABC
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

Stage = Literal["FIND_LEAD", "ENRICH_LEAD", "INSIGHT", "FINAL"]
STAGES: Sequence[Stage] = ("FIND_LEAD", "ENRICH_LEAD", "INSIGHT", "FINAL")

EXTRACTION = "claims.extraction"
PACKING = "context-pack.build"
"""Prompts that steps share: the claims of an answer, and the brief for the steps after it."""

Mode = Literal["sync", "agent", "background"]
"""sync: one question to the model. agent: web pages are looked up first. background: many pages, for minutes."""

Effect = Literal[
    "none", "lead", "score", "media", "merge", "routing", "section", "people", "person", "copy", "client_copy"
]  # fmt: skip
"""What the domain does with an answer beyond keeping it; `none` only keeps it."""

Pack = Literal["for_entity", "for_contacts", "for_writers"]


class Inputs(BaseModel):
    """The base of every step's inputs: the variables it cannot do without; others may come along."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Output(BaseModel):
    """The base of every answer: what a prompt's own version adds to it is kept."""

    model_config = ConfigDict(frozen=True, extra="allow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question a step puts to the model; each becomes a step run of its own.

    `id` and `label` are the step's where they are empty. `given` are values that only this question gets,
    by variable name.
    """

    prompt: str
    output: type[Output]
    id: str = ""
    label: str = ""
    effect: Effect = "none"
    given: Mapping[str, Any] = field(default_factory=dict)


class Step(ABC):
    """One step of a dossier. `key` equals the file's name, `id` is what runs and people call it.

    It starts when every step in `after` has ended, their claims and packs included; steps that wait for
    the same run side by side. With `is_per_contact` it is taken once for each person found, and one
    person's failure is that person's alone. The questions in `asks` are put side by side, or one after
    the other with `is_in_turn`.
    """

    key: ClassVar[str]
    id: ClassVar[str]
    label: ClassVar[str]
    stage: ClassVar[Stage]
    mode: ClassVar[Mode] = "sync"
    asks: ClassVar[Sequence[Ask]]
    inputs: ClassVar[type[Inputs]] = Inputs
    after: ClassVar[Sequence[str]] = ()
    makes_claims: ClassVar[bool] = False
    makes_pack: ClassVar[Pack | None] = None
    is_per_contact: ClassVar[bool] = False
    is_in_turn: ClassVar[bool] = False
    finds_address: ClassVar[bool] = False
    """Whether the person's work e-mail is asked of the account's sources once the step says who they are."""
    timeout_seconds: ClassVar[int] = 120
    pages_at_most: ClassVar[int] = 0
    turns_at_most: ClassVar[int] = 0
    """How often the model may look further before it is asked, where its prompt has tools; 0 never."""
    more_searches_at_most: ClassVar[int] = 4
    more_pages_at_most: ClassVar[int] = 4
    """What it may look up then, in all turns together."""

    def searches(self, variables: Mapping[str, Any]) -> Sequence[str]:
        """What to look up on the web before asking, most specific first; none for a `sync` step."""
        return ()

    def pages(self, variables: Mapping[str, Any]) -> Sequence[str]:
        """Addresses to read besides what the searches find, such as the company's own site."""
        return ()

    def topic(self, variables: Mapping[str, Any]) -> str:
        """What a research service is asked to find out where it does this step; the searches, unless told better."""
        return "\n".join(self.searches(variables))

    def is_wanted(self, ask: Ask, variables: Mapping[str, Any]) -> bool:
        """Whether this question makes sense here; one that does not is shown as skipped."""
        return True
