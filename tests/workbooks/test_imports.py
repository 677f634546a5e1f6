"""Importing files as they really are: every row ends up in the table or among the rejects, whatever the file holds."""

import csv
import errno
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spadework.core.db import Database
from spadework.core.errors import Halted, InvalidInput, LimitReached, NotFound, StorageFull, UnknownReference
from spadework.core.ids import AccountId, new_id
from spadework.workbooks import uploads
from spadework.workbooks.actions import imports
from spadework.workbooks.rules import csv_files, csv_parts
from spadework.workbooks.rules.csv_files import Dialect
from tests.workbooks.importing import Importer, StraightJob

TEXT = [{"column": each, "new_field": {"name": each, "kind": "text"}} for each in ("a", "b")]


@pytest.fixture
async def importer(database: Database, account: AccountId, tmp_path: Path) -> Importer:
    return await Importer.open(database, account, tmp_path)


# The corpus: a file, the rows that must be in the table, and the (line, reason) of each reject.
CORPUS: dict[str, tuple[bytes, list[list[str | None]], list[tuple[int, str]]]] = {
    "plain": (b"a,b\n1x,2\n3,4\n", [["1x", "2"], ["3", "4"]], []),
    "no line end at the end": (b"a,b\n1x,2", [["1x", "2"]], []),
    "CRLF": (b"a,b\r\n1x,2\r\n3,4\r\n", [["1x", "2"], ["3", "4"]], []),
    "CR alone": (b"a,b\r1x,2\r3,4\r", [["1x", "2"], ["3", "4"]], []),
    "mixed line ends": (b"a,b\n1x,2\r\n3,4\r5,6\n", [["1x", "2"], ["3", "4"], ["5", "6"]], []),
    "UTF-8 with BOM": (b"\xef\xbb\xbfa,b\nZ\xc3\xbcrich,2\n", [["Zürich", "2"]], []),
    "UTF-16 little endian": ("\ufeffa,b\nZürich,😀\n".encode("utf-16-le"), [["Zürich", "😀"]], []),
    "UTF-16 big endian": ("\ufeffa,b\nZürich,2\n".encode("utf-16-be"), [["Zürich", "2"]], []),
    "Windows letters": ("a,b\nZürich,€5\n".encode("cp1252"), [["Zürich", "€5"]], []),
    "semicolons": (b"a;b\n1x;2,5\n", [["1x", "2,5"]], []),
    "tabs": (b"a\tb\n1x\t2\n", [["1x", "2"]], []),
    "bars": (b"a|b\n1x|2\n", [["1x", "2"]], []),
    "quoted delimiter": (b'a,b\n"1,x",2\n', [["1,x", "2"]], []),
    "quoted quote": (b'a,b\n"say ""hi""",2\n', [['say "hi"', "2"]], []),
    "quoted line end": (b'a,b\n"two\nlines",2\nx,y\n', [["two\nlines", "2"], ["x", "y"]], []),
    "quoted CRLF": (b'a,b\r\n"two\r\nlines",2\r\n', [["two\r\nlines", "2"]], []),
    "quoted blank line": (b'a,b\n"two\n\nlines",2\n', [["two\n\nlines", "2"]], []),
    "quoted blank is blank": (b'a,b\n"",2\n', [[None, "2"]], []),
    "quote inside an unquoted field": (b'a,b\n5" pipe,2\n6,7\n', [['5" pipe', "2"], ["6", "7"]], []),
    "two quotes inside an unquoted field": (b'a,b\nTV 32"" set,2\n', [['TV 32"" set', "2"]], []),
    "blank lines are no rows": (b"a,b\n1x,2\n\n3,4\n\n\n", [["1x", "2"], ["3", "4"]], []),
    "a quote never closed": (
        b'a,b\nx,1\n"broken,2\ny,3\nz,4\n',
        [["x", "1"], ["y", "3"], ["z", "4"]],
        [(3, "a quote is opened and never closed")],
    ),
    "a quote that meets another by chance": (
        b'a,b\nx,"broken\ny,3\nz,"4"\n',
        [["y", "3"], ["z", "4"]],
        [(2, "there is text after a closing quote")],
    ),
    "text after a closing quote": (
        b'a,b\n"x"y,1\nz,2\n', [["z", "2"]], [(2, "there is text after a closing quote")],
    ),
    "NUL": (b"a,b\nx\0y,1\nz,2\n", [["z", "2"]], [(2, "it holds a NUL character")]),
    "broken UTF-8": (
        b"a,b\n" + "Zürich,ä\n".encode() * 8 + b"x\xff,1\nz,2\n",
        [["Zürich", "ä"]] * 8 + [["z", "2"]],
        [(10, "it holds a character that is broken in the file's encoding")],
    ),
    "a lone surrogate in UTF-16": (
        "\ufeffa,b\n".encode("utf-16-le") + b"\x00\xd8,\x001\x00\n\x00" + "z,2\n".encode("utf-16-le"),
        [["z", "2"]],
        [(2, "it holds a character that is broken in the file's encoding")],
    ),
    "a character Windows does not have": (
        "a,b\né,1\n".encode("cp1252") + b"\x81,1\nz,2\n",
        [["é", "1"], ["z", "2"]],
        [(3, "it holds a character that is broken in the file's encoding")],
    ),
    "too few fields": (b"a,b\nx\nz,2\n", [["z", "2"]], [(2, "it has 1 fields, and the header has 2")]),
    "too many fields": (b"a,b\nx,1,2\nz,2\n", [["z", "2"]], [(2, "it has 3 fields, and the header has 2")]),
    "end mark of COPY": (b"a,b\n\\.,1\nz,2\n", [["\\.", "1"], ["z", "2"]], []),
    "backslashes": (b"a,b\n\\N,C:\\new\n", [["\\N", "C:\\new"]], []),
    "a field too long": (
        b"a,b\n" + b"x" * 140_000 + b",1\nz,2\n", [["z", "2"]], [(2, "a field is longer than 128 KiB")],
    ),
    "a quoted field too long": (
        b'a,b\n"' + b"x" * 140_000 + b'",1\nz,2\n', [["z", "2"]], [(2, "a field is longer than 128 KiB")],
    ),
    "a line of a million characters": (
        b"a,b\nx,1\n" + b"y" * 1_000_000 + b"\nz,2\n", [["x", "1"], ["z", "2"]], [(3, "a field is longer than 128 KiB")],
    ),
    "a line of three million characters": (
        b"a,b\nx,1\n" + b"y" * 3_000_000 + b"\nz,2\n", [["x", "1"], ["z", "2"]], [(3, "the line is longer than 1,024 KiB")],
    ),
    "a line longer than what is read at once": (
        b"a,b\nx,1\n" + b"y" * 9_000_000 + b"\nz,2\n", [["x", "1"], ["z", "2"]], [(3, "the line is longer than 1,024 KiB")],
    ),
    "formulas stay what they are": (b'a,b\n=1+1,"@x"\n', [["=1+1", "@x"]], []),
    "header only": (b"a,b\n", [], []),
}  # fmt: skip


