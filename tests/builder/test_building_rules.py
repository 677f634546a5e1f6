"""What a build may look like, and that the examples in the Builder's own prompts are builds that can be used."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from spadework.builder.rules import building
from spadework.builder.types import Build
from spadework.prompts.actions import files
from tests.builder.conftest import BUILT, SCRIPT, built
from tests.builder.running import run_build


def problems(**changes: Any) -> list[str]:
    return building.problems_of(Build.model_validate(built(**changes)), extracts=1)


def test_a_build_with_a_plain_script_can_be_used() -> None:
    assert building.problems_of(Build.model_validate(BUILT), extracts=1) == []


@pytest.mark.parametrize("prompt", ["builder.build", "builder.repair"])
def test_the_example_of_a_prompt_is_a_build_that_can_be_used(prompt: str) -> None:
    (file,) = [each for each in files.shipped() if each.prompt.key == prompt]
    found = re.search(r"# Example\n.*?```json\n(.*?)\n```", file.draft.text, re.DOTALL)
    assert found is not None
    assert building.problems_of(Build.model_validate(json.loads(found[1])), extracts=1) == []


def test_the_example_of_the_builders_prompt_does_what_it_says(tmp_path: Path) -> None:
    (file,) = [each for each in files.shipped() if each.prompt.key == "builder.build"]
    found = re.search(r"# Example\n.*?```json\n(.*?)\n```", file.draft.text, re.DOTALL)
    assert found is not None
    north, south = tmp_path / "north.csv", tmp_path / "south.csv"
    north.write_text('Region,Revenue\nnorth,"$1,200.50"\nnorth,\n=east,-3\n', "utf-16")
    south.write_text("revenue ;region\n".replace(";", ",") + "7,südost\n1\n", "cp1252")
    run = run_build(Build.model_validate(json.loads(found[1])), {"orders": [north, south]}, tmp_path)
    assert run.failure == ""
    assert run.rows("orders_by_region.csv") == [
        ["region", "orders", "revenue"], ["north", "2", "1200.50"], ["südost", "1", "7"], ["'=east", "1", "-3"],
    ]  # fmt: skip
    assert "4 orders, 3 regions, 2 values could not be read" in run.printed


@pytest.mark.parametrize("name", ["target-assets", "2nd", "für", "class", "_hidden", "inputs", "list", "input_files"])
def test_a_field_id_that_a_script_cannot_use_as_a_name_is_refused(name: str) -> None:
    (found,) = problems(fields=[{"id": name, "type": "file_upload", "label": "File"}])
    assert repr(name) in found


@pytest.mark.parametrize("name", ["a/b.csv", "..", "a\\b.csv", "/etc/passwd", " "])
def test_a_file_name_that_leads_elsewhere_is_refused(name: str) -> None:
    assert problems(execution={**BUILT["execution"], "outputFilename": name})


def test_a_field_for_an_extract_that_is_not_there_is_refused() -> None:
    fields = [{"id": "sales", "type": "file_upload", "label": "Sales", "extracts": [1]}]
    assert "numbered from 0 to 0" in problems(fields=fields)[0]


def test_a_library_that_runs_only_on_this_machine_needs_the_engine_for_it() -> None:
    execution = {**BUILT["execution"], "script": "import pandas\n", "dependencies": ["pandas"]}
    assert "engine pyodide" in problems(execution=execution)[0]
    assert problems(execution={**execution, "engine": "local"}) == []


def test_a_dependency_is_imported_by_its_module_name() -> None:
    execution = {**BUILT["execution"], "script": "import python_calamine\n", "dependencies": ["python-calamine"]}
    assert problems(execution=execution) == []


@pytest.mark.parametrize("script", ["def broken(:\n", "x = 1\x00", "(" * 500])
def test_a_script_that_is_no_python_is_refused_and_never_run(script: str) -> None:
    assert len(problems(script=script)) == 1


def test_a_script_is_known_by_the_hash_of_its_bytes() -> None:
    assert building.script_sha256(SCRIPT) != building.script_sha256(SCRIPT + " ")
    assert building.script_sha256("é") == "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"
