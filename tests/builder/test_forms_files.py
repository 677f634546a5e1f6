"""What the form's scripts do with files as they come: encodings, blanks, odd headers, formulas, wrong files."""

import zipfile
from pathlib import Path

import pytest

from spadework.builder.rules.forms.compiling import compile_form
from spadework.extracts.reading import extract
from tests.builder.running import read_extracts, read_workbook, run_build, run_form, workbook, write_files

BY_NAME = {"columns": [{"column": "näme"}]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_file_in_any_usual_encoding_is_read_with_its_letters_whole(encoding: str, tmp_path: Path) -> None:
    text = "näme;ort\nZoë;Köln\nÅse;Tromsø\n"
    run = run_form("sort", BY_NAME, {"a.csv": text.encode(encoding)}, tmp_path)
    assert run.rows("sorted.csv") == [["näme", "ort"], ["Zoë", "Köln"], ["Åse", "Tromsø"]]


def test_one_broken_byte_does_not_spoil_the_other_letters_of_a_utf_8_file(tmp_path: Path) -> None:
    content = ("näme,n\n" + "Zoë,1\n" * 50).encode() + b"Caf\xe9,2\n"
    run = run_form("sort", BY_NAME, {"a.csv": content}, tmp_path)
    assert run.rows("sorted.csv")[1] == ["Caf\N{REPLACEMENT CHARACTER}", "2"]
    assert run.rows("sorted.csv")[-1] == ["Zoë", "1"]


def test_a_shift_jis_file_is_read_as_its_extract_says(tmp_path: Path) -> None:
    text = "name,city\n" + "田中,東京\n鈴木,大阪\n" * 3
    (path,) = write_files({"a.csv": text.encode("shift_jis")}, tmp_path)
    extracts = extract(path, filename="a.csv", mime="text/csv", seed=1, encoding="shift_jis")
    run = run_build(compile_form("dedupe", {}, extracts), {"file": [path]}, tmp_path)
    assert run.rows("deduped.csv") == [["name", "city"], ["田中", "東京"], ["鈴木", "大阪"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_even_when_the_run_brings_another_than_the_example(
    delimiter: str, tmp_path: Path
) -> None:
    (example,) = write_files({"example.csv": "x,y\n1,2\n"}, tmp_path)
    build = compile_form("sort", {"columns": [{"column": "y"}]}, read_extracts([example]))
    (other,) = write_files({"other.csv": f'x{delimiter}y\n"a, b"{delimiter}2\n'}, tmp_path)
    run = run_build(build, {"file": [other]}, tmp_path)
    assert run.rows("sorted.csv") == [["x", "y"], ["a, b", "2"]]


def test_a_line_that_names_the_delimiter_is_no_header(tmp_path: Path) -> None:
    run = run_form("sort", {"columns": [{"column": "x"}]}, {"a.csv": "sep=;\nx;y\n1;2\n"}, tmp_path)
    assert run.rows("sorted.csv") == [["x", "y"], ["1", "2"]]


def test_repeated_and_blank_headers_get_the_names_that_the_extract_shows(tmp_path: Path) -> None:
    files = {"a.csv": "x, x ,,x\n1,2,3,4\n"}
    paths = write_files(files, tmp_path)
    (shown,) = read_extracts(paths)
    assert shown.columns == ("x", "x (2)", "column_3", "x (3)")
    run = run_form("columns", {"columns": [{"made_of": [each]} for each in reversed(shown.columns)]}, files, tmp_path)
    assert run.rows("columns.csv") == [["x (3)", "column_3", "x (2)", "x"], ["4", "3", "2", "1"]]


def test_a_file_without_a_header_is_read_from_its_first_row(tmp_path: Path) -> None:
    settings = {"columns": [{"column": "column_2", "sort_as": "number"}]}
    run = run_form("sort", settings, {"a.csv": "b,20\na,3\n"}, tmp_path, header="none")
    assert run.rows("sorted.csv") == [["column_1", "column_2"], ["a", "3"], ["b", "20"]]


def test_blank_rows_are_left_out_and_short_rows_filled_up(tmp_path: Path) -> None:
    run = run_form("sort", {"columns": [{"column": "x"}]}, {"a.csv": "\n,,\nx,y,z\n2,b\n\n , ,\n1\n"}, tmp_path)
    assert run.rows("sorted.csv") == [["x", "y", "z"], ["1", "", ""], ["2", "b", ""]]


def test_a_row_with_too_many_values_stops_the_script_and_is_named(tmp_path: Path) -> None:
    run = run_form("sort", {"columns": [{"column": "x"}]}, {"a.csv": "x,y\n1,2\n1,2,3\n"}, tmp_path)
    assert "a.csv: row 2 has 3 cells, but there are 2 columns." in run.failure
    assert run.files.get("sorted.csv", b"") == b""


def test_another_file_that_lacks_a_column_is_refused_with_the_columns_it_has(tmp_path: Path) -> None:
    example, other = write_files({"example.csv": "x,y\n1,2\n", "other.csv": "x,Y\n1,2\n"}, tmp_path)
    build = compile_form("sort", {"columns": [{"column": "y"}]}, read_extracts([example]))
    run = run_build(build, {"file": [other]}, tmp_path)
    assert "other.csv has no column 'y'. Its columns are: x, Y." in run.failure


def test_the_named_sheet_of_a_workbook_is_read_and_a_missing_one_is_named(tmp_path: Path) -> None:
    book = workbook({"Notes": [["n"], ["-"]], "Data": [["x"], [2], [1]]})
    other = workbook({"One": [["x"], [1]], "Two": [["x"], [2]]})
    paths = write_files({"book.xlsx": book, "other.xlsx": other}, tmp_path)
    extracts = read_extracts(paths[:1])
    build = compile_form("sort", {"file": 1, "columns": [{"column": "x"}]}, extracts)
    assert run_build(build, {"file": paths[:1]}, tmp_path).rows("sorted.csv") == [["x"], ["1"], ["2"]]
    refused = run_build(build, {"file": paths[1:]}, tmp_path)
    assert "other.xlsx has no sheet 'Data'. Its sheets are: One, Two." in refused.failure


def test_what_a_spreadsheet_would_compute_stays_text_in_csv(tmp_path: Path) -> None:
    text = 'x,=y\n"=HYPERLINK(""http://a.example"")",+49 30 1\n-5,@now\n-5.5,+47\n＝1,\t2\n'
    run = run_form("columns", {"columns": [{"made_of": ["x"]}, {"made_of": ["=y"]}]}, {"a.csv": text}, tmp_path)
    assert run.rows("columns.csv") == [
        ["x", "'=y"],
        ['\'=HYPERLINK("http://a.example")', "'+49 30 1"],
        ["-5", "'@now"],
        ["-5.5", "+47"],
        ["'＝1", "'\t2"],
    ]


def test_what_a_spreadsheet_would_compute_stays_text_in_a_workbook(tmp_path: Path) -> None:
    settings = {"columns": [{"made_of": ["x"]}], "output": "xlsx"}
    run = run_form("columns", settings, {"a.csv": 'x\n=1+1\n#N/A\n007\n"bell\x07"\n'}, tmp_path)
    (path,) = write_files({"result.xlsx": run.files["columns.xlsx"]}, tmp_path)
    assert read_workbook(path.read_bytes()) == {"columns": [["x"], ["=1+1"], ["#N/A"], ["007"], ["bell"]]}
    assert b"<f>" not in _sheet_xml(path)


def test_three_runs_give_the_same_bytes_in_csv_and_in_a_workbook(tmp_path: Path) -> None:
    for output in ("csv", "xlsx"):
        found = set()
        for number in range(3):
            folder = tmp_path / f"{output}{number}"
            folder.mkdir()
            settings = {"columns": [{"column": "x"}], "output": output}
            run = run_form("sort", settings, {"a.csv": "x,y\n2,b\n1,=a\n"}, folder)
            found.add(run.files[f"sorted.{output}"])
        assert len(found) == 1


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    example, empty = write_files({"example.csv": "x\n1\n", "empty.csv": "\n\n"}, tmp_path)
    build = compile_form("sort", {"columns": [{"column": "x"}]}, read_extracts([example]))
    assert "empty.csv is empty." in run_build(build, {"file": [empty]}, tmp_path).failure


def _sheet_xml(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read("xl/worksheets/sheet1.xml")