@pytest.mark.parametrize("name", CORPUS)
async def test_a_file_of_the_corpus_gives_exactly_its_rows_and_rejects(importer, name):
    content, rows, rejects = CORPUS[name]
    mapping = TEXT if rows else TEXT[:1]

    done = await importer.run(content, mapping=mapping)

    if rows:
        assert await importer.rows() == rows
    found = await importer.rejects(done["run_id"])
    assert [(each.line, each.reason) for each in found] == rejects
    assert (done["imported"], done["rejected"]) == (len(rows), len(rejects))


@pytest.mark.parametrize("name", ["blank lines are no rows", "quoted line end", "a quote never closed"])
async def test_a_finished_import_counts_rows_and_not_the_files_lines(importer, name):
    content, rows, rejects = CORPUS[name]
    done = await importer.run(content, mapping=TEXT)
    progress = (await importer.find_run(done["run_id"])).progress
    assert (progress["done"], progress["total"]) == (len(rows) + len(rejects),) * 2


FIELDS = st.text(st.sampled_from("abü \",;\n\r'\\.=0"), max_size=6)
AWKWARD = st.text(st.sampled_from('ab",\n'), max_size=60)


@given(rows=st.lists(st.tuples(FIELDS, FIELDS), max_size=12), newline=st.sampled_from(["\n", "\r\n", "\r"]))
@settings(max_examples=200, deadline=None)
def test_what_a_csv_writer_wrote_is_read_back_row_by_row_however_it_is_cut(rows, newline):
    rows = [(first.replace("\r", ""), second.replace("\r", "")) for first, second in rows]
    out = io.StringIO()
    # Python's writer puts no quotes around LF when rows end with CR.
    quotes_all = newline == "\r" or len(rows) % 2
    writer = csv.writer(out, lineterminator=newline, quoting=csv.QUOTE_ALL if quotes_all else csv.QUOTE_MINIMAL)
    writer.writerows(rows)
    content = out.getvalue().encode()
    for size in (1, 3, 7, 10_000):
        read = _read(content, size, columns=2)
        assert not read.rejects
        assert read.rows == [list(each) for each in rows]


