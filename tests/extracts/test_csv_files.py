"""Delimited text of every make: what is counted, guessed, shown and refused."""

import codecs
import csv
import io
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spadework.extracts import notes
from spadework.extracts.errors import InvalidExtract, TooLarge, Unreadable
from spadework.extracts.masking import mask
from spadework.extracts.reading import extract
from spadework.extracts.sampling import Reservoir
from spadework.extracts.types import FileExtract


def read(folder: Path, content: bytes, **chosen: Any) -> FileExtract:
    path = folder / "file.csv"
    path.write_bytes(content)
    (found,) = extract(path, filename="file.csv", mime="text/csv", **{"seed": 1, **chosen})
    return found


def test_a_plain_file_gives_its_names_its_count_and_masked_rows(tmp_path: Path) -> None:
    content = b"name,code,paid\r\nAna Berg,007,\r\nBen Ito,012,2024-01-05\r\n"
    assert read(tmp_path, content).to_json() == {
        "filename": "file.csv", "columns": ["name", "code", "paid"],
        "sample_rows": [["Aaa Aaaa", "###", ""], ["Aaa Aaa", "###", "####-##-##"]],
        "row_count": 2, "kind": "table", "header": "first_row", "encoding": "utf-8", "delimiter": ",", "format": "csv",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "encoding", "guessed"),
    [
        ("city,sum\nZürich,1\nMálaga,2\n", "utf-8", "utf-8"),
        ("city,sum\nZürich,1\n", "utf-8-sig", "utf-8-sig"),
        ("city,sum\nZürich,1\n", "utf-16", "utf-16"),
        ("city,sum\nZürich,1\nOslo,2\n", "utf-16-le", "utf-16-le"),
        ("city,sum\nZürich,1\nOslo,2\n", "utf-16-be", "utf-16-be"),
        ("city,sum\nZürich,1\n", "utf-32", "utf-32"),
        ("city,sum\nZürich,1\nMálaga,2\n", "cp1252", "cp1252"),
        ("city,sum\nZürich,1\nMálaga,2\n", "latin-1", "cp1252"),  # the same bytes read the same
        ("city,sum\nŁódź,1\nŻary,2\nJędrzejów,3\n", "cp1250", "cp1250"),
        ("city,sum\nPříbram,1\nŽďár,2\nKroměříž,3\nDěčín,4\n", "cp1250", "cp1250"),
        ("город,сумма\nМосква,1\nТверь,2\n", "cp1251", "cp1251"),
        ("город,сумма\nМосква,1\nТверь,2\n", "koi8-r", "koi8-r"),
        ("city,sum\nZürich,1\nMálaga,2\nGenève,3\nKöln,4\n", "mac_roman", "mac_roman"),
        ("city,sum\nZürich,1\nMálaga,2\nGenève,3\nKöln,4\n", "cp850", "cp850"),
        ("都市,金額\nとうきょう,1\nおおさか,2\nなごやのまち,3\n", "shift_jis", "shift_jis"),
        ("城市,金额\n北京市,1\n上海市,2\n广州市,3\n", "gb18030", "gb18030"),
    ],
)
def test_the_encoding_is_found(tmp_path: Path, text: str, encoding: str, guessed: str) -> None:
    found = read(tmp_path, text.encode(encoding))
    assert found.encoding == guessed
    assert list(found.columns) == text.splitlines()[0].split(",")
    assert found.row_count == len(text.splitlines()) - 1


def test_a_letter_of_an_older_encoding_far_down_the_file_still_tells_it(tmp_path: Path) -> None:
    content = b"city,sum\n" + b"Oslo,1\n" * 100_000 + "Zürich,2\n".encode("cp1252")
    found = read(tmp_path, content)
    assert (found.encoding, found.row_count) == ("cp1252", 100_001)


def test_one_broken_byte_among_good_ones_is_said_and_changes_nothing_else(tmp_path: Path) -> None:
    content = b"city,sum\n" + "Zürich,1\n".encode() * 100 + b"Z\xfcrich,2\n"
    found = read(tmp_path, content)
    assert (found.encoding, found.row_count, found.notes) == ("utf-8", 101, (notes.BROKEN_BYTES,))


def test_the_person_s_choice_of_encoding_and_delimiter_goes_before_any_guess(tmp_path: Path) -> None:
    found = read(tmp_path, "naïve;x,y\n1;2,3\n".encode(), encoding="cp1252", delimiter=",")
    assert found.columns == ("naÃ¯ve;x", "y")


