"""CSV and other delimited text: read as a stream, so that a file of any size takes the same memory."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from spadework.extracts import decoding, headers, notes
from spadework.extracts.errors import InvalidExtract, TooLarge, Unreadable
from spadework.extracts.extractor import Extractor, Request
from spadework.extracts.sampling import Reservoir, masked_rows
from spadework.extracts.types import DELIMITERS, ENCODINGS, SAMPLE_ROWS, FileExtract

MAX_LINE_BYTES = 16 * 1024 * 1024
"""A longer line is refused after this much of it was read."""
MAX_VALUE_CHARACTERS = 8 * 1024 * 1024
_HEAD_BYTES = 256 * 1024
_PIECE_BYTES = 256 * 1024
_TELL_BYTES = 1024 * 1024
_FIRST_ROWS = 200
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_GUESSED_DELIMITERS = (",", ";", "\t", "|")


class CsvExtractor(Extractor):
    """Delimited text with or without a header; the header's row is not counted."""

    key = "csv"
    label = "CSV"
    suffixes = (".csv", ".tsv", ".tab", ".txt")
    mime_types = ("text/csv", "text/tab-separated-values", "application/csv", "text/plain")

    def extract(self, path: Path, request: Request) -> list[FileExtract]:
        """One extract. Blank rows are skipped, short rows are filled up, longer ones lose what is too much."""
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        is_whole = path.stat().st_size <= len(head)
        if not head.strip(b"\0 \t\r\n"):
            raise Unreadable(f"{request.filename} is empty. Choose a file that holds rows.")
        encoding = _encoding(request.encoding) or decoding.guess_encoding(head, is_whole=is_whole)
        try:
            table = self._read(path, request, encoding, "strict")
        except UnicodeDecodeError as error:
            piece = bytes(error.object)
            if not request.encoding and encoding == "utf-8" and not decoding.is_mostly_utf8(head + piece):
                encoding = decoding.guess_encoding(piece, is_whole=False)
            table = self._read(path, request, encoding, "replace")
        return [_extract_of(table, request, encoding)]

    def _read(self, path: Path, request: Request, encoding: str, errors: str) -> "_Table":
        with _Guarded(path, request.on_progress) as raw:
            text = io.TextIOWrapper(raw, encoding, errors, newline="")
            beginning = _beginning(text)
            table = _Table(delimiter=_delimiter(request.delimiter))
            if beginning and (named := _SEPARATOR_LINE.fullmatch(beginning[0])) and named[1] in DELIMITERS:
                del beginning[0]
                table.notes.add(notes.SEPARATOR_LINE)
                table.delimiter = table.delimiter or named[1]
            table.delimiter = table.delimiter or guess_delimiter(beginning)
            if errors == "replace":
                table.notes.add(notes.BROKEN_BYTES)
            _count_rows(table, chain(beginning, text), request)
        return table


@dataclass(slots=True)
class _Table:
    """What one pass over the file found; grows while it is read."""

    delimiter: str | None
    header: list[str] = field(default_factory=list)
    is_named: bool = True
    looks_like_data: bool = False
    rows: int = 0
    blank_rows: int = 0
    uneven_rows: int = 0
    width: int = 0
    sample: list[Sequence[str]] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)


def _encoding(chosen: str | None) -> str | None:
    """The encoding on our list that the person named, by any of the names Python knows it by."""
    if chosen is None:
        return None
    try:
        name = codecs.lookup(chosen).name
    except (LookupError, ValueError):
        name = ""
    found = next((each for each in ENCODINGS if codecs.lookup(each).name == name), None)
    if found is None:
        raise InvalidExtract(f"{chosen[:40]!r} is no encoding that can be read. Choose one of {', '.join(ENCODINGS)}.")
    return found


def _delimiter(chosen: str | None) -> str | None:
    if chosen is not None and chosen not in DELIMITERS:
        known = ", ".join(map(repr, DELIMITERS))
        raise InvalidExtract(f"{chosen[:40]!r} is no delimiter that can be read. Choose one of {known}.")
    return chosen


# --- one pass --------------------------------------------------------------------------------------


class _Guarded(io.BufferedIOBase):
    """A file that says how far it was read, and stops at a line that never ends before memory does."""

    def __init__(self, path: Path, on_progress: Callable[[float], None] | None) -> None:
        super().__init__()
        self._file = path.open("rb", buffering=0)
        self._size = max(path.stat().st_size, 1)
        self._on_progress = on_progress
        self._read_bytes = self._told_bytes = self._line_bytes = 0

    @property
    def name(self) -> str:
        return str(self._file.name)

    def readable(self) -> bool:
        return True

    def read1(self, size: int = -1, /) -> bytes:
        """The next piece, larger than the 8 KiB that a text reader asks for, which would be slow."""
        piece = self._file.read(max(size, _PIECE_BYTES))
        end = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
        self._line_bytes = len(piece) - end - 1 if end >= 0 else self._line_bytes + len(piece)
        if self._line_bytes > MAX_LINE_BYTES:
            raise TooLarge(
                f"A line of the file is longer than {MAX_LINE_BYTES // 2**20} MiB. Is it a table with one row on each "
                "line? Export it again, or choose its real format."
            )
        self._read_bytes += len(piece)
        self._tell(is_end=not piece)
        return piece

    def _tell(self, *, is_end: bool) -> None:
        if self._on_progress and (is_end or self._read_bytes - self._told_bytes >= _TELL_BYTES):
            self._told_bytes = self._read_bytes
            self._on_progress(min(self._read_bytes / self._size, 1.0))

    def close(self) -> None:
        self._file.close()
        super().close()


