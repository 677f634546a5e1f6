"""FileExtract: what may leave of a file, and its JSON, checked strictly in both directions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, cast

from spadework.extracts import notes
from spadework.extracts.errors import InvalidExtract
from spadework.extracts.masking import is_masked

Kind = Literal["table", "document", "image"]
Header = Literal["first_row", "none", "looks_like_data"]

SAMPLE_ROWS = 3
MAX_COLUMNS = 500
MAX_NAME = 500
"""Characters in a column's, sheet's or file's name."""
MAX_CELL = 1_000
"""Characters of one sample value or line; a longer one is cut and ends with an ellipsis."""
MAX_LINES = 400
MAX_COUNT = 10**12

FORMATS = (
    "csv", "tsv", "txt", "xlsx", "xlsm", "xls", "pdf", "docx",
    "png", "jpeg", "gif", "webp", "tiff", "bmp", "avif", "heic",
)  # fmt: skip
ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "cp1250", "cp1251",
    "cp1253", "cp1254", "cp1255", "cp1256", "koi8-r", "iso8859-2", "iso8859-15", "cp437", "cp850", "mac_roman",
    "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr",
)  # fmt: skip
DELIMITERS = (",", ";", "\t", "|", ":", " ", "^", "~")
EXIF_NAMES = (
    "Make", "Model", "LensModel", "Software", "DateTime", "DateTimeOriginal", "DateTimeDigitized", "Orientation",
    "XResolution", "YResolution", "ResolutionUnit", "ColorSpace", "ExposureTime", "FNumber", "ISOSpeedRatings",
    "FocalLength", "Flash", "WhiteBalance", "ExifImageWidth", "ExifImageLength",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FileExtract:
    """The shape of one file, or of one sheet. Names are real (the person saw them), every value is masked.

    None means "does not apply to this kind of file". `withheld` counts columns the person left out,
    which are neither in `columns` nor in `sample_rows`. `row_count` does not count the header.
    """

    filename: str
    columns: tuple[str, ...] = ()
    sample_rows: tuple[tuple[str, ...], ...] = ()
    row_count: int = 0
    kind: Kind | None = None
    sheet: str | None = None
    header: Header | None = None
    encoding: str | None = None
    delimiter: str | None = None
    withheld: int | None = None
    page_count: int | None = None
    headings: tuple[str, ...] | None = None
    preview: tuple[str, ...] | None = None
    tables: int | None = None
    format: str | None = None
    width: int | None = None
    height: int | None = None
    exif: Mapping[str, str] | None = None
    notes: tuple[str, ...] | None = field(default=None)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data: the seed's four keys always, of the others those that apply."""
        found: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if value is not None:
                found[each.name] = _plain(value)
        return found

    @classmethod
    def from_json(cls, value: object) -> "FileExtract":
        """The extract, when every part of it is in shape and masked.

        Raises:
            InvalidExtract: an unknown or missing key, a wrong type, something too long, or text that is
                not masked; the message names the place, so that the extract can be made again.
        """
        if not isinstance(value, Mapping):
            raise InvalidExtract("An extract is a JSON object. Make the extract again from the file.")
        unknown = [str(each)[:60] for each in value if each not in _CHECKS]
        if unknown:
            raise InvalidExtract(f"An extract has no key {unknown[0]!r}. Leave it out.")
        missing = [each for each in _REQUIRED if each not in value]
        if missing:
            raise InvalidExtract(f"The extract lacks {missing[0]!r}. Make the extract again from the file.")
        found = {
            key: _CHECKS[key](key, each)
            for key, each in value.items()
            if each is not None or key in _REQUIRED
        }  # fmt: skip
        extract = cls(**found)
        for no, row in enumerate(extract.sample_rows):
            if len(row) != len(extract.columns):
                raise _wrong(f"sample_rows[{no}]", f"holds {len(row)} values for {len(extract.columns)} columns")
        return extract


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return dict(value) if isinstance(value, Mapping) else value


# --- the checks, one for each key ------------------------------------------------------------------


def _wrong(place: str, what: str) -> InvalidExtract:
    return InvalidExtract(f"{place} {what}. Make the extract again from the file.")


def _text(place: str, value: object, longest: int) -> str:
    if not isinstance(value, str):
        raise _wrong(place, "is no text")
    if len(value) > longest:
        raise _wrong(place, f"is longer than {longest:,} characters")
    # A lone surrogate cannot be written as UTF-8, so it could be neither stored nor sent.
    if any("\ud800" <= each <= "\udfff" for each in value) or "\0" in value:
        raise _wrong(place, "holds characters that cannot be sent")
    return value


def _name(place: str, value: object) -> str:
    name = _text(place, value, MAX_NAME)
    if not name.strip():
        raise _wrong(place, "is blank")
    return name


def _masked(place: str, value: object) -> str:
    text = _text(place, value, MAX_CELL)
    if not is_masked(text):
        raise InvalidExtract(f"{place} holds letters or digits that are not masked. Nothing of it was kept; mask it.")
    return text


def _list(place: str, value: object, longest: int) -> Sequence[object]:
    if not isinstance(value, list | tuple):
        raise _wrong(place, "is no list")
    if len(value) > longest:
        raise _wrong(place, f"has more than {longest:,} entries")
    return value


def _columns(place: str, value: object) -> tuple[str, ...]:
    return tuple(_name(f"{place}[{no}]", each) for no, each in enumerate(_list(place, value, MAX_COLUMNS)))


def _masked_lines(place: str, value: object) -> tuple[str, ...]:
    return tuple(_masked(f"{place}[{no}]", each) for no, each in enumerate(_list(place, value, MAX_LINES)))


def _sample_rows(place: str, value: object) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(
            _masked(f"{place}[{no}][{at}]", cell)
            for at, cell in enumerate(_list(f"{place}[{no}]", row, MAX_COLUMNS))
        )
        for no, row in enumerate(_list(place, value, SAMPLE_ROWS))
    )  # fmt: skip


