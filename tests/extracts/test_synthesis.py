"""Synthetic files: the shape of the extract, values that can be worked with, and the same again for the same seed."""

import csv
import datetime
import io
import random
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spadework.extracts import synthesis
from spadework.extracts.errors import NotMade
from spadework.extracts.masking import is_masked, mask
from spadework.extracts.reading import extract
from spadework.extracts.synthesis import synthesise
from spadework.extracts.synthetic_values import column_of, values
from spadework.extracts.types import ENCODINGS, FileExtract


def table(*columns: tuple[str, str], **more: Any) -> FileExtract:
    names, masks = zip(*columns, strict=True)
    return FileExtract(filename="file.csv", columns=names, sample_rows=(masks,), row_count=9, kind="table", **more)


def rows_of(content: bytes, extract: FileExtract) -> list[list[str]]:
    text = content.decode(extract.encoding or "utf-8")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=extract.delimiter or ","))


def test_a_synthetic_table_has_the_same_names_and_as_many_rows_as_asked() -> None:
    extract = table(("date", "####-##-##"), ("sum", "#,###.##"), delimiter=";", encoding="utf-16")
    rows = rows_of(synthesise([extract], seed=1, rows=40), extract)
    assert rows[0] == ["date", "sum"]
    assert len(rows) == 41


def test_the_same_arguments_give_the_same_bytes_and_another_seed_others() -> None:
    for made in (table(("name", "Aaaa Aaaa"), ("n", "##")), table(("name", "Aaaa"), format="xlsx", sheet="S")):
        first = synthesise([made], seed=1, rows=30)
        assert first == synthesise([made], seed=1, rows=30)
        assert first != synthesise([made], seed=2, rows=30)


@pytest.mark.parametrize(
    ("shape", "read"),
    [
        ("####-##-##", "%Y-%m-%d"),
        ("####/##/##", "%Y/%m/%d"),
        ("##.##.####", "%d.%m.%Y"),
        ("##/##/##", "%d/%m/%y"),
        ("#/#/####", "%m/%d/%Y"),
        ("####-##-## ##:##:##", "%Y-%m-%d %H:%M:%S"),
        ("####-##-##A##:##:##A", "%Y-%m-%dT%H:%M:%SZ"),
        ("##.##.#### ##:##", "%d.%m.%Y %H:%M"),
    ],
)
def test_a_column_of_dates_gets_real_dates_in_its_form(shape: str, read: str) -> None:
    made = [each for each in values(column_of("when", [shape]), seed=3, rows=200) if each]
    assert len({datetime.datetime.strptime(each, read) for each in made}) > 20


@pytest.mark.parametrize("shape", ["#", "##", "#.##", "#,###.##", "-##.#", "$#,###.##", "##%", "(###)", "###.##"])
def test_a_column_of_amounts_gets_numbers_that_can_be_read(shape: str) -> None:
    for each in values(column_of("amount", [shape]), seed=3, rows=200):
        plain = each.strip("$%()").replace(",", "")
        assert plain == "" or float(plain) is not None
        assert not plain.lstrip("-").startswith("0") or plain.lstrip("-")[1:2] in {"", "."}


def test_addresses_are_on_the_domain_that_nobody_owns() -> None:
    made = values(column_of("Contact", ["aaaa.aaaa@aaaa.aa"]), seed=3, rows=100)
    assert {each.rpartition("@")[2] for each in made if each} <= {"mail.example.com", "post.example.com"}


def test_keys_differ_in_every_row_and_are_never_blank() -> None:
    made = values(column_of("product_id", ["AAAA-####"]), seed=3, rows=500)
    assert len(set(made)) == 500
    assert {mask(each) for each in made} == {"AAAA-####"}


def test_groups_come_again() -> None:
    assert 1 < len({each for each in values(column_of("Region", ["Aaaaa"]), seed=3, rows=100) if each}) <= 5


def test_blanks_are_few_unless_the_sample_has_some_and_all_where_it_has_nothing() -> None:
    def share(samples: list[str]) -> float:
        made = values(column_of("note", samples), seed=3, rows=2_000)
        return made.count("") / len(made)

    assert 0 < share(["aaa"]) < 0.1
    assert 0.2 < share(["aaa", ""]) < 0.4
    assert share(["", ""]) == 1.0


def test_a_table_whose_sample_is_blank_throughout_gives_blank_rows() -> None:
    extract = table(("a", ""), ("b", ""))
    assert rows_of(synthesise([extract], seed=1, rows=3), extract)[1:] == [["", ""]] * 3


def test_two_files_with_a_column_of_the_same_name_and_shape_can_be_joined() -> None:
    left = table(("order_id", "AA-###"), ("sum", "##"))
    right = FileExtract(filename="b.csv", columns=("city", "Order_ID"), sample_rows=(("Aaaa", "AA-###"),), row_count=1)
    ids = {row[0] for row in rows_of(synthesise([left], seed=5, rows=50), left)[1:]}
    others = {row[1] for row in rows_of(synthesise([right], seed=5, rows=50), right)[1:]}
    assert len(ids & others) > 40


def test_some_rows_come_twice_and_words_hold_what_real_ones_do() -> None:
    extract = table(("name", "Aaaa Aaaa"), ("note", "aaa aaa"), ("amount", "##.##"))
    rows = rows_of(synthesise([extract], seed=1, rows=200), extract)[1:]
    assert len({tuple(row) for row in synthesis.table(extract, seed=1, rows=200)}) < 200
    notes = " | ".join(row[1] for row in rows)
    assert all(each in notes for each in (",", '"', "\n", "é"))


