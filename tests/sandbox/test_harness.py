"""The harness: what a script is given, what is collected from it, and what is told of a failure."""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from spadework.extracts.traces import mask_failure
from spadework.sandbox import harness
from spadework.sandbox.harness import Outcome

Run = Callable[..., Outcome]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a script whose folders are IN and OUT below the test's own; `files` are the originals by field and name."""
    monkeypatch.chdir(tmp_path)

    def call(
        script: str,
        *,
        files: Mapping[str, Mapping[str, bytes]] | None = None,
        values: Mapping[str, str] | None = None,
        renames: Mapping[str, Mapping[str, str]] | None = None,
        lines: list[str] | None = None,
        **more: Any,
    ) -> Outcome:
        for field, held in (files or {}).items():
            (tmp_path / "originals" / field).mkdir(parents=True)
            for name, content in held.items():
                (tmp_path / "originals" / field / name).write_bytes(content)
        (tmp_path / "originals").mkdir(exist_ok=True)
        told = lines if lines is not None else []
        return harness.run(
            script.replace("OUT", str(tmp_path / "out")).replace("IN", str(tmp_path / "in")),
            inputs=tmp_path / "in",
            output=tmp_path / "out",
            originals=tmp_path / "originals",
            scratch=tmp_path / "work",
            values=values or {},
            renames=renames or {},
            on_print=told.append,
            mask_failure=mask_failure,
            **more,
        )

    return call


def content(outcome: Outcome) -> bytes:
    (output,) = outcome.outputs
    assert output.size == output.path.stat().st_size
    return output.path.read_bytes()


def test_text_values_reach_the_script_as_data(run: Run) -> None:
    hostile = '"); import os #'
    outcome = run(
        "open('OUT/a.txt', 'w').write(customer + inputs['customer'])", values={"customer": hostile}
    )  # fmt: skip
    assert content(outcome).decode() == hostile * 2


@pytest.mark.parametrize("name", ["target-assets", "class", "__builtins__", "x = 1; y", ""])
def test_a_value_whose_name_cannot_be_one_is_refused_before_anything_runs(run: Run, name: str) -> None:
    outcome = run("print('ran')", values={name: "x"})
    assert (outcome.success, outcome.log) == (False, "")
    assert outcome.failure == {"exception": "InputRefused", "line": None, "message": ""}


def test_lines_are_told_as_they_are_printed_and_progress_is_read_from_them(run: Run) -> None:
    lines: list[str] = []
    script = (
        "import sys\nprint('one')\nprint('progress: 40%', file=sys.stderr)\nprint('end', end='')\nopen('OUT/a', 'w')"
    )
    outcome = run(script, lines=lines)
    assert (lines, outcome.log) == (["one", "progress: 40%", "end"], "one\nprogress: 40%\nend")
    assert [harness.progress_of(each) for each in lines] == [None, 0.4, None]


def test_a_log_beyond_its_limit_is_cut_and_says_so_while_progress_goes_on(run: Run) -> None:
    lines: list[str] = []
    outcome = run("for n in range(3000): print('x' * 999)\nprint('progress: 100%')\nopen('OUT/a', 'w')", lines=lines)
    assert outcome.log.startswith("x" * 999)
    assert outcome.log.endswith("(The log was cut here: it reached 1,000,000 bytes.)\n")
    assert len(outcome.log) < 1_000_100
    assert (len(lines) < 1_010, lines[-1]) == (True, "progress: 100%")


def test_the_file_of_the_agreed_name_is_handed_over_as_it_is(run: Run) -> None:
    outcome = run("open('OUT/a.csv', 'w').write('n\\n1\\n')", output_filename="a.csv")
    assert ([each.name for each in outcome.outputs], content(outcome)) == (["a.csv"], b"n\n1\n")


