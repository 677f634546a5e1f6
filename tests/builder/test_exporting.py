"""A workflow as a plain .py which runs without Spadework."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from spadework.builder.rules.exporting import export_script, file_stem
from spadework.core.errors import InvalidInput

ONE_FILE: tuple[dict[str, Any], ...] = ({"id": "sales", "type": "file_upload", "label": "Sales"},)
TEXT: dict[str, Any] = {"id": "note", "type": "text_input", "label": "100 % of the note"}


def _export(script: str, fields: Sequence[Mapping[str, Any]] = ONE_FILE, name: str = "Sales report") -> str:
    execution = {"engine": "pyodide", "dependencies": ["openpyxl"], "outputFilename": None, "script": script}
    return export_script(name=name, version=3, fields=fields, execution=execution, script_sha256="ab" * 32)


def _run(folder: Path, program: str, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "program.py").write_text(program, "utf-8")
    return subprocess.run(
        [sys.executable, "-I", "program.py", *words], cwd=folder, capture_output=True, encoding="utf-8", check=False
    )


def _sales(folder: Path) -> str:
    (folder / "sales.csv").write_text("a,b\n1,2\n", "utf-8")
    return "--sales=sales.csv"


@pytest.mark.parametrize(
    "script",
    [
        "from pathlib import Path\nfor each in Path('/input_files/sales').iterdir():\n"
        "    Path('/output/copy.csv').write_text(each.read_text())\n",
        "import os\nname = os.listdir('/input_files/sales/')[0]\n"
        "open(f'/output/copy.csv', 'w').write(open(f'/input_files/sales/{name}').read())\n",
        "import glob, shutil\nshutil.copy(glob.glob('/input_files/'\n    'sales/*.csv')[0], '/output' '/copy.csv')\n",
        "import pathlib\nINPUTS = pathlib.Path('/input_files')\nOUT = '/output'\n"
        "ü = 'ü' ; text = next((INPUTS / 'sales').glob('*')).read_text() ; open(OUT + '/copy.csv', 'w').write(text)\n",
        "from __future__ import annotations; import os\n\ndef main(folder='/input_files/sales', out='''/output'''):\n"
        "    '''/output is where it goes'''\n    [name] = os.listdir(folder)\n"
        "    open(os.path.join(out, 'copy.csv'), 'w').write(open(os.path.join(folder, name)).read())\n\n"
        "if __name__ == '__main__':\n    main()\n",
    ],
)
def test_scripts_that_name_the_folders_in_any_way_read_the_files_given_and_write_where_told(
    script: str, tmp_path: Path
) -> None:
    ended = _run(tmp_path, _export(script), _sales(tmp_path), "--output", "made/here")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (tmp_path / "made/here/copy.csv").read_text() == "a,b\n1,2\n"
    assert "The results are in" in ended.stdout


def test_the_lines_of_the_script_stand_as_they_were_approved_but_for_the_folders() -> None:
    script = "# a note\nx = '/input_files/sales'  # kept\n\n\ny = {'a': 1}\n"
    exported = _export(script)
    assert "# a note\nx = _place('/input_files/sales')  # kept\n\n\ny = {'a': 1}\n" in exported


def test_several_files_of_one_field_and_texts_reach_the_script_as_data(tmp_path: Path) -> None:
    fields = ({"id": "files", "type": "multi_file_upload", "label": "Files"}, TEXT)
    script = (
        "import os\nfound = sorted(os.listdir('/input_files/files'))\n"
        "open('/output/x.txt', 'w').write(repr((found, note, inputs)))\n"
    )
    for name in ("b.csv", "a.csv"):
        (tmp_path / name).write_text("x")
    ended = _run(tmp_path, _export(script, fields), "--files", "b.csv", "a.csv", "--note", "'; import os #")
    assert ended.stderr == ""
    made = (tmp_path / "output/x.txt").read_text()
    assert made == repr((["a.csv", "b.csv"], "'; import os #", {"note": "'; import os #"}))


def test_the_files_given_stay_as_they_are_when_the_script_writes_into_its_inputs(tmp_path: Path) -> None:
    script = "open('/input_files/sales/sales.csv', 'w').write('gone')\nopen('/output/x', 'w').write('y')\n"
    assert _run(tmp_path, _export(script), _sales(tmp_path)).returncode == 0
    assert (tmp_path / "sales.csv").read_text() == "a,b\n1,2\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--sales=missing.csv"], "There is no file missing.csv."),
        ([], "required: --sales"),
        (["--sales=sales.csv", "--other=1"], "unrecognized arguments"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(words: list[str], says: str, tmp_path: Path) -> None:
    _sales(tmp_path)
    ended = _run(tmp_path, _export("open('/output/x', 'w').write('y')"), *words)
    assert ended.returncode != 0
    assert says in ended.stderr


def test_two_files_of_the_same_name_in_one_field_are_refused(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.csv").write_text("x")
    fields = ({"id": "files", "type": "multi_file_upload", "label": "Files"},)
    ended = _run(tmp_path, _export("pass", fields), "--files", "one/a.csv", "two/a.csv")
    assert "Two files for --files are named a.csv." in ended.stderr


def test_a_script_that_writes_nothing_ends_with_an_error_even_beside_older_results(tmp_path: Path) -> None:
    (tmp_path / "output").mkdir()
    (tmp_path / "output/old.csv").write_text("old")
    ended = _run(tmp_path, _export("print('hello')"), _sales(tmp_path))
    assert (ended.returncode, ended.stdout) == (1, "hello\n")
    assert "The script wrote nothing." in ended.stderr


def test_fields_named_output_and_help_keep_their_options(tmp_path: Path) -> None:
    fields = (*ONE_FILE, {**TEXT, "id": "output"}, {**TEXT, "id": "help", "required": False})
    exported = _export("open('/output/x', 'w').write(inputs['output'] + inputs['help'])", fields)
    words = ["--output=a", "--help=b", "--output-folder", "made"]
    ended = _run(tmp_path, exported, _sales(tmp_path), *words)
    assert ended.stderr == ""
    assert (tmp_path / "made/x").read_text() == "ab"


def test_the_top_says_how_to_run_it_what_to_install_and_which_script_it_is() -> None:
    exported = _export("pass", (*ONE_FILE, TEXT))
    assert "Run it: python sales_report.py --sales FILE --note TEXT --output FOLDER" in exported
    assert '# dependencies = ["openpyxl"]' in exported
    assert "Install first: pip install openpyxl" in exported
    assert "ab" * 32 in exported


@pytest.mark.parametrize("name", ['"""\nimport os\n"""', "a\\", "{script}", "é\u202e\u2028x = 1", "%s"])
def test_a_name_never_becomes_code(name: str, tmp_path: Path) -> None:
    ended = _run(tmp_path, _export("open('/output/x', 'w').write('y')", name=name), _sales(tmp_path))
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_script_that_does_not_parse_cannot_be_exported() -> None:
    with pytest.raises(InvalidInput, match="does not parse"):
        _export("def broken(:")


@pytest.mark.parametrize(
    ("name", "stem"),
    [("Merge by date", "merge_by_date"), ("Übersicht: Köln/Bonn", "ubersicht_koln_bonn"), ("東京", "workflow"), ("../x", "x")],
)  # fmt: skip
def test_a_workflow_is_saved_under_a_plain_name(name: str, stem: str) -> None:
    assert file_stem(name) == stem
