"""Workbooks: one extract for each sheet, cells as the text they hold, and packed files kept from bursting."""

import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from spadework.extracts import notes
from spadework.extracts.errors import Protected, TooLarge, Unreadable
from spadework.extracts.reading import extract
from spadework.extracts.sheets import as_text
from spadework.extracts.types import FileExtract
from tests.extracts import making


def read(path: Path, **chosen: Any) -> list[FileExtract]:
    return extract(path, filename=path.name, mime="", **{"seed": 1, **chosen})


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_each_sheet_gives_its_names_count_and_masked_rows(tmp_path: Path) -> None:
    path = making.xlsx(
        tmp_path / "book.xlsx",
        {
            "Orders": [["order id", "paid", "sum"], ["007", datetime.date(2024, 1, 5), 12.5], ["012", None, 7]],
            "Empty": [],
            "People": [["name"], ["Zoë Straße"]],
        },
    )
    orders, people = read(path)
    assert orders.to_json() == {
        "filename": "book.xlsx", "sheet": "Orders", "columns": ["order id", "paid", "sum"],
        "sample_rows": [["###", "####-##-##", "##.#"], ["###", "", "#"]], "row_count": 2, "kind": "table",
        "header": "first_row", "format": "xlsx",
    }  # fmt: skip
    assert (people.sheet, people.columns, people.sample_rows, people.row_count) == (
        "People",
        ("name",),
        (("Aaa Aaaaaa",),),
        1,
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("007", "007"), ("", ""), (7.0, "7"), (-12.5, "-12.5"), (1e20, "1e+20"), (True, "TRUE"), (False, "FALSE"),
        (datetime.date(2024, 1, 5), "2024-01-05"), (datetime.datetime(2024, 1, 5, 13, 45), "2024-01-05 13:45:00"),
        (datetime.time(3, 4), "03:04:00"), (datetime.timedelta(hours=30, seconds=9), "30:00:09"),
    ],
)  # fmt: skip
def test_a_cell_is_the_text_it_holds(value: Any, text: str) -> None:
    assert as_text(value) == text


def test_names_that_stand_lower_and_hidden_sheets_are_said(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active["B3"], workbook.active["C3"], workbook.active["B4"] = "name", "sum", "Ana"
    hidden = workbook.create_sheet("Salaries")
    hidden.append(["name", "salary"])
    hidden.sheet_state = "hidden"
    workbook.save(tmp_path / "book.xlsx")
    first, second = read(tmp_path / "book.xlsx")
    assert (first.columns, first.row_count, first.notes) == (
        ("name", "sum"),
        1,
        ("The names of the columns stand on row 3.",),
    )
    assert (second.sheet, second.row_count, second.notes) == ("Salaries", 0, (notes.HIDDEN_SHEET,))


def test_a_sheet_without_names_gets_numbers(tmp_path: Path) -> None:
    path = making.xlsx(tmp_path / "book.xlsx", {"S": [["Ana", 12], ["Ben", 7]]})
    (auto,), (none,) = read(path), read(path, header="none")
    assert auto.header == "looks_like_data"
    assert (none.header, none.columns, none.row_count) == ("none", ("column_1", "column_2"), 2)


def test_the_same_seed_chooses_the_same_rows_of_a_long_sheet(tmp_path: Path) -> None:
    path = making.xlsx(tmp_path / "book.xlsx", {"S": [["name"], *([["x" * (no % 300 + 1)] for no in range(3_000)])]})
    assert read(path, seed=4) == read(path, seed=4) != read(path, seed=5)
    assert read(path)[0].row_count == 3_000


def test_an_old_workbook_is_read_as_a_new_one(tmp_path: Path) -> None:
    (found,) = read(write(tmp_path, "old.xls", making.xls([["name", "sum"], ["Zoë", 12.0], ["007", 7.5]])))
    assert (found.sheet, found.columns, found.row_count, found.format) == ("Old", ("name", "sum"), 2, "xls")
    assert found.sample_rows == (("Aaa", "##"), ("###", "#.#"))


@pytest.mark.parametrize(
    ("name", "content"),
    [("book.xlsx", making.encrypted_workbook()), ("old.xls", making.xls([["name"], ["Ana"]], is_protected=True))],
)
def test_a_workbook_with_a_password_says_so_and_what_to_do(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(Protected, match=r"needs a password.*save a copy without one"):
        read(write(tmp_path, name, content))


def test_a_workbook_that_is_cut_short_anywhere_is_refused(tmp_path: Path) -> None:
    whole = making.xlsx(tmp_path / "book.xlsx", {"S": [["name", "sum"], ["Ana", 12]]}).read_bytes()
    for end in range(0, len(whole) - 1, max(len(whole) // 40, 1)):
        with pytest.raises(Unreadable, match="Open it in its own program"):
            read(write(tmp_path, "cut.xlsx", whole[:end]))


def test_an_old_workbook_with_any_bytes_twisted_is_read_or_refused(tmp_path: Path) -> None:
    whole = making.xls([["name", "sum"], ["Ana", 12.0], ["Ben", 7.5]])
    for at in range(0, len(whole), 23):
        twisted = whole[:at] + bytes([whole[at] ^ 0x5A]) + whole[at + 1 :]
        try:
            found = read(write(tmp_path, "twisted.xls", twisted))
        except (Unreadable, Protected, TooLarge):
            continue
        assert all(isinstance(each, FileExtract) for each in found)


def test_a_workbook_without_any_value_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no values in any sheet"):
        read(making.xlsx(tmp_path / "book.xlsx", {"A": [], "B": []}))


def test_a_part_that_unpacks_to_far_more_than_it_is_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="more than 100 times its size"):
        read(write(tmp_path, "bomb.xlsx", making.zipped({"xl/workbook.xml": bytes(20 * 2**20)})))


def test_parts_that_together_unpack_to_too_much_are_refused(tmp_path: Path) -> None:
    content = making.zipped({f"part{no}": bytes(2**20) for no in range(301)})
    with pytest.raises(TooLarge, match="unpacks to more than 300 MiB"):
        read(write(tmp_path, "bomb.xlsx", content))


def test_a_part_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    lying = making.lying_zip("xl/workbook.xml", bytes(20 * 2**20 + 12_345), said_bytes=999)
    with pytest.raises(Unreadable, match="damaged"):
        read(write(tmp_path, "bomb.xlsx", lying))


def test_parts_that_share_the_same_packed_bytes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="its parts lie over each other"):
        read(write(tmp_path, "bomb.xlsx", making.overlapped_zip(50, bytes(2**20))))


def test_too_many_parts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="2,001 parts"):
        read(write(tmp_path, "bomb.xlsx", making.zipped({f"p{no}": b"" for no in range(2_001)})))


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/passwd", "C:\\evil.xml", "xl\\..\\..\\evil"])
def test_a_part_that_names_a_place_outside_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unreadable, match="outside of itself"):
        read(write(tmp_path, "bomb.xlsx", making.zipped({name: b"x"})))


