"""The operation that the how-to page shows is one, and its part is code that a script can be made of."""

import re
import types
from pathlib import Path

from pydantic import Field

from spadework.builder.rules.forms import operation, settings
from spadework.builder.rules.forms.assembly import Entry
from spadework.extracts.types import FileExtract

PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/add-a-form-operation.md"


def _blocks() -> tuple[str, str]:
    part, shown = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return part, shown


def test_the_operation_on_the_page_makes_a_plan_that_begins_in_the_part_on_the_page() -> None:
    part, shown = _blocks()
    names = {**vars(settings), **vars(operation), "Field": Field, "Entry": Entry, "__name__": "reverse"}
    exec(compile(shown, "reverse.py", "exec"), names)
    extracts = operation.Extracts([FileExtract(filename="a.csv", columns=("x",))])
    plan = names["Reverse"]().plan(names["ReverseSettings"](output="xlsx"), extracts)
    module = types.ModuleType("reversing")
    exec(compile(part, "reversing.py", "exec"), module.__dict__)
    assert plan.entry == Entry("reversing", "reverse_rows")
    assert callable(getattr(module, plan.entry.function))
    assert (plan.output_filename, plan.as_workbook, plan.fields[0]["extracts"]) == ("reversed.xlsx", True, [0])


def test_every_file_the_page_names_exists() -> None:
    root = PAGE.parents[2]
    folders = [root, root / "spadework/builder/rules/forms"]
    named = set(re.findall(r"`([a-z_/]+\.py)`", PAGE.read_text("utf-8"))) - {"reversing.py"}
    assert {"compiling.py", "parts/reading.py", "tests/builder/test_forms.py"} <= named
    assert [each for each in named if not any((folder / each).exists() for folder in folders)] == []
