"""Cuts a CSV file into parts at row ends, and reads those rows one by one that Postgres' COPY could misread; pure.

A *clean* part can be given to COPY as it is: every quote opens or closes a field, nothing is too long,
nothing is NUL or outside UTF-8. Every other part is read row by row; a row whose quotes are broken is
rejected alone, and reading goes on at the next line.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from spadework.workbooks.rules.csv_files import MAX_FIELD_BYTES, MAX_LINE_BYTES, Dialect
from spadework.workbooks.types import Reject

_SHOWN_CHARACTERS = 2_000
_TRIES = 20
_OPEN = "a quote is opened and never closed"
_TOO_LONG = f"the line is longer than {MAX_LINE_BYTES // 1024:,} KiB"


@dataclass(frozen=True, slots=True)
class Part:
    """Whole rows of a file. `first_line` is the line its first row begins on; `lines` how many it spans.

    `content` ends each line with LF and is UTF-8 unless `is_clean` is False. An overlong part is the
    beginning of one line that is longer than we read.
    """

    number: int
    first_line: int
    lines: int
    content: bytes
    is_clean: bool
    is_overlong: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a part, read one by one, each with its line, and those that cannot be used."""

    lines: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


class Cutter:
    """Takes a file in pieces of UTF-8 and gives its parts; the same pieces always give the same parts.

    Feed it every piece after the header's line, the last one with `is_last`.
    """

    def __init__(self, dialect: Dialect, *, first_line: int) -> None:
        self._delimiter = dialect.delimiter
        self._number = 0
        self._line = first_line
        self._left = b""
        self._is_skipping = False

    def feed(self, piece: bytes, *, is_last: bool = False) -> list[Part]:
        """The parts that are whole now."""
        block = self._after_overlong(self._left + piece) if self._is_skipping else self._left + piece
        whole, self._left = (block, b"") if is_last else _split_at_line_end(block)
        parts = [self._part(whole, is_last=is_last)] if whole else []
        if len(self._left) > MAX_LINE_BYTES and not _has_line_end(self._left):
            parts.append(self._next(self._left[:_SHOWN_CHARACTERS] + b"\n", is_clean=False, is_overlong=True))
            self._left, self._is_skipping = b"", True
        return [each for each in parts if each.content]

    def _after_overlong(self, block: bytes) -> bytes:
        ends = [each for each in (block.find(b"\n"), block.find(b"\r")) if each >= 0]
        if not ends:
            return b""
        self._is_skipping = False
        end = min(ends)
        return block[end + (2 if block[end : end + 2] == b"\r\n" else 1) :]

    def _part(self, whole: bytes, *, is_last: bool) -> Part:
        content, is_clean = _prepared(whole, self._delimiter.encode())
        if not is_clean and not is_last:
            earlier = _before_open_field(whole)
            content_before, is_clean_before = _prepared(earlier, self._delimiter.encode()) if earlier else (b"", False)
            if is_clean_before:
                self._left = whole[len(earlier) :] + self._left
                return self._next(content_before, is_clean=True)
            content, rest = _leave_open_row(content, self._delimiter)
            self._left = rest + self._left
        return self._next(content, is_clean=is_clean)

    def _next(self, content: bytes, *, is_clean: bool, is_overlong: bool = False) -> Part:
        lines = content.count(b"\n")
        part = Part(self._number, self._line, lines, content, is_clean, is_overlong)
        if content:
            self._number, self._line = self._number + 1, self._line + lines
        return part


def _split_at_line_end(block: bytes) -> tuple[bytes, bytes]:
    """Everything up to the last line end, and the rest; a CR at the very end may be half of a CRLF."""
    end = max(block.rfind(b"\n"), block.rfind(b"\r", 0, -1)) + 1
    return block[:end], block[end:]


def _has_line_end(block: bytes) -> bool:
    return b"\n" in block or b"\r" in block


def _before_open_field(block: bytes) -> bytes:
    """The block without the row at its end whose last quoted field goes on after it; blank when there is none."""
    end = block.rfind(b'"')
    for _ in range(_TRIES):
        end = block.rfind(b"\n", 0, max(end, 0))
        if end < 0:
            return b""
        if block.count(b'"', 0, end) % 2 == 0:
            return block[: end + 1]
    return b""


# --- is it clean? --------------------------------------------------------------------------------


def _prepared(block: bytes, delimiter: bytes) -> tuple[bytes, bool]:
    """The block with LF line ends, and whether COPY may have it as it is."""
    if b'"' not in block:
        content = _bare_line_feeds(block)
        outside = [content]
    else:
        parts = block.split(b'"')
        if len(parts) % 2 == 0 or not _quotes_are_placed(parts, delimiter):
            return _ended(_bare_line_feeds(block)), False
        if len(max(parts[1::2], key=len)) > MAX_FIELD_BYTES:
            return _ended(_bare_line_feeds(block)), False
        content = block
        if b"\r" in block:
            # Inside quotes a line end is part of the value; outside it ends the row.
            parts[::2] = [_bare_line_feeds(each) for each in parts[::2]]
            content = b'"'.join(parts)
        outside = parts[::2]
    content = _ended(content)
    is_clean = (
        b"\0" not in content
        and not content.startswith(b"\n")
        and not any(b"\n\n" in each for each in outside)  # a blank line is no row, and COPY would make it one
        and not _has_end_mark(content)
        and _is_short_lined(content)
        and _is_utf8(content)
    )
    return content, is_clean