@given(text=AWKWARD, size=st.sampled_from([1, 2, 5, 1000]))
@settings(max_examples=300, deadline=None)
def test_no_line_of_any_text_is_ever_swallowed(text, size):
    """Each line that is not blank is in a row or a reject; a row may span lines only inside quotes."""
    read = _read(text.encode(), size, columns=2)
    spanned = sum(sum(field.count("\n") for field in row) for row in read.rows)
    filled = [each for each in text.split("\n") if each.strip()]
    in_quotes = sum(1 for row in read.rows for field in row for line in field.split("\n")[:-1] if not line.strip())
    assert len(read.rows) + spanned - in_quotes + len(read.rejects) >= len(filled) - in_quotes
    assert len(read.rows) + len(read.rejects) <= max(1, len(filled))


@given(text=AWKWARD)
@settings(max_examples=300, deadline=None)
def test_a_part_called_clean_is_the_same_to_copy_and_row_by_row(text):
    """What COPY makes of a part whose rows have two fields: rows end outside quotes, doubled quotes are halved."""
    for part in csv_parts.Cutter(Dialect("utf-8", ","), first_line=2).feed(text.encode(), is_last=True):
        expected = list(csv.reader(io.StringIO(part.content.decode(), newline="")))
        if part.is_clean and all(len(each) == 2 for each in expected):
            read = csv_parts.read_rows(part, Dialect("utf-8", ","), columns=2)
            assert (read.rows, read.rejects) == (expected, [])


def _read(content: bytes, size: int, *, columns: int) -> csv_parts.Rows:
    dialect = Dialect("utf-8", ",")
    cutter = csv_parts.Cutter(dialect, first_line=2)
    found = csv_parts.Rows()
    pieces = [content[at : at + size] for at in range(0, len(content), size)] or [b""]
    for place, piece in enumerate(pieces):
        for part in cutter.feed(piece, is_last=place == len(pieces) - 1):
            read = csv_parts.read_rows(part, dialect, columns=columns)
            found.rows.extend(read.rows)
            found.rejects.extend(read.rejects)
    return found


async def test_repeated_and_blank_headers_are_renamed_and_no_column_is_lost(importer):
    await importer.run(b"Name,,name,Name,\nA,B,C,D,E\n")

    assert [each.name for each in (await importer.table()).fields] == [
        "Name",
        "Column 2",
        "name (2)",
        "Name (3)",
        "Column 5",
    ]
    assert await importer.rows() == [["A", "B", "C", "D", "E"]]


