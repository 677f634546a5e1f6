"""What the harness does to CSV and XLSX files: other header names, and row counts; standard library and what opens XLSX."""

import contextlib
import csv
import io
import re
import shutil
import sys
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

DELIMITERS = (",", ";", "\t", "|")
CSV_SUFFIXES = (".csv", ".tsv", ".txt")
XLSX_SUFFIXES = (".xlsx", ".xlsm")
_ENCODINGS = ("utf-8", "cp1252", "latin-1")
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_HEADER_CHARACTERS = 1_000_000
_NEVER = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip file can state: the same content makes the same bytes
_CORE_PROPERTIES = "docProps/core.xml"
_STATED_TIMES = re.compile(rb"(<dcterms:(?:created|modified)\b[^>]*>)[^<]*(</dcterms:)")
_UNPACKED_BYTES = 1_000_000_000


def rename_headers(source: Path, target: Path, names: Mapping[str, str]) -> bool:
    """Write a copy of a table file whose header cells have new names; False, and nothing written, if none applies.

    `names` is {the name in the file: the name in the copy}. In a workbook file the first row that holds
    anything, of each sheet, is the header. Every other row stays as it is.
    """
    if not names:
        return False
    if target.suffix.lower() in CSV_SUFFIXES:
        return _rename_csv(source, target, names)
    if target.suffix.lower() in XLSX_SUFFIXES:
        return _rename_xlsx(source, target, names)
    return False


def count_rows(path: Path) -> int | None:
    """Rows under the header, over all sheets; None for what is no table or cannot be read."""
    try:
        if path.suffix.lower() in CSV_SUFFIXES[:2]:
            return _count_csv(path)
        if path.suffix.lower() in XLSX_SUFFIXES:
            return sum(max(0, rows - 1) for rows in _sheet_lengths(path))
    except Exception:  # A file that we cannot count is the script's affair; the count is a courtesy.
        return None
    return None


def pack(files: Iterable[tuple[str, Path]], target: Path) -> None:
    """A zip of the files under these names, in this order, without the time it was made."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, path in files:
            with path.open("rb") as source, archive.open(_entry(name), "w", force_zip64=True) as packed:
                shutil.copyfileobj(source, packed, 1024 * 1024)


def settle_times(path: Path, scratch: Path) -> None:
    """Take out of a workbook file when it was made, so that the same sheets are the same bytes; else do nothing."""
    if path.suffix.lower() not in XLSX_SUFFIXES or not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        if sum(each.file_size for each in entries) > _UNPACKED_BYTES:
            return
        with zipfile.ZipFile(scratch, "w") as settled:
            for each in entries:
                with archive.open(each) as source, settled.open(_entry(each.filename), "w") as target:
                    if each.filename == _CORE_PROPERTIES:
                        target.write(_STATED_TIMES.sub(rb"\g<1>1980-01-01T00:00:00Z\g<2>", source.read()))
                    else:
                        shutil.copyfileobj(source, target, 1024 * 1024)
    replace(scratch, path)


def replace(source: Path, target: Path) -> None:
    """Put the one file in the other's place, which may be on another disk."""
    with source.open("rb") as read, target.open("wb") as written:
        shutil.copyfileobj(read, written, 1024 * 1024)
    source.unlink()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=_NEVER)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _rename_csv(source: Path, target: Path, names: Mapping[str, str]) -> bool:
    mark, encoding = _encoding_of(source)
    with source.open("rb") as raw:
        raw.seek(len(mark))
        text = io.TextIOWrapper(raw, encoding=encoding, errors="strict", newline="")
        header = _first_record(text)
        read = {each: _cells(header, each) for each in DELIMITERS}
        # The delimiter is the one by which most of the names are found.
        delimiter = max(DELIMITERS, key=lambda each: _changes(read[each], _renamed(read[each], names)))
        cells, renamed = read[delimiter], _renamed(read[delimiter], names)
        if renamed == cells:
            return False
        raw.seek(len(mark) + len(header.encode(encoding)))
        with target.open("wb") as copy:
            copy.write(mark)
            line = io.StringIO()
            ending = header[len(header.rstrip("\r\n")) :]
            csv.writer(line, delimiter=delimiter, lineterminator=ending).writerow(renamed)
            copy.write(line.getvalue().encode(encoding, "backslashreplace"))
            shutil.copyfileobj(raw, copy, 1024 * 1024)
    return True