def _count(place: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_COUNT:
        raise _wrong(place, "is no whole number from 0 on")
    return value


def _notes(place: str, value: object) -> tuple[str, ...]:
    found = tuple(_text(f"{place}[{no}]", each, 200) for no, each in enumerate(_list(place, value, notes.MAX_NOTES)))
    for no, each in enumerate(found):
        if not notes.is_note(each):
            raise _wrong(f"{place}[{no}]", "is none of our notes")
    return found


def _exif(place: str, value: object) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise _wrong(place, "is no JSON object")
    for name in value:
        if name not in EXIF_NAMES:
            raise _wrong(place, f"may not hold {str(name)[:60]!r}")
    return {str(name): _masked(f"{place}.{name}", each) for name, each in value.items()}


def _one_of(*allowed: str) -> Callable[[str, object], str]:
    def check(place: str, value: object) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise _wrong(place, f"is none of {', '.join(map(repr, allowed))}")
        return value

    return check


_REQUIRED = ("filename", "columns", "sample_rows", "row_count")
_CHECKS: Mapping[str, Callable[[str, object], Any]] = {
    "filename": _name,
    "columns": _columns,
    "sample_rows": _sample_rows,
    "row_count": _count,
    "kind": _one_of("table", "document", "image"),
    "sheet": _name,
    "header": _one_of("first_row", "none", "looks_like_data"),
    "encoding": _one_of(*ENCODINGS),
    "delimiter": _one_of(*DELIMITERS),
    "withheld": _count,
    "page_count": _count,
    "headings": _masked_lines,
    "preview": _masked_lines,
    "tables": _count,
    "format": _one_of(*FORMATS),
    "width": _count,
    "height": _count,
    "exif": _exif,
    "notes": _notes,
}


def cut(masked: str) -> str:
    """A masked value within the longest that is sent."""
    return masked if len(masked) <= MAX_CELL else masked[: MAX_CELL - 1] + "…"


def choose_header(value: str) -> Literal["auto", "first_row", "none"]:
    """What the person asked for about the first row.

    Raises:
        InvalidExtract: it is none of auto, first_row and none.
    """
    if value not in {"auto", "first_row", "none"}:
        raise InvalidExtract("The header is one of 'auto', 'first_row' and 'none'. Choose one of them.")
    return cast(Literal["auto", "first_row", "none"], value)