async def test_kinds_are_guessed_from_the_rows_and_a_value_that_does_not_fit_rejects_its_row(importer):
    rows = b"".join(b"Acme %d,%d,2026-11-21,0123%d\n" % (each, each * 10, each) for each in range(9))
    done = await importer.run(b"Company,Employees,Seen,Code\n" + rows)
    more = await importer.run(
        b'Company,Employees,Seen,Code\nGlobex,many,2026-11-21,1\nInitech,"1,200",x,2\nHooli,5,,3\n'
    )

    assert [each.kind for each in (await importer.table()).fields] == ["text", "number", "date", "text"]
    assert (done["imported"], more["imported"], more["rejected"]) == (9, 1, 2)
    rejects = await importer.rejects(more["run_id"])
    assert [(each.line, each.reason.split(":")[0]) for each in rejects] == [(2, "Employees"), (3, "Seen")]
    assert rejects[0].content == "Globex,many,2026-11-21,1"
    assert (await importer.rows())[-1] == ["Hooli", 5, None, "3"]


@pytest.mark.parametrize("odd", ["NaN", "inf", "0x1A", "1e999", "1_2"])
async def test_a_number_the_database_would_read_and_a_person_would_not_rejects_its_row(importer, odd):
    mapping = [{"column": "n", "new_field": {"name": "n", "kind": "number"}}]
    done = await importer.run(f"n\n1.5\n{odd}\n".encode(), mapping=mapping)
    assert (await importer.rows(), done["rejected"]) == ([[1.5]], 1)


async def test_columns_left_out_are_not_imported_and_the_others_keep_their_places(importer):
    await importer.run(
        b"a,b,c\n1x,2,3\n", mapping=[TEXT[1], {"column": "c", "new_field": {"name": "C", "kind": "number"}}]
    )
    assert await importer.rows() == [["2", 3]]


async def test_a_second_file_is_appended_into_columns_of_the_same_names(importer):
    await importer.run(b"a,b\n1x,2y\n")
    await importer.run(b"B,A\n3x,4y\n")
    assert await importer.rows() == [["1x", "2y"], ["4y", "3x"]]


async def test_upsert_changes_rows_of_a_known_key_adds_the_others_and_keeps_what_the_file_leaves_blank(importer):
    await importer.run(b"domain,city\na.example.com,Paris\nb.example.com,Rome\n")
    key = (await importer.table()).fields[0].id

    done = await importer.run(
        b"domain,city\nb.example.com,\nc.example.com,Oslo\na.example.com,Nice\na.example.com,Lyon\n",
        mode="upsert", key_field_id=key,
    )  # fmt: skip

    assert await importer.rows() == [["a.example.com", "Lyon"], ["b.example.com", "Rome"], ["c.example.com", "Oslo"]]
    assert (done["imported"], done["updated"], done["rejected"]) == (1, 3, 0)


async def test_upsert_without_a_key_is_refused(importer):
    upload_id = await importer.upload(b"a,b\n1,2\n")
    with pytest.raises(InvalidInput, match="choose a key"):
        await importer.start(upload_id, mode="upsert")


async def test_an_unknown_column_in_the_mapping_is_refused_with_the_closest(importer):
    upload_id = await importer.upload(b"Company,Domain\nx,y\n")
    with pytest.raises(InvalidInput, match="Did you mean 'Company'"):
        await importer.start(upload_id, mapping=[{"column": "Compny", "new_field": {"name": "x", "kind": "text"}}])
    with pytest.raises(UnknownReference):
        await importer.start(upload_id, mapping=[{"column": "Company", "field_id": str(new_id())}])


@pytest.mark.parametrize(
    ("content", "error", "says"),
    [
        (b"", InvalidInput, "empty"),
        (b" \n", InvalidInput, "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", InvalidInput, "no text file"),
        (b",".join(b"c%d" % each for each in range(501)) + b"\n", LimitReached, "501 columns"),
        (b"x" * 3_000_000, LimitReached, "first line"),
        (b'a,"b\n1,2\n', InvalidInput, "first line"),
    ],
)
async def test_a_file_that_cannot_be_used_is_refused_before_anything_is_imported(importer, content, error, says):
    upload_id = await importer.upload(content)
    with pytest.raises(error, match=says):
        imports.preview(importer.home, importer.account_id, upload_id)
    assert (await importer.table()).fields == ()


