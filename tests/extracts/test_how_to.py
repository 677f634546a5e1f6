"""The extractor that the how-to page shows works as the page says."""

import re
import types
from pathlib import Path

import pytest

from spadework.extracts.errors import ExtractError
from spadework.extracts.extractor import Extractor, Request

PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/add-an-extractor.md"


@pytest.fixture
def shown() -> Extractor:
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert code is not None
    module = types.ModuleType("json_lines")
    exec(compile(code[1], "json_lines.py", "exec"), module.__dict__)
    found: Extractor = module.JsonLinesExtractor()
    return found


def test_the_extractor_on_the_page_reads_what_it_says(shown: Extractor, tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    path.write_text('{"name": "Zoë", "code": "007", "tags": ["Vip"]}\n\n{"name": null, "code": 12}\n', encoding="utf-8")
    (found,) = shown.extract(path, Request(filename=path.name, mime="", seed=1))
    assert (found.columns, found.row_count) == (("name", "code", "tags"), 2)
    assert found.sample_rows == (("Aaa", "###", '["Aaa"]'), ("", "##", ""))


@pytest.mark.parametrize("content", ["", "no json\n", "[1]\n", '{"a": "' + "x" * 2**20 + '"}\n'])
def test_the_extractor_on_the_page_refuses_what_it_cannot_read(shown: Extractor, tmp_path: Path, content: str) -> None:
    path = tmp_path / "people.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ExtractError, match=r"\. \w+.*\.$"):
        shown.extract(path, Request(filename=path.name, mime="", seed=1))


def test_every_file_the_page_names_exists() -> None:
    named = set(re.findall(r"`([a-z_/]+\.(?:py|md))`", PAGE.read_text())) - {"json_lines.py"}
    root = PAGE.parents[2]
    assert {"errors.py", "notes.py", "types.py"} < named
    assert [
        each for each in named if not (root / each).exists() and not (root / "spadework/extracts" / each).exists()
    ] == []
