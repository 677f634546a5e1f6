"""The steps of a dossier: each found by the catalogue, in stages, waiting only for what comes before."""

from pathlib import Path

import pytest

from spadework.core.errors import Misconfigured, UnknownReference
from spadework.plug import catalog
from spadework.plug.step import STAGES, Step
from spadework.prompts.actions import files
from spadework.research.actions import pipeline
from spadework.research.rules import sequence

STEPS = pipeline.load_steps()


def test_every_file_is_one_step_and_there_are_fourteen() -> None:
    folder = Path(catalog.__file__).parents[1] / "steps"
    keys = {path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")}
    assert keys == {each.key for each in STEPS}
    assert len(STEPS) == 14


def test_the_steps_run_in_four_stages_with_a_barrier_before_the_dossier_is_planned() -> None:
    waves = [[each.id for each in wave] for wave in sequence.groups(STEPS)]
    assert waves == [
        ["1-search-builder"], ["2-signal-discovery"], ["3-entity-research"], ["4-contact-discovery"],
        ["5a-enrich-lead", "5b-enrich-opportunity", "5c-client-specific", "8-media"], ["7b-insight"],
        ["9-dossier-plan"], ["6-enrich-contacts", "6-writers"], ["6.2-enrich-contact"], ["7a-copy"],
    ]  # fmt: skip
    assert [stage for stage in STAGES if any(each.stage == stage for each in STEPS)] == list(STAGES)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.id)
def test_a_steps_prompts_are_in_the_library_and_speak_of_that_step(step: Step) -> None:
    library = {each.prompt.key: each.prompt for each in files.shipped()}
    for ask in step.asks:
        assert library[ask.prompt].stage == step.stage
        assert library[ask.prompt].step in (step.id, ask.id)
        assert library[ask.prompt].execution_mode == step.mode
        assert library[ask.prompt].produces_claims == step.makes_claims


def test_what_depends_on_a_step_is_all_that_waits_for_it() -> None:
    assert sequence.dependants(STEPS, ["dossier_plan"]) == [
        "dossier_plan", "enrich_contacts", "writers", "enrich_contact", "copy"
    ]  # fmt: skip


def test_a_step_is_found_by_its_key_its_id_and_the_key_of_a_step_run() -> None:
    for name in ("copy", "7a-copy", "7a-copy:3", "7.2-copy-client-override:3"):
        assert sequence.find(STEPS, name).key == "copy"
    with pytest.raises(UnknownReference, match="2-signal-discovery"):
        sequence.find(STEPS, "10-nothing")


def test_steps_that_wait_for_each_other_are_refused() -> None:
    first = type("First", (Step,), {"key": "first", "id": "1", "stage": "FINAL", "asks": (), "after": ("second",)})()
    second = type("Second", (Step,), {"key": "second", "id": "2", "stage": "FINAL", "asks": (), "after": ("first",)})()
    with pytest.raises(Misconfigured, match="ring"):
        sequence.in_order([first, second])