async def test_a_single_line_of_any_length_is_refused_after_two_mebibytes(importer, tmp_path):
    path = uploads.folder(importer.home, importer.account_id)
    path.mkdir(parents=True)
    upload_id = new_id()
    with (path / f"{upload_id}.csv").open("wb") as file:
        file.truncate(1024**3)
        file.write(b"x" * csv_files.HEAD_BYTES)
    with pytest.raises(LimitReached, match="first line"):
        imports.preview(importer.home, importer.account_id, upload_id)


async def test_an_upload_beyond_the_limit_is_refused_and_leaves_nothing(importer):
    async def pieces():
        for _ in range(21):
            yield b"x" * (10 * 1024 * 1024)

    with pytest.raises(LimitReached, match="200 MB"):
        await uploads.store(importer.home, importer.account_id, pieces(), name="big.csv")
    assert list(uploads.folder(importer.home, importer.account_id).iterdir()) == []


async def test_a_full_disk_during_the_upload_says_so_and_leaves_nothing(importer):
    async def pieces():
        yield b"a,b\n"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StorageFull, match="Make room"):
        await uploads.store(importer.home, importer.account_id, pieces(), name="file.csv")
    assert list(uploads.folder(importer.home, importer.account_id).iterdir()) == []


async def test_another_accounts_upload_is_not_found(importer):
    upload_id = await importer.upload(b"a,b\n1,2\n")
    with pytest.raises(NotFound):
        uploads.find(importer.home, new_id(), upload_id)


async def test_a_file_name_from_outside_never_becomes_a_path(importer):
    async def pieces():
        yield b"a,b\n1,2\n"

    upload = await uploads.store(importer.home, importer.account_id, pieces(), name="../../etc/passwd")
    assert upload.path.parent == uploads.folder(importer.home, importer.account_id)
    assert upload.path.stem == str(upload.id)


async def test_an_import_that_goes_on_after_a_crash_repeats_nothing(importer, monkeypatch):
    """The file is read in small pieces so that there are many parts; the second attempt meets those of the first."""
    monkeypatch.setattr(uploads, "PIECE_BYTES", 64)
    content = b"a,b\n" + b"".join(b"row %d,%d\n" % (each, each) for each in range(200))
    run_id = await importer.start(await importer.upload(content), mapping=TEXT)
    importer.job_class = _StopsAfterSomeParts
    with pytest.raises(Halted):
        await importer.work(run_id)
    importer.job_class = StraightJob
    before = len(await importer.rows())

    done = await importer.work(run_id)

    assert 0 < before < 200
    assert done == {"imported": 200, "updated": 0, "rejected": 0}
    assert await importer.rows() == [[f"row {each}", str(each)] for each in range(200)]


class _StopsAfterSomeParts(StraightJob):
    """A worker who is told to stop while parts are being taken in."""

    looks_left = 9

    def require_going(self) -> None:
        self.looks_left -= 1
        if self.looks_left < 0:
            raise Halted("The run was stopped.")


async def test_rows_of_an_import_belong_to_nobody_else(importer, database, box):
    from spadework.accounts.actions import accounts

    await importer.run(b"a,b\n1x,2\n")
    other = await accounts.create_account(database, box, "Other")
    async with database.read(other) as tx:
        assert await tx.fetchval("select count(*) from rows") == 0


@given(data=st.binary(max_size=300))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_give_a_dialect_and_either_a_header_or_a_named_refusal(data):
    dialect = csv_files.guess_dialect(data)
    try:
        header = csv_files.read_header(data, dialect, is_whole=True)
    except (InvalidInput, LimitReached):
        return
    assert len({each.casefold() for each in header.names}) == len(header.names) >= 1