def test_a_text_result_is_handed_over_as_it_is_whatever_name_was_agreed(run: Run) -> None:
    outcome = run("open('OUT/result.md', 'w').write('# Done')", output_filename="a.csv")
    assert [each.name for each in outcome.outputs] == ["result.md"]


@pytest.mark.parametrize(
    ("script", "packed"),
    [
        ("open('OUT/b.csv', 'w').write('b'); open('OUT/a.csv', 'w').write('a')", ["a.csv", "b.csv"]),
        ("open('OUT/other.csv', 'w').write('o')", ["other.csv"]),
        ("import os; os.mkdir('OUT/north'); open('OUT/north/a.csv', 'w').write('n')", ["north/a.csv"]),
    ],
)
def test_several_files_or_one_of_another_name_are_packed(run: Run, script: str, packed: list[str]) -> None:
    outcome = run(script, output_filename="merged.csv")
    assert [each.name for each in outcome.outputs] == ["merged.zip"]
    assert zipfile.ZipFile(io.BytesIO(content(outcome))).namelist() == packed


def test_a_script_that_writes_nothing_has_failed(run: Run) -> None:
    outcome = run("print('done')")
    assert outcome.failure == {"exception": "NothingWritten", "line": None, "message": ""}
    assert outcome.failure_local == "The script wrote nothing to /output."


@pytest.mark.parametrize(
    "act", ["os.symlink('/etc/passwd', 'OUT/a')", "os.mkfifo('OUT/a')", "os.symlink('/', 'OUT/d')"]
)
def test_an_output_that_is_no_ordinary_file_is_refused_and_never_opened(run: Run, act: str) -> None:
    outcome = run(f"import os\n{act}")
    assert (outcome.success, outcome.outputs) == (False, ())
    assert outcome.failure == {"exception": "OutputRefused", "line": None, "message": ""}


@pytest.mark.parametrize(
    "script", ["open('OUT/a', 'wb').write(b'x' * 1001)", "for n in range(1001): open(f'OUT/{n}', 'w')"]
)
def test_outputs_beyond_the_limits_are_refused(run: Run, script: str) -> None:
    assert (run(script, max_output_bytes=1000).failure or {})["exception"] == "OutputTooLarge"


def test_a_failure_is_masked_for_others_and_whole_for_the_person(run: Run) -> None:
    outcome = run("def read(row):\n    return row['Heron Ltd.']\n\nread({})")
    assert outcome.failure == {"exception": "KeyError", "line": 2, "message": "'Aaaaa Aaa.'"}
    assert outcome.failure_local is not None
    assert outcome.failure_local.splitlines()[-1] == "KeyError: 'Heron Ltd.'"
    assert "harness.py" not in outcome.failure_local


@pytest.mark.parametrize("leave", ["raise SystemExit(0)", "import sys\nsys.exit()"])
def test_leaving_with_nothing_wrong_is_no_failure_of_its_own(run: Run, leave: str) -> None:
    outcome = run(f"open('OUT/a', 'w').write('x')\n{leave}\nraise ValueError")
    assert (outcome.success, outcome.failure, content(outcome)) == (True, None, b"x")


@pytest.mark.parametrize(
    "script",
    [
        "raise SystemExit('no')",
        "raise KeyboardInterrupt",
        "class Odd(BaseException):\n    def __str__(self):\n        raise Odd\nraise Odd",
        "def deeper():\n    deeper()\ndeeper()",
        "this is no Python",
        "import sys\nsys.stdout.close()\nraise ValueError",
    ],
)
def test_no_way_to_fail_gets_past_the_outcome(run: Run, script: str) -> None:
    outcome = run(script)
    assert outcome.success is False
    assert outcome.failure is not None
    assert outcome.failure_local


