"""Any file: who reads it, what is refused, and that the package is fit for the browser's Python."""

import ast
import json
import sys
import warnings
from pathlib import Path

import pytest

import spadework.extracts
from spadework.extracts import browser
from spadework.extracts.errors import ExtractError, InvalidExtract, Unreadable, Unsupported
from spadework.extracts.reading import EXTRACTORS, extract, find_extractor

PACKAGE = Path(spadework.extracts.__file__).parent
LIBRARIES = {"python_calamine", "pypdf", "imagesize", "exifread", "openpyxl"}


@pytest.mark.parametrize(
    ("filename", "mime", "key"),
    [
        ("a.csv", "text/csv", "csv"),
        ("a.csv", "application/vnd.ms-excel", "csv"),  # Windows with Excel
        ("A.CSV", "", "csv"),
        ("a", "TEXT/CSV", "csv"),
        ("a.tsv", "text/tab-separated-values", "csv"),
        ("a", "text/csv; charset=utf-8", "csv"),
        ("a.xlsx", "", "sheets"),
        ("a.xls", "application/vnd.ms-excel", "sheets"),
        ("a", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "sheets"),
        ("a.pdf", "", "pdf"),
        ("a.docx", "", "word"),
        ("a.jpeg", "image/jpeg", "images"),
    ],
)
def test_the_first_extractor_that_supports_a_file_reads_it(filename: str, mime: str, key: str) -> None:
    assert find_extractor(filename, mime).key == key


@pytest.mark.parametrize("filename", ["a.exe", "a.zip", "a", "csv", "a.xlsb", "a.ods"])
def test_a_kind_that_nobody_reads_is_refused_with_those_that_can_be(filename: str) -> None:
    with pytest.raises(Unsupported, match=r"CSV, Excel workbook, PDF, Word document, Picture\. Save it as one of them"):
        find_extractor(filename, "application/octet-stream")


def test_an_old_word_file_is_refused_with_what_to_save_it_as() -> None:
    with pytest.raises(Unsupported, match=r"Save it as \.docx"):
        find_extractor("letter.doc", "application/msword")


def test_no_two_extractors_claim_the_same_kind() -> None:
    claims = [each for extractor in EXTRACTORS for each in (*extractor.suffixes, *extractor.mime_types)]
    assert len(claims) == len(set(claims))


def test_a_parser_that_breaks_in_its_own_way_is_a_damaged_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    missing = tmp_path / "Ana Berg.csv"
    with pytest.raises(Unreadable, match="is damaged or is not what its name says"):
        extract(missing, filename="a.csv", mime="", seed=1)
    assert "Ana Berg" not in caplog.text


def test_a_header_that_is_no_choice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidExtract, match="'auto', 'first_row' and 'none'"):
        extract(tmp_path / "a.csv", filename="a.csv", mime="", seed=1, header="second_row")


# --- the doors for a worker ------------------------------------------------------------------------


def test_the_worker_s_door_gives_extracts_as_json(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes("name;sum\nZoë;1\n".encode())
    told: list[float] = []
    answer = browser.extract_file(str(tmp_path / "f"), "a.csv", "", '{"seed": 3, "delimiter": ";"}', told.append)
    assert json.loads(answer)["extracts"][0]["sample_rows"] == [["Aaa", "#"]]
    assert told[-1] == 1.0


@pytest.mark.parametrize(
    ("filename", "options", "code"),
    [
        ("a.exe", '{"seed": 1}', "unsupported"),
        ("a.csv", "{}", "invalid"),
        ("a.csv", "no json", "invalid"),
        ("a.csv", '{"seed": 1, "header": "third"}', "invalid"),
        ("a.csv", '{"seed": 1}', "unreadable"),
    ],
)
def test_the_worker_s_door_gives_errors_as_json(tmp_path: Path, filename: str, options: str, code: str) -> None:
    error = json.loads(browser.extract_file(str(tmp_path / "missing"), filename, "", options))["error"]
    assert error["code"] == code
    assert error["message"].endswith(".")


def test_the_worker_s_door_writes_synthetic_files_and_says_which_it_cannot(tmp_path: Path) -> None:
    sheet = {"filename": "../a.xlsx", "columns": ["n"], "sample_rows": [["##"]], "row_count": 9, "format": "xlsx"}
    extracts = [
        sheet | {"sheet": "One"},
        {"filename": "a.jpg", "columns": [], "sample_rows": [], "row_count": 0, "kind": "image", "format": "jpeg"},
        sheet | {"sheet": "Two"},
    ]
    answer = json.loads(browser.synthesise_files(json.dumps(extracts), 1, 20, str(tmp_path)))
    assert [each["filename"] for each in answer["files"]] == ["../a.xlsx"]
    assert [each["filename"] for each in answer["skipped"]] == ["a.jpg"]
    path = Path(answer["files"][0]["path"])
    assert path.parent == tmp_path
    found = extract(path, filename="a.xlsx", mime="", seed=1)
    assert [(each.sheet, each.row_count) for each in found] == [("One", 20), ("Two", 20)]


def test_the_worker_s_door_refuses_extracts_that_are_out_of_shape(tmp_path: Path) -> None:
    for extracts, rows in (("[{}]", 5), ("{}", 5), ("x", 5), ("[]", 0), ("[]", 10**7)):
        assert "error" in json.loads(browser.synthesise_files(extracts, 1, rows, str(tmp_path)))


# --- the package -----------------------------------------------------------------------------------


def imports_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(), feature_version=(3, 11))
    plain = {each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names}
    return plain | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_the_package_imports_nothing_of_ours_but_itself_and_only_libraries_the_browser_has() -> None:
    for path in PACKAGE.glob("*.py"):
        for name in imports_of(path):
            top = name.split(".")[0]
            assert name.startswith("spadework.extracts") or top in LIBRARIES | sys.stdlib_module_names, (
                f"{path.name}: {name}"
            )


def test_the_package_compiles_without_a_warning_so_that_a_newer_python_reads_it_alike() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # what newer versions refuse, older ones warn of
        for path in PACKAGE.glob("*.py"):
            compile(path.read_text(), str(path), "exec", dont_inherit=True)


def test_every_error_ends_with_a_sentence_and_has_a_code_of_its_own() -> None:
    kinds = ExtractError.__subclasses__()
    assert len({each.code for each in kinds}) == len(kinds) == 6
