"""Date column: a day or a moment, kept in UTC."""

import re
from datetime import UTC, datetime
from typing import Any

from dateutil import parser

from spadework.columns._texts import shown, typed
from spadework.core.errors import InvalidInput
from spadework.plug.column import ColumnKind, Settings, Storage, Value

_YEAR_FIRST = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}")
# Two moments that share no part: a text that fills up differently with each lacks one.
_FILLERS = (datetime(2001, 1, 2), datetime(2002, 2, 3))  # never a result, only compared
_LONGEST = 60


class DateSettings(Settings):
    """How "03/04/2026" is read: with `day_first` as 3 April, else as March 4."""

    day_first: bool = False


class DateColumn(ColumnKind):
    """Reads whole dates only; "March" or "12" is refused rather than completed with today's year."""

    key = "date"
    label = "Date"
    summary = "A day or a moment, in UTC"
    settings = DateSettings

    def storage(self, settings: DateSettings) -> Storage:
        return "timestamp"

    def parse(self, raw: Any, settings: DateSettings) -> Value:
        if isinstance(raw, datetime):
            return _iso(raw)
        text = typed(raw)
        if not text:
            return None
        try:
            return _iso(_read(text, day_first=settings.day_first))
        except (ValueError, OverflowError, parser.ParserError) as error:
            raise InvalidInput(
                f"{shown(text)} is no date with year, month and day. Write one such as 2026-11-21 or 21 Nov 2026."
            ) from error


def _read(text: str, *, day_first: bool) -> datetime:
    if len(text) > _LONGEST or not re.search(r"\d", text):
        raise ValueError("too long, or without a digit")
    if _YEAR_FIRST.match(text):
        day_first = False  # 2026-03-04 has one meaning
    first, second = (
        parser.parse(text, default=each, dayfirst=day_first, yearfirst=bool(_YEAR_FIRST.match(text)))
        for each in _FILLERS
    )
    if first != second:
        raise ValueError("year, month or day is missing")
    return datetime.fromisoformat(first.isoformat())


def _iso(moment: datetime) -> str:
    """The moment in UTC; one without an offset is taken as UTC."""
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return zoned.astimezone(UTC).isoformat()
