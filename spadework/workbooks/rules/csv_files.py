"""What a CSV file is: its encoding, delimiter and header, guessed from its beginning; pure."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from spadework.core.errors import InvalidInput, LimitReached

Encoding = Literal["utf-8", "utf-16-le", "utf-16-be", "cp1252"]

MAX_FILE_BYTES = 200 * 1024 * 1024
MAX_LINE_BYTES = 1024 * 1024
MAX_FIELD_BYTES = 128 * 1024
MAX_COLUMNS = 500
HEAD_BYTES = 2 * 1024 * 1024
"""As much of a file as is read before it is known to be usable; a longer first line is refused."""

DELIMITERS = (",", ";", "\t", "|")
_GUESS_BYTES = 256 * 1024
_GUESS_LINES = 200
_BINARY_BYTES = 4096
_BOMS: tuple[tuple[bytes, Encoding], ...] = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_NUMBER = re.compile(r"[+-]?(\d{1,15}(\.\d{1,15})?|\d{1,3}(,\d{3})+(\.\d+)?)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII)
_EMAIL = re.compile(r"[^\s@,;]+@[^\s@,;]+\.[A-Za-z]{2,}")
_URL = re.compile(r"https?://\S+|(www\.)[\w.-]+\.[a-z]{2,}\S*", re.IGNORECASE)
_BOOLEAN = {"true", "false", "yes", "no"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is to be read; `bom_bytes` stand before the first character."""

    encoding: Encoding
    delimiter: str
    bom_bytes: int = 0


def guess_dialect(head: bytes) -> Dialect:
    """Encoding and delimiter, from the file's first bytes."""
    encoding, bom_bytes = _guess_encoding(head[:_GUESS_BYTES])
    text = head[bom_bytes:_GUESS_BYTES].decode(encoding, "replace")
    return Dialect(encoding, _guess_delimiter(text), bom_bytes)


def _guess_encoding(head: bytes) -> tuple[Encoding, int]:
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding, len(bom)
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head)
        return "utf-8", 0
    except UnicodeDecodeError:
        text = head.decode("utf-8", "replace")
    # One broken row in a UTF-8 file must not turn every other row's letters into Windows ones.
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    letters = sum(1 for each in text if not each.isascii()) - broken
    return ("utf-8", 0) if letters > 10 * broken else ("cp1252", 0)


def _guess_delimiter(text: str) -> str:
    lines = [each for each in re.split(r"\r\n|\n|\r", text) if each.strip()][:_GUESS_LINES]
    if not lines:
        return ","
    best, best_score = ",", 0.0
    for each in DELIMITERS:
        counts = [_outside_quotes(line).count(each) for line in lines]
        usual, times = Counter(counts).most_common(1)[0]
        score = times / len(lines) + min(usual, 50) / 1000 if usual and counts[0] else 0.0
        if score > best_score:
            best, best_score = each, score
    return best


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def name_columns(header: Sequence[str]) -> list[str]:
    """A name for each column: blank ones are numbered, repeated ones get (2), (3), so none is lost.

    Raises:
        LimitReached: more than 500 columns. InvalidInput: the header is blank or binary.
    """
    if len(header) > MAX_COLUMNS:
        raise LimitReached(
            f"The file has {len(header):,} columns; at most {MAX_COLUMNS} can be imported. Leave some out."
        )
    if not any(each.strip() for each in header):
        raise InvalidInput("The file's first line is blank. It should hold the names of the columns.")
    names: list[str] = []
    taken: set[str] = set()
    for place, each in enumerate(header, start=1):
        base = (
            " ".join(each.replace("\0", " ").replace("{{", "(").replace("}}", ")").split())[:100] or f"Column {place}"
        )
        name, number = base, 2
        while name.casefold() in taken:
            name, number = f"{base} ({number})", number + 1
        taken.add(name.casefold())
        names.append(name)
    return names


@dataclass(frozen=True, slots=True)
class Header:
    """The names of a file's columns, and how many bytes of UTF-8 and lines they take."""

    names: tuple[str, ...]
    size_bytes: int
    lines: int


def read_header(head: bytes, dialect: Dialect, *, is_whole: bool) -> Header:
    """The file's header, from its beginning in UTF-8; `is_whole` says that nothing comes after.

    Raises:
        InvalidInput: the file is empty or binary, or the header's quotes do not close.
        LimitReached: the first line is longer than 2 MiB, or it names more than 500 columns.
    """
    if not head.strip():
        raise InvalidInput("The file is empty. Its first line should hold the names of the columns.")
    start = head[:_BINARY_BYTES]
    # A stray NUL rejects its row; a file of a tenth of them, such as an image or a spreadsheet, is no text.
    if start.count(b"\0") * 10 > len(start):
        raise InvalidInput("This is no text file: it holds NUL characters. Save it as CSV and try again.")
    ends = re.search(rb"[\r\n]", head)
    if not is_whole and (ends is None or ends.start() > MAX_LINE_BYTES):
        raise LimitReached(
            f"The file's first line is longer than {MAX_LINE_BYTES // 1024:,} KiB. Is it a CSV file with line ends?"
        )
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", head[:MAX_LINE_BYTES].decode("utf-8", "replace"))
    reader = csv.reader(iter(lines), delimiter=dialect.delimiter, strict=True)
    try:
        row = next(reader)
    except csv.Error as error:
        raise InvalidInput(
            f"The file's first line cannot be read as the names of columns: {error}. Correct its quotes."
        ) from error
    size = sum(len(each.encode()) for each in lines[: reader.line_num])
    return Header(tuple(name_columns(row)), size, reader.line_num)


def guess_kind(samples: Sequence[str]) -> str:
    """The plain column kind that fits every sample that is not blank; text when none does."""
    filled = [each.strip() for each in samples if each.strip()]
    if not filled:
        return "text"
    # A leading zero means a code, such as a postal code, which a number would lose.
    if all(
        _NUMBER.fullmatch(each) and not (each.startswith("0") and each.isdigit() and len(each) > 1) for each in filled
    ):
        return "number"
    for kind, pattern in (("date", _DATE), ("email", _EMAIL), ("url", _URL)):
        if all(pattern.fullmatch(each) for each in filled):
            return kind
    return "boolean" if all(each.lower() in _BOOLEAN for each in filled) else "text"
