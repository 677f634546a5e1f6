"""A dossier as a column asks for it, and what the column is told of it; the making is the product's own work."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierRequest:
    """A dossier for one row. `seed` says what to begin from, `contacts_table_id` where its people become rows."""

    seed: Mapping[str, Any]
    release_after_hours: float = 0
    contacts_table_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierMade:
    """How a row's dossier ended. `score` is 0 to 100, None when it was not scored; `contacts` counts its people.

    `problem` says why there is none, None when there is one.
    """

    run_id: str
    dossier_id: str | None = None
    company: str | None = None
    score: int | None = None
    urgency: str | None = None
    primary_signal: str | None = None
    contacts: int = 0
    problem: str | None = None
    cost_micro_usd: int = 0
    is_simulated: bool = False