def test_too_many_sheets_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="51 sheets; at most 50"):
        read(making.xlsx(tmp_path / "book.xlsx", {f"S{no}": [["a"]] for no in range(51)}))


def test_a_sheet_with_a_value_at_its_far_end_is_refused_before_room_is_made_for_the_way_there(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active["A1"], workbook.active["XFD1048576"] = "name", "far"
    workbook.save(tmp_path / "far.xlsx")
    with pytest.raises(TooLarge, match="1,048,576 rows and 16,384 columns"):
        read(tmp_path / "far.xlsx")


def test_cells_that_do_not_name_their_place_are_counted(tmp_path: Path) -> None:
    path = making.xlsx(tmp_path / "book.xlsx", {"S": [["name"]]})
    rows = b"<row>" + b"<c/>" * 16_384 + b'</row><row r="1048576"><c><v>1</v></c></row>'
    making.replace_part(
        path, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>"
    )
    with pytest.raises(TooLarge, match="at most 20,000,000 cells"):
        read(path)


def test_a_long_sheet_whose_cells_do_not_name_their_place_is_read(tmp_path: Path) -> None:
    path = making.xlsx(tmp_path / "book.xlsx", {"S": [["name"]]})
    rows = b"<row><c t='inlineStr'><is><t>name</t></is></c></row>" + b"<row><c><v>17</v></c></row>" * 30_000
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    making.replace_part(
        path, "xl/worksheets/sheet1.xml", b"<worksheet %s><sheetData>%s</sheetData></worksheet>" % (space, rows)
    )
    (found,) = read(path)
    assert (found.columns, found.row_count) == (("name",), 30_000)


@pytest.mark.parametrize("place", ["r='XFD1048576'", 'r = "XFD1048576"', '\nr="XFD1048576"', 's="1" r="XFD1048576"'])
def test_a_far_cell_is_seen_however_its_place_is_written(tmp_path: Path, place: str) -> None:
    path = making.xlsx(tmp_path / "book.xlsx", {"S": [["name"]]})
    rows = f'<worksheet><sheetData><row r="1"><c r="A1"/></row><row r="2"><c {place}><v>1</v></c></row></sheetData></worksheet>'
    making.replace_part(path, "xl/worksheets/sheet1.xml", rows.encode())
    with pytest.raises(TooLarge, match="1,048,576 rows and 16,38"):
        read(path)