@pytest.mark.parametrize(("chosen", "encoding"), [("euc-kr", "euc_kr"), ("UTF8", "utf-8"), ("ISO-8859-1", "latin-1")])
def test_an_encoding_may_be_chosen_by_any_of_its_names(tmp_path: Path, chosen: str, encoding: str) -> None:
    assert read(tmp_path, b"name,sum\nAna,1\n", encoding=chosen).encoding == encoding


def test_an_encoding_or_delimiter_that_is_not_on_the_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidExtract, match="'rot13' is no encoding"):
        read(tmp_path, b"a,b\n1,2\n", encoding="rot13")
    with pytest.raises(InvalidExtract, match="'x' is no delimiter"):
        read(tmp_path, b"a,b\n1,2\n", delimiter="x")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_among_others_inside_quotes(tmp_path: Path, delimiter: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows(
        [["name", "note", "sum"], *([f"A{no}", "one, two; three | four\tfive", str(no)] for no in range(20))]
    )
    found = read(tmp_path, out.getvalue().encode())
    assert (found.delimiter, found.columns, found.row_count) == (delimiter, ("name", "note", "sum"), 20)


def test_the_line_that_excel_puts_first_names_the_delimiter_and_is_no_row(tmp_path: Path) -> None:
    found = read(tmp_path, b"sep=|\r\nname|sum\r\nAna|1\r\n")
    assert (found.columns, found.row_count, found.notes) == (("name", "sum"), 1, (notes.SEPARATOR_LINE,))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_values_of_several_lines_are_one_value_under_every_kind_of_line_end(tmp_path: Path, end: str) -> None:
    found = read(tmp_path, f'name,note{end}Ana,"one{end}""two"", three"{end}Ben,x{end}'.encode())
    assert found.row_count == 2
    assert found.sample_rows[0] == ("Aaa", mask(f'one{end}"two", three'))


def test_blank_short_and_long_rows_are_counted_and_said(tmp_path: Path) -> None:
    found = read(tmp_path, b"a,b,c\n1,2\n\n , ,\n1,2,3,4\n1,2,3\n")
    assert found.row_count == 3
    assert found.sample_rows == (("#", "#", ""), ("#", "#", "#"), ("#", "#", "#"))
    assert found.notes == (
        "Blank rows are not counted: 2.",
        "Rows with more or fewer values than there are columns: 2.",
    )


def test_names_that_are_blank_repeated_or_spaced_are_told_apart_and_said(tmp_path: Path) -> None:
    found = read(tmp_path, b"id,, name ,id,id\nx,y,z,v,w\n", header="first_row")
    assert found.columns == ("id", "column_2", "name", "id (2)", "id (3)")
    assert found.notes == tuple(sorted((notes.BLANK_NAMES, notes.REPEATED_NAMES, notes.SPACED_NAMES)))


@pytest.mark.parametrize(
    "content",
    [
        "2024-01-05,Ana,12.50\n2024-01-06,Ben,13.00\n",
        "Ana Berg,ana@mail.example.com\nBen Ito,ben@mail.example.com\n",
        "Ana Maria Berg,Berlin\nBen Ito,Paris\nEva Costa,Berlin\n",  # a value that comes again
        "Ana Berg,Lyon\nBen Ito,Oslo\n",  # shaped as what follows, and no usual word
        "+49 30 1234567,yes\n+49 30 7654321,no\n",
        "Quarterly report,,,\nname,sum,paid,due\nAna,1,2,3\n",  # a title
    ],
)
def test_a_first_row_that_looks_like_data_is_flagged(tmp_path: Path, content: str) -> None:
    assert read(tmp_path, content.encode()).header == "looks_like_data"


@pytest.mark.parametrize(
    "content",
    [
        "Region,Product\nNorth,Widget\nSouth,Gadget\n",
        "customerId,2023,2024\nA-1,10,20\n",
        "first_name,last_name\nAna,Berg\n",
        "Datum;Kunde\n05.01.2024;Berg\n",
        "product_id\nAB-1\n",
        "name,email\n",
    ],
)
def test_a_first_row_of_names_is_not_flagged(tmp_path: Path, content: str) -> None:
    assert read(tmp_path, content.encode()).header == "first_row"


def test_a_file_without_names_gets_numbers_and_its_first_row_is_masked_as_any(tmp_path: Path) -> None:
    found = read(tmp_path, b"Ana Berg,12\nBen Ito,7\n", header="none")
    assert (found.columns, found.row_count, found.header) == (("column_1", "column_2"), 2, "none")
    assert found.sample_rows == (("Aaa Aaaa", "##"), ("Aaa Aaa", "#"))


def test_a_value_of_a_million_characters_is_cut_and_said(tmp_path: Path) -> None:
    found = read(tmp_path, b"name,note\nAna," + b"x" * 1_000_000 + b"\n")
    assert found.sample_rows == (("Aaa", "a" * 999 + "…"),)
    assert found.notes == (notes.CUT_VALUES,)


def test_a_line_that_never_ends_is_refused_before_it_fills_memory(tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="longer than 16 MiB"):
        read(tmp_path, b"name,note\n" + b"x" * 17 * 2**20)


def test_a_quote_that_never_closes_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="a quote may be opened and never closed"):
        read(tmp_path, b'name,note\nAna,"' + b"x,y\n" * 3_000_000)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "nothing but blank lines"),
        (b"\n\n , \n", "nothing but blank lines"),
        (b"\0" * 500, "is empty"),
        (bytes(range(256)) * 4 + b"\0" * 900, "full of NUL bytes"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(Unreadable, match=message):
        read(tmp_path, content)


def test_a_file_with_a_stray_nul_is_read_and_the_nul_does_not_show(tmp_path: Path) -> None:
    found = read(tmp_path, b"na\0me,sum\nA\0na,1\nBen,2\n")
    assert (found.columns, found.sample_rows) == (
        ("name", "sum"),
        (("A\N{REPLACEMENT CHARACTER}aa", "#"), ("Aaa", "#")),
    )


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="501 columns; at most 500"):
        read(tmp_path, b",".join(b"c%d" % no for no in range(501)) + b"\n")