def test_a_file_without_names_gets_none() -> None:
    extract = table(("column_1", "##"), header="none")
    assert len(rows_of(synthesise([extract], seed=1, rows=20), extract)) == 20


def test_columns_that_were_withheld_stand_there_under_other_names() -> None:
    extract = table(("a", "##"), withheld=2)
    names, *rows = rows_of(synthesise([extract], seed=1, rows=5), extract)
    assert names == ["a", "withheld_1", "withheld_2"]
    assert [len(row) for row in rows] == [3] * 5


def test_a_workbook_gets_all_its_sheets_with_numbers_and_dates_as_cells(tmp_path: Path) -> None:
    one = FileExtract(
        filename="b.xlsx", sheet="One", columns=("zip code", "amount", "paid on"), format="xlsx", kind="table", row_count=3,
        sample_rows=(("###", "##.##", "####-##-##"),), notes=("The names of the columns stand on row 3.",),
    )  # fmt: skip
    two = FileExtract(filename="b.xlsx", sheet="Two", columns=("n",), sample_rows=(("#",),), row_count=1, format="xlsx")
    path = tmp_path / "b.xlsx"
    path.write_bytes(synthesise([one, two], seed=1, rows=30))
    workbook = openpyxl.load_workbook(path)
    assert workbook.sheetnames == ["One", "Two"]
    cells = list(workbook["One"].iter_rows(values_only=True))
    assert cells[2] == ("zip code", "amount", "paid on")
    assert {type(row[1]) for row in cells[3:] if row[1] is not None} <= {float, int}
    assert {type(row[2]) for row in cells[3:] if row[2] is not None} == {datetime.datetime}
    assert [each.row_count for each in extract(path, filename="b.xlsx", mime="", seed=1)] == [30, 30]


def test_documents_and_pictures_come_out_as_they_were_extracted(tmp_path: Path) -> None:
    for made in (
        FileExtract(filename="d.pdf", kind="document", format="pdf", page_count=3, preview=("Aaaa (##) \\", "Aa   ##")),
        FileExtract(
            filename="d.docx", kind="document", format="docx", headings=("Aaaa",), preview=("Aaaa", "aa & <##>")
        ),
        FileExtract(filename="i.png", kind="image", format="png", width=300, height=20),
        FileExtract(filename="i.bmp", kind="image", format="bmp", width=301, height=20),
    ):
        path = tmp_path / made.filename
        path.write_bytes(synthesise([made], seed=1, rows=1))
        (found,) = extract(path, filename=made.filename, mime="", seed=1)
        assert (found.page_count, found.width, found.height) == (
            None if made.format == "docx" else made.page_count, made.width, made.height,
        )  # fmt: skip
        assert (found.preview, found.headings) == (made.preview, made.headings)


@pytest.mark.parametrize("form", ["xls", "jpeg", "heic"])
def test_a_kind_that_cannot_be_written_is_refused_with_the_next_move(form: str) -> None:
    kind = "table" if form == "xls" else "image"
    with pytest.raises(NotMade, match="Run the script on your own file"):
        synthesise([FileExtract(filename=f"a.{form}", kind=kind, format=form)], seed=1, rows=5)


MASKS = st.text(alphabet="Aa#-.,/: @$€␊␋␌(", max_size=25)


@given(
    st.lists(
        st.tuples(st.text(min_size=1, max_size=15).filter(lambda name: name.strip()), MASKS), min_size=1, max_size=5
    ),
    st.sampled_from(ENCODINGS),
    st.sampled_from([",", ";", "\t", "|"]),
    st.integers(1, 40),
)
def test_any_extract_gives_a_file_of_its_columns(
    columns: list[tuple[str, str]], encoding: str, delimiter: str, rows: int
) -> None:
    extract = table(*columns, encoding=encoding, delimiter=delimiter, header="none")
    found = rows_of(synthesise([extract], seed=1, rows=rows), extract)
    assert all(len(row) in {0, len(columns)} for row in found)
    assert len(found) == rows


@given(
    st.lists(
        st.tuples(st.text(min_size=1, max_size=15).filter(lambda name: name.strip()), MASKS), min_size=1, max_size=4
    ),
    st.text(max_size=40),
)
def test_any_extract_of_a_workbook_gives_a_workbook(columns: list[tuple[str, str]], sheet: str) -> None:
    made = table(*columns, format="xlsx", sheet=sheet)
    content = synthesise([made, made], seed=1, rows=7)
    assert len(openpyxl.load_workbook(io.BytesIO(content)).sheetnames) == 2


@given(
    st.lists(st.text(alphabet="Aa#-.,/: ()\\&<␊␋␌�é", max_size=30).map(mask), max_size=8),
    st.sampled_from(["pdf", "docx"]),
)
def test_any_preview_gives_a_document_that_can_be_read(
    tmp_path_factory: pytest.TempPathFactory, preview: list[str], form: str
) -> None:
    made = FileExtract(filename=f"d.{form}", kind="document", format=form, preview=tuple(preview), page_count=2)
    path = tmp_path_factory.mktemp("made") / made.filename
    path.write_bytes(synthesise([made], seed=1, rows=1))
    (found,) = extract(path, filename=made.filename, mime="", seed=1)
    assert found.kind == "document"


def test_every_value_of_a_column_of_words_keeps_to_a_shape_like_its_own() -> None:
    chance = random.Random(5)
    for _ in range(300):
        shape = "".join(chance.choice("Aa#- ") for _ in range(12)).strip() or "a"
        assert is_masked(shape)
        for each in values(column_of("thing", [shape]), seed=1, rows=5):
            assert each == "" or {*mask(each)} <= {*"Aa#- "}