def _beginning(text: Iterator[str]) -> list[str]:
    """The first lines, from which delimiter and header are judged."""
    lines: list[str] = []
    size = 0
    for line in text:
        lines.append(line)
        size += len(line)
        if len(lines) >= _FIRST_ROWS or size > _HEAD_BYTES:
            break
    if lines:
        lines[0] = lines[0].removeprefix("\ufeff")  # UTF-16 that was named with its byte order keeps its mark
    return lines


def _count_rows(table: _Table, lines: Iterator[str], request: Request) -> None:
    csv.field_size_limit(MAX_VALUE_CHARACTERS)  # of the whole process; ours is the largest anybody sets
    reader = csv.reader(lines, delimiter=table.delimiter or ",")
    try:
        first = _first_rows(reader, table)
        _judge_header(table, first, request)
        _sample(table, chain(first, reader), request.seed)
    except csv.Error as error:
        raise Unreadable(
            f"Line {reader.line_num:,} cannot be read as part of a table: a quote may be opened and never closed, or a "
            "value is longer than 8 million characters. Correct that line, or choose another delimiter."
        ) from error


def _first_rows(reader: Iterator[list[str]], table: _Table) -> list[list[str]]:
    rows: list[list[str]] = []
    for row in reader:
        if any(map(str.strip, row)):
            rows.append(row)
        else:
            table.blank_rows += bool(rows)
        if len(rows) > 100:
            break
    if not rows:
        raise Unreadable("The file holds nothing but blank lines. Choose a file that holds rows.")
    return rows


def _judge_header(table: _Table, first: list[list[str]], request: Request) -> None:
    table.width = len(first[0])
    headers.require_width(table.width)
    table.is_named = request.header != "none"
    if table.is_named:
        table.header = first.pop(0)
        table.looks_like_data = request.header == "auto" and headers.looks_like_data(table.header, first)


def _sample(table: _Table, rows: Iterator[list[str]], seed: int) -> None:
    reservoir = Reservoir(seed, SAMPLE_ROWS)
    count, width, uneven, blank, due = 0, table.width, 0, 0, 0
    for row in rows:
        # Nearly every row begins with a value, so the whole row is looked at only when it does not.
        if not row or (not row[0] and not any(map(str.strip, row))):
            blank += 1
            continue
        if len(row) != width:
            uneven += 1
        if count == due:
            reservoir.take(count, row)
            due = reservoir.due
        count += 1
    table.rows, table.uneven_rows, table.sample = count, uneven, reservoir.rows()
    table.blank_rows += blank


# --- what it gives ---------------------------------------------------------------------------------


def _extract_of(table: _Table, request: Request, encoding: str) -> FileExtract:
    said = set(table.notes)
    if table.is_named:
        columns, more = headers.name_columns(table.header)
        said.update(more)
    else:
        columns = headers.numbered(table.width)
    if table.uneven_rows:
        said.add(notes.with_number(notes.UNEVEN_ROWS, table.uneven_rows))
    if table.blank_rows:
        said.add(notes.with_number(notes.BLANK_ROWS, table.blank_rows))
    rows, is_cut = masked_rows(table.sample, len(columns))
    said |= {notes.CUT_VALUES} if is_cut else set()
    return FileExtract(
        filename=request.filename, columns=columns, sample_rows=rows, row_count=table.rows, kind="table",
        header="looks_like_data" if table.looks_like_data else "first_row" if table.is_named else "none",
        encoding=encoding, delimiter=table.delimiter, format="tsv" if table.delimiter == "\t" else "csv",
        notes=tuple(sorted(said)) or None,
    )  # fmt: skip


def guess_delimiter(lines: Sequence[str]) -> str:
    """The delimiter under which most rows have the same number of values, more than one."""
    best, best_score = ",", 0.0
    for each in _GUESSED_DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(iter(lines), delimiter=each) if row]
        except csv.Error:
            continue
        usual, times = Counter(widths[:-1] or widths).most_common(1)[0] if widths else (1, 0)
        score = times / len(widths) + min(usual, 50) / 1000 if usual > 1 and widths[0] > 1 else 0.0
        if score > best_score:
            best, best_score = each, score
    return best