def _renamed(cells: list[Any], names: Mapping[str, str]) -> list[Any]:
    """The header with its new names; cells are known as an extract names them: trimmed, blanks and repeats numbered."""
    seen: Counter[str] = Counter()
    renamed = []
    for position, cell in enumerate(cells, start=1):
        name = ("" if cell is None else str(cell)).strip() or f"column_{position}"
        seen[name] += 1
        known = name if seen[name] == 1 else f"{name} ({seen[name]})"
        renamed.append(names.get(known, cell))
    return renamed


def _changes(cells: list[Any], renamed: list[Any]) -> int:
    return sum(was != becomes for was, becomes in zip(cells, renamed, strict=True))


def _encoding_of(path: Path) -> tuple[bytes, str]:
    with path.open("rb") as file:
        start = file.read(4)
        for mark, encoding in _BYTE_ORDER_MARKS:
            if start.startswith(mark):
                return mark, encoding
        file.seek(0)
        line = file.readline(_HEADER_CHARACTERS)
    for encoding in _ENCODINGS:
        with contextlib.suppress(UnicodeDecodeError):
            line.decode(encoding)
            return b"", encoding
    return b"", "latin-1"


def _first_record(text: io.TextIOWrapper) -> str:
    """The header with its line ending, however many lines its quoted cells take."""
    record = ""
    while len(record) < _HEADER_CHARACTERS:
        line = text.readline(_HEADER_CHARACTERS)
        record += line
        if not line or record.count('"') % 2 == 0:
            break
    return record


def _cells(header: str, delimiter: str) -> list[str]:
    return next(csv.reader(io.StringIO(header, newline=""), delimiter=delimiter), [])


def _rename_xlsx(source: Path, target: Path, names: Mapping[str, str]) -> bool:
    import openpyxl  # only here: a script over CSV files must not wait for it

    book = openpyxl.load_workbook(source)
    changed = False
    for sheet in book.worksheets:
        header = next((row for row in sheet.iter_rows() if any(each.value is not None for each in row)), ())
        cells = [each.value for each in header]
        for cell, was, becomes in zip(header, cells, _renamed(cells, names), strict=True):
            if was != becomes:
                cell.value = becomes
                changed = True
    if changed:
        book.save(target)
    book.close()
    return changed


def _count_csv(path: Path) -> int:
    mark, encoding = _encoding_of(path)
    # Counting records needs no right letters; latin-1 never fails and is the fastest.
    wide = encoding if encoding.startswith("utf-16") else "latin-1"
    limit = csv.field_size_limit(sys.maxsize)
    try:
        with path.open("rb") as raw:
            raw.seek(len(mark))
            text = io.TextIOWrapper(raw, encoding=wide, errors="replace", newline="")
            first = _first_record(text)
            delimiter = max(DELIMITERS, key=first.count)
            records = sum(1 for record in csv.reader(text, delimiter=delimiter) if record)
            return records
    finally:
        csv.field_size_limit(limit)


def _sheet_lengths(path: Path) -> Iterator[int]:
    if find_spec("python_calamine"):
        from python_calamine import CalamineWorkbook  # four times as fast as openpyxl, and not in every browser build

        with CalamineWorkbook.from_path(str(path)) as book:
            for name in book.sheet_names:
                yield _filled(book.get_sheet_by_name(name).iter_rows())
        return
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True)
    for sheet in book.worksheets:
        yield _filled(sheet.iter_rows(values_only=True))
    book.close()


def _filled(rows: Iterator[Any]) -> int:
    return sum(1 for row in rows if any(cell not in (None, "") for cell in row))