def _is_short_lined(content: bytes) -> bool:
    """Whether no line, and so no field without quotes, is longer than a field may be; found in few looks."""
    at = 0
    while at < len(content):
        end = content.rfind(b"\n", at, at + MAX_FIELD_BYTES + 1)
        if end < 0:
            return False
        at = end + 1
    return True


def _has_end_mark(content: bytes) -> bool:
    """Whether a line is just `\\.`, which ends the data for COPY in Postgres 17 and older."""
    # Most files have no backslash, and one character is looked for fifty times as fast as three.
    return b"\\" in content and (b"\n\\.\n" in content or content.startswith(b"\\.\n"))


def _quotes_are_placed(parts: Sequence[bytes], delimiter: bytes) -> bool:
    """Whether each quote begins or ends a field: what lies outside begins and ends at a delimiter or line end."""
    ends = (delimiter, b"\n", b"\r")
    first, last = parts[0], parts[-1]
    return (
        (not first or first.endswith(ends))
        and (not last or last.startswith(ends))
        and all(not each or (each.startswith(ends) and each.endswith(ends)) for each in parts[2:-1:2])
    )


def _ended(content: bytes) -> bytes:
    return content if content.endswith(b"\n") else content + b"\n"


def _bare_line_feeds(block: bytes) -> bytes:
    return block.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in block else block


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


# --- row by row ----------------------------------------------------------------------------------


def _leave_open_row(content: bytes, delimiter: str) -> tuple[bytes, bytes]:
    """Keep a row at the end whose quotes are still open for the next part, unless it is too long to be one."""
    lines = content.split(b"\n")[:-1]
    start = _open_row(lines, delimiter)
    if start is None:
        return content, b""
    rest = b"\n".join(lines[start:]) + b"\n"
    return content[: len(content) - len(rest)], rest


def _open_row(lines: Sequence[bytes], delimiter: str) -> int | None:
    """The line on which a row begins that the end of the part cuts off; None when the last row is whole."""
    texts = [each.decode("utf-8", "replace") for each in lines]
    at = 0
    while at < len(texts):
        _, taken, why = _row_at(texts, at, delimiter, columns=None)
        if why == _OPEN and sum(len(each) + 1 for each in lines[at:]) <= MAX_LINE_BYTES:
            return at
        at += taken
    return None


def read_rows(part: Part, dialect: Dialect, *, columns: int) -> Rows:
    """The part's rows, whatever is in it: rows and rejects together are its rows. Blank lines are no rows."""
    found = Rows()
    if part.is_overlong:
        shown = _shown(part.content.decode("utf-8", "replace"))
        found.rejects.append(Reject(line=part.first_line, reason=_TOO_LONG, content=shown))
        return found
    raw = part.content.split(b"\n")[:-1]
    texts = [each.decode("utf-8", "surrogateescape") for each in raw]
    at = 0
    while at < len(texts):
        if not texts[at].strip():
            at += 1
            continue
        row, taken, why = (
            ([], 1, _TOO_LONG)
            if len(raw[at]) > MAX_LINE_BYTES
            else _row_at(texts, at, dialect.delimiter, columns=columns)
        )
        why = why or _problem(raw[at : at + taken], row, columns)
        line = part.first_line + at
        if why:
            shown = b"\n".join(raw[at : at + taken]).decode("utf-8", "replace")
            found.rejects.append(Reject(line=line, reason=why, content=_shown(shown)))
        else:
            found.lines.append(line)
            found.rows.append(row)
        at += taken
    return found


def _row_at(texts: Sequence[str], at: int, delimiter: str, *, columns: int | None) -> tuple[list[str], int, str]:
    """The row that begins on a line, how many lines it takes, and why it cannot be used (blank when it can)."""
    reader = csv.reader(_lines_from(texts, at), delimiter=delimiter, strict=True)
    try:
        row = next(reader)
    except csv.Error as error:
        return [], 1, _reason(str(error))
    if reader.line_num > 1 and columns is not None and len(row) != columns:
        # A quote that was never closed met another one by chance: nothing after its own line is its own.
        return [], 1, "a quote is opened and not closed in its row"
    return row, reader.line_num, ""


def _lines_from(texts: Sequence[str], at: int) -> Iterator[str]:
    characters = 0
    for place in range(at, len(texts)):
        if characters > MAX_LINE_BYTES:
            return
        characters += len(texts[place]) + 1
        yield texts[place] + "\n"


def _reason(error: str) -> str:
    if "unexpected end of data" in error:
        return _OPEN
    if "field larger than" in error:
        return f"a field is longer than {MAX_FIELD_BYTES // 1024} KiB"
    return "there is text after a closing quote" if "expected after" in error else error


def _problem(raw: Sequence[bytes], row: Sequence[str], columns: int) -> str:
    content = b"\n".join(raw)
    if len(content) > MAX_LINE_BYTES:
        return _TOO_LONG
    if b"\0" in content:
        return "it holds a NUL character"
    if not _is_utf8(content):
        return "it holds a character that is broken in the file's encoding"
    if len(row) != columns:
        return f"it has {len(row)} fields, and the header has {columns}"
    if any(len(each) > MAX_FIELD_BYTES // 4 and len(each.encode()) > MAX_FIELD_BYTES for each in row):
        return f"a field is longer than {MAX_FIELD_BYTES // 1024} KiB"
    return ""


def _shown(text: str) -> str:
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")[:_SHOWN_CHARACTERS]
