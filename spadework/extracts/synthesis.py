"""Synthetic files from extracts: the same columns, shapes, blanks, encodings and kind of file, and no real value."""

import csv
import datetime
import io
import random
import re
from collections.abc import Sequence

from spadework.extracts import notes, synthetic_documents, synthetic_values
from spadework.extracts.errors import NotMade
from spadework.extracts.types import FileExtract

MAX_ROWS = 100_000
_TABLES = {"csv", "tsv", "txt"}
_WORKBOOKS = {"xlsx", "xlsm"}
_NOT_IN_TITLES = re.compile(r"[\\*?:/\[\]\x00-\x1f]")
_NOT_IN_CELLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?", re.ASCII)


def synthesise(extracts: Sequence[FileExtract], *, seed: int, rows: int) -> bytes:
    """A file like the one that these extracts came from: all of one file, one for each of its sheets.

    A table has `rows` rows, two of a hundred (at least one, from ten rows on) repeating an earlier one; some
    values hold the delimiter, a quote, a space too much or an accent that the encoding knows. The same
    arguments give the same bytes.

    Raises:
        NotMade: files of this kind cannot be written here; the test has to run on a real one.
    """
    first = extracts[0]
    form = first.format or first.filename.lower().rpartition(".")[2]
    if (first.kind or "table") == "table":
        if form in _WORKBOOKS:
            return _workbook(extracts, seed=seed, rows=rows)
        if form in _TABLES:
            return _text(first, seed=seed, rows=rows)
    elif form in synthetic_documents.MAKERS:
        return synthetic_documents.MAKERS[form](first, seed)
    raise NotMade(
        f"A synthetic .{form} file cannot be made here. Run the script on your own file, or add the file in another format."
    )


def table(extract: FileExtract, *, seed: int, rows: int) -> list[list[str]]:
    """The rows of a synthetic table without its header."""
    columns = [
        synthetic_values.column_of(name, [row[at] for row in extract.sample_rows])
        for at, name in enumerate(extract.columns)
    ]
    columns += [synthetic_values.Column(f"withheld_{no + 1}", ("aaaa",), 0.1) for no in range(extract.withheld or 0)]
    found = [
        list(row)
        for row in zip(*(synthetic_values.values(each, seed=seed, rows=rows) for each in columns), strict=True)
    ]
    some = next((row for row in found if any(row)), [""] * len(columns))
    found = [row if any(row) else list(some) for row in found]  # a blank row would not count as one
    chance = random.Random(f"{seed}:{extract.filename}:{extract.sheet}")  # noqa: S311 - repeatable, not secret
    if rows >= 10:
        for _ in range(max(1, rows // 50)):
            found[chance.randrange(rows // 2, rows)] = list(found[chance.randrange(rows // 2)])
    return found


def _header(extract: FileExtract) -> list[list[str]]:
    if extract.header == "none":
        return []
    return [[*extract.columns, *(f"withheld_{no + 1}" for no in range(extract.withheld or 0))]]


def _text(extract: FileExtract, *, seed: int, rows: int) -> bytes:
    found = table(extract, seed=seed, rows=rows)
    delimiter = extract.delimiter or ","
    _roughen(found, extract, delimiter, random.Random(f"{seed}:rough"))  # noqa: S311 - repeatable, not secret
    out = io.StringIO()
    # Windows programs end lines with CR LF, and most such files come from them.
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows([*_header(extract), *found])
    encoding = extract.encoding or "utf-8"
    return out.getvalue().encode(encoding, "replace")


def _roughen(rows: list[list[str]], extract: FileExtract, delimiter: str, chance: random.Random) -> None:
    """Put into a few values of words what real files hold: the delimiter, a quote, a line end, a space, an accent."""
    odd = (f"{delimiter} etc.", ' "x"', " ", "é", "\n2")
    for at, name in enumerate(extract.columns):
        masks = {row[at] for row in extract.sample_rows}
        is_words = all(set(each) <= set("Aa .'&-") for each in masks) and any(masks)
        if not is_words or synthetic_values.column_of(name, sorted(masks)).is_key:
            continue
        filled = [row for row in rows if row[at]]
        for no in range(min(max(len(odd), len(rows) // 40), len(filled) // 3)):
            chance.choice(filled)[at] += odd[no % len(odd)]


def _workbook(extracts: Sequence[FileExtract], *, seed: int, rows: int) -> bytes:
    import openpyxl  # takes a second in the browser, and only synthetic workbooks need it

    workbook = openpyxl.Workbook(write_only=True)
    for no, extract in enumerate(extracts, start=1):
        sheet = workbook.create_sheet(_NOT_IN_TITLES.sub("_", extract.sheet or f"Sheet{no}")[:31])
        blank_rows: list[list[str]] = [[]] * (min(notes.header_row(extract.notes or ()), 50) - 1)
        for row in blank_rows + _header(extract):
            sheet.append([_NOT_IN_CELLS.sub(" ", each) for each in row])
        for row in table(extract, seed=seed, rows=rows):
            sheet.append([_cell(each) for each in row])
    out = io.BytesIO()
    workbook.save(out)
    return synthetic_documents.fixed_dates(out.getvalue())


def _cell(text: str) -> str | int | float | datetime.date | None:
    """A number or date where a workbook would hold one; codes with a leading zero stay text.

    Dates in cells are extracted in ISO form, so that form most likely came from one.
    """
    text = _NOT_IN_CELLS.sub(" ", text)
    if not text:
        return None
    if _ISO_DATE.fullmatch(text):
        moment = datetime.datetime.fromisoformat(text)
        return moment if " " in text else moment.date()
    if text.isascii() and text.isdigit() and (text[0] != "0" or text == "0") and len(text) < 15:
        return int(text)
    try:
        return float(text) if text.replace(".", "", 1).isdigit() and text[0] != "0" else text
    except ValueError:
        return text
