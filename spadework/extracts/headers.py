"""The first row of a table: whether it holds names or already data, and the names as they are used."""

import re
from collections.abc import Sequence

from spadework.extracts import notes
from spadework.extracts.errors import TooLarge
from spadework.extracts.masking import mask
from spadework.extracts.types import MAX_COLUMNS, MAX_NAME

_WORD_LIST = """
    account active address age amount area article asset balance birth bill brand budget buyer campaign
    carrier category cell city client code color colour column comment company contact cost count country county
    created currency customer date day deal delivery department description discount domain due duration
    email end employee employer employees event expense fax field first firm full gender group gross hours iban
    id income industry invoice item job key label language last lat lead level line link location lon
    mail manager margin memo message middle mobile model month name net no note notes number order
    organisation organization owner paid payment percent period person phone place points position post postcode
    price priority product profit project province qty quantity quarter rate rating reason ref reference region
    remark revenue role row salary sale sales score seller serial sex shop sku source staff start state
    status store street sum supplier surname tags task tax team tel telephone term time timestamp title total
    town transaction type unit units updated url user value vat vendor volume warehouse website week weight
    width year zip datum betrag menge preis stadt strasse land kunde firma nachname vorname
    nombre fecha ciudad pays nom prenom ville montant prix
"""
_WORDS = frozenset(_WORD_LIST.split())
"""Words that names of columns are made of, in any language that is common in files."""

_NAME_PARTS = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_YEAR_OR_PERIOD = re.compile(r"(19|20)\d\d([-/ ]?(q[1-4]|h[12]|\d\d))?|q[1-4]([-/ ]?(19|20)?\d\d)?", re.IGNORECASE)
_VALUE_SHAPE = re.compile(
    r"""[-+(]?[^\w\s]{0,2}\s?\d[\d.,'\s]*[)%]?\s?[^\w\s]?  # a number, an amount, a share
    |\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T\s].*)?             # a date
    |\d{1,2}:\d\d(:\d\d)?                                  # a time
    |[^@\s]+@[^@\s]+\.[^@\s]+                              # a mail address
    |(https?://|www\.)\S+
    |\+?[\d\s()/.-]{6,}                                    # a phone number
    |(true|false|yes|no|null|none|n/a)""",
    re.VERBOSE | re.IGNORECASE,
)
_RUNS = re.compile(r"(.)\1+")


def numbered(width: int) -> tuple[str, ...]:
    """Names for the columns of a file that has none: column_1, column_2, …"""
    return tuple(f"column_{no}" for no in range(1, width + 1))


def name_columns(header: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """The names as scripts use them, and notes on what that changed.

    Spaces around a name go, blank names are numbered, a repeated name gets (2), (3), so none is lost.

    Raises:
        TooLarge: more columns, or a longer name, than an extract may have.
    """
    require_width(len(header))
    said: list[str] = []
    names: list[str] = []
    taken: set[str] = set()
    for no, each in enumerate(header, start=1):
        base = each.replace("\0", "").removeprefix("\ufeff").strip()
        if len(base) > MAX_NAME - 10:
            raise TooLarge(
                f"The name of column {no} has {len(base):,} characters. Is the first row really the names? "
                "Choose that the file has no header, or shorten the name."
            )
        said += [notes.SPACED_NAMES] if base != each and base else [notes.BLANK_NAMES] if not base else []
        base = base or f"column_{no}"
        name, number = base, 2
        while name in taken:
            name, number = f"{base} ({number})", number + 1
        said += [notes.REPEATED_NAMES] if name != base else []
        taken.add(name)
        names.append(name)
    return tuple(names), sorted(set(said))


def require_width(width: int) -> None:
    """Let a table through that an extract can hold.

    Raises:
        TooLarge: it has more than 500 columns.
    """
    if width > MAX_COLUMNS:
        raise TooLarge(
            f"The table has {width:,} columns; at most {MAX_COLUMNS} can be used."
            " Keep those the task needs in a copy of the file, and add that."
        )


def looks_like_data(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row is probably data already; a guess, for the person to decide.

    It is when a value stands where a name should (a number, date, address, flag), a value of it comes
    again below, most of it is blank, or no word of it is usual in names and each value is shaped
    like those below it.
    """
    filled = [each.strip() for each in header if each.strip()]
    if len(filled) * 2 < len(header):  # a title over the table rather than names
        return True
    if any(_VALUE_SHAPE.fullmatch(each) and not _YEAR_OR_PERIOD.fullmatch(each) for each in filled):
        return True
    if not rows:
        return False
    if any(_comes_again(each, at, rows) for at, each in enumerate(header)):
        return True
    if any(_is_usual(each) for each in filled):
        return False
    return all(_is_shaped_as_below(each, at, rows) for at, each in enumerate(header))


def _comes_again(value: str, at: int, rows: Sequence[Sequence[str]]) -> bool:
    return bool(value.strip()) and any(at < len(row) and row[at] == value for row in rows)


def _is_usual(name: str) -> bool:
    parts = _NAME_PARTS.findall(_CAMEL.sub(" ", name))
    return any(part.lower() in _WORDS or part.lower().removesuffix("s") in _WORDS for part in parts)


def _is_shaped_as_below(value: str, at: int, rows: Sequence[Sequence[str]]) -> bool:
    shapes = {_shape(row[at]) for row in rows if at < len(row) and row[at]}
    return not shapes or _shape(value) in shapes


def _shape(value: str) -> str:
    return _RUNS.sub(r"\1", mask(value))
