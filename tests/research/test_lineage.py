"""Computed variables: which of them lead back to a step run of the same run."""

from typing import Any
from uuid import uuid4

import pytest

from spadework.core.ids import RunId
from spadework.research.rules import lineage
from spadework.runs.types import StepRun

KEYS = {
    "3-entity-research_web_research", "3-entity-research", "7b-insight_claims_merge", "6.2-enrich-contact_web_research:2",
    "3-entity-research_look_up-turn-2", "3-entity-research_look_up-turn-10",
}  # fmt: skip
COMPUTED = {"source": "computed", "step": None, "step_run_id": None, "path": "", "preview": ""}


@pytest.mark.parametrize(
    ("key", "of_step", "variable", "made_by"),
    [
        ("3-entity-research", "3-entity-research", "pages", "3-entity-research_web_research"),
        ("3-entity-research", "3-entity-research", "research_notes", "3-entity-research_look_up-turn-10"),
        ("3-entity-research_claims_extraction", "3-entity-research", "narrative", "3-entity-research"),
        ("9-dossier-plan", "9-dossier-plan", "merged_claims", "7b-insight_claims_merge"),
        ("6.2-enrich-contact:2", "6.2-enrich-contact", "pages", "6.2-enrich-contact_web_research:2"),
    ],
)
def test_what_was_computed_from_a_step_run_names_it(key: str, of_step: str, variable: str, made_by: str) -> None:
    assert _traced(key, of_step, {variable: COMPUTED}) == {variable: {**COMPUTED, "step": made_by}}


def test_what_was_computed_from_no_step_of_the_run_names_none() -> None:
    kept = {"current_date": COMPUTED, "lead_score": COMPUTED}
    assert _traced("9-dossier-plan", "9-dossier-plan", kept) == kept


def test_an_origin_that_is_known_already_stays() -> None:
    kept = {
        "pages": {**COMPUTED, "source": "override"},
        "company": {**COMPUTED, "source": "step", "step": "2-signal-discovery"},
    }
    assert _traced("3-entity-research", "3-entity-research", kept) == kept


def _traced(key: str, of_step: str, kept: dict[str, Any]) -> Any:
    step = StepRun(
        id=uuid4(), run_id=RunId(uuid4()), no=1, key=key, label="A step", state="succeeded", step=of_step, lineage=kept
    )
    return lineage.traced(step, KEYS)
