"""The column kind in docs/how-to/add-a-column-kind.md, dropped in as a file, works as that page says."""

import json
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-column-kind.md"
# A process of its own, so that the dropped file is in no other test's catalogue.
SCRIPT = """
import json, sys
from pathlib import Path
from spadework.plug import catalog
from spadework.plug.column import ColumnKind, Row

catalog.add_folder(Path(sys.argv[1]))
kind = catalog.load(ColumnKind, "column")["name_length"]
name = "f_" + "a" * 32
settings = kind.settings(text="{{" + name + "}}", most=5)
cells = kind().values([Row(1, {name: "Acme"}), Row(2, {name: None}), Row(3, {name: "Acme Pumps"})], settings)
print(json.dumps({
    "references": sorted(kind().references(settings)),
    "storage": kind().storage(settings),
    "cells": [[each.state, each.value, each.note] for each in cells],
}))
"""


def test_the_file_of_the_page_is_found_and_counts(tmp_path):
    (source,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (tmp_path / "columns").mkdir()
    (tmp_path / "columns" / "name_length.py").write_text(source)

    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True, check=False, timeout=60
    )

    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == {
        "references": ["f_" + "a" * 32],
        "storage": "number",
        "cells": [
            ["done", 4, None],
            ["missing_input", None, "There is no text to count."],
            ["invalid", None, "10 letters are more than 5."],
        ],
    }