def test_the_same_seed_chooses_the_same_rows_and_another_seed_others(tmp_path: Path) -> None:
    content = b"name\n" + b"".join(b"%s\n" % (b"x" * (no % 900 + 1)) for no in range(5_000))
    assert read(tmp_path, content, seed=7) == read(tmp_path, content, seed=7)
    assert len({read(tmp_path, content, seed=seed).sample_rows for seed in range(8)}) == 8


def test_every_row_has_the_same_chance_to_be_shown() -> None:
    times = [0] * 10
    for seed in range(6_000):
        reservoir = Reservoir(seed, 3)
        for no in range(10):
            if no == reservoir.due:
                reservoir.take(no, [str(no)])
        for row in reservoir.rows():
            times[int(row[0])] += 1
    assert sum(times) == 18_000
    assert all(1_600 < each < 2_000 for each in times), times


def test_progress_is_told_about_once_for_each_mebibyte_and_up_to_the_end(tmp_path: Path) -> None:
    told: list[float] = []
    read(tmp_path, b"name,sum\n" + b"Ana Berg,12.50\n" * 300_000, on_progress=told.append)
    assert told == sorted(told)
    assert len(told) == 300_000 * 15 // 2**20 + 1
    assert told[-1] == 1.0


def test_a_file_of_200_mb_is_counted_exactly_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    line = b'Ana Berg,ana.berg@mail.example.com,"Oslo, Norway",2024-01-05,1234.56,some more words to fill the line up\n'
    rows = 200 * 2**20 // len(line)
    with path.open("wb") as file:
        file.write(b"name,email,city,date,amount,note\n")
        for _ in range(rows // 1_000):
            file.write(line * 1_000)
        file.write(line * (rows % 1_000))
    script = (
        "import resource, sys; from pathlib import Path; from spadework.extracts.reading import extract;"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "(found,) = extract(Path(sys.argv[1]), filename='big.csv', mime='', seed=1);"
        "print(found.row_count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    count, grown_kib = map(int, done.stdout.split())
    assert count == rows
    assert grown_kib < 40 * 1024


@given(
    st.lists(
        st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12), min_size=3, max_size=3)
        .filter(lambda row: any(each.strip() for each in row)),
        min_size=1, max_size=3,
    ),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
)  # fmt: skip
def test_any_rows_written_by_a_csv_writer_are_read_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], encoding: str
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["name", "note", "city"], *rows])
    content = codecs.encode(out.getvalue(), encoding)
    found = read(tmp_path_factory.mktemp("csv"), content, encoding=encoding, delimiter=",")
    assert found.sample_rows == tuple(tuple(mask(each) for each in row) for row in rows)


def test_a_random_file_is_read_or_refused_and_nothing_unmasked_comes_out(tmp_path: Path) -> None:
    chance = random.Random(3)
    for _ in range(200):
        content = chance.randbytes(chance.randrange(1, 2_000)).replace(b"\0", b",")
        try:
            read(tmp_path, content, header="none")
        except (Unreadable, TooLarge):
            continue