def test_headers_are_renamed_on_the_way_in_and_back_on_the_way_out(run: Run) -> None:
    files = {"sales": {"jan.csv": '\ufeffKundenname ;Umsatz;Umsatz\r\n"Grün; AG\r\nBerlin";1;2\r\n'.encode()}}
    renames = {"sales": {"customer": "Kundenname", "second": "Umsatz (2)"}}
    script = """
import csv
rows = list(csv.DictReader(open("IN/sales/jan.csv", encoding="utf-8-sig", newline=""), delimiter=";"))
print(rows)
with open("OUT/out.csv", "w", newline="") as file:
    csv.writer(file).writerows([["customer", "second", "total"], *[[r["customer"], r["second"], 3] for r in rows]])
"""
    outcome = run(script, files=files, renames=renames)
    assert outcome.success, outcome.failure_local
    assert "{'customer': 'Grün; AG\\r\\nBerlin', 'Umsatz': '1', 'second': '2'}" in outcome.log
    assert content(outcome).decode() == 'Kundenname,Umsatz (2),total\r\n"Grün; AG\r\nBerlin",2,3\r\n'
    assert (outcome.rows_in, outcome.rows_out) == (1, 1)


def test_a_file_whose_headers_stay_is_given_as_it_is_and_never_changed(run: Run, tmp_path: Path) -> None:
    files = {"sales": {"a.csv": b"x\n1\n"}}
    outcome = run("open('OUT/a.csv', 'w').write(open('IN/sales/a.csv').read())", files=files)
    assert (content(outcome), (tmp_path / "in/sales/a.csv").is_symlink()) == (b"x\n1\n", True)


def test_each_sheet_of_a_workbook_file_is_renamed_and_counted(run: Run, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append([])
    book.active.append(["Name", "Stadt"])
    book.active.append(["Ana", "Köln"])
    book.create_sheet("2").append(["Name"])
    book["2"].append(["Name"])
    book.save(tmp_path / "made.xlsx")
    script = """
import openpyxl
book = openpyxl.load_workbook("IN/people/a.xlsx")
print([[c.value for c in row] for sheet in book for row in sheet.iter_rows()])
book.save("OUT/b.xlsx")
"""
    files = {"people": {"a.xlsx": (tmp_path / "made.xlsx").read_bytes()}}
    outcome = run(script, files=files, renames={"people": {"who": "Name"}})
    assert outcome.success, outcome.failure_local
    assert "['who', 'Stadt'], ['Ana', 'Köln'], ['who'], ['Name']" in outcome.log
    back = openpyxl.load_workbook(io.BytesIO(content(outcome)))
    assert [cell.value for cell in back["2"]["A"]] == ["Name", "Name"]
    assert (outcome.rows_in, outcome.rows_out) == (2, 2)


def test_the_same_script_over_the_same_files_makes_the_same_bytes(run: Run, tmp_path: Path) -> None:
    script = """
import openpyxl, time
book = openpyxl.Workbook()
book.properties.modified = book.properties.created = __import__("datetime").datetime(2026, 1, int(STEP))
book.active.append(["a", 1])
book.save("OUT/a.xlsx")
open("OUT/b.csv", "w").write("x")
"""
    made = []
    for step in ("1", "2"):
        made.append(content(run(script.replace("STEP", step))))
        for name in ("out", "work"):
            (tmp_path / name).rename(tmp_path / f"{name}{step}")
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("name", "held", "rows"),
    [
        ("a.csv", b"", 0),
        ("a.csv", b"x\n", 0),
        ("a.csv", b'x;y\n1;"a\nb"\n\n2;c\n', 2),
        ("a.tsv", b"x\ty\n1\t2", 1),
        ("a.csv", "x,y\n1,2\n".encode("utf-16"), 1),
        ("a.csv", b"x\n\xff\n", 1),
        ("a.pdf", b"%PDF", None),
        ("a.xlsx", b"no workbook", None),
    ],
)
def test_rows_are_counted_as_records_under_the_header(run: Run, name: str, held: bytes, rows: int | None) -> None:
    outcome = run("open('OUT/done', 'w').write('x')", files={"f": {name: held}})
    assert (outcome.success, outcome.rows_in) == (True, rows)
