"""Number column: "1,234.5", "€ 1.2 million" or "12 %" become numbers; anything else is refused."""

import re
from typing import Any

from spadework.columns._texts import shown, typed
from spadework.core.errors import InvalidInput
from spadework.plug.column import ColumnKind, Settings, Storage, Value
from spadework.plug.parsing.amounts import parse_money, parse_number

_MONEY = re.compile(
    r"[^\d,.]{0,6}[\d.,\s]+(?:[kmb]|bn|mn|thousand|million|billion|trillion)?\.?\s*\D{0,4}", re.IGNORECASE
)


_LARGEST = 1e100


class NumberColumn(ColumnKind):
    """Reads what people write as numbers; the last of two kinds of separator is the decimal one."""

    key = "number"
    label = "Number"
    summary = "Numbers, also with separators, currency signs, K, M and %"
    is_verbatim = True

    def storage(self, settings: Settings) -> Storage:
        return "number"

    def parse(self, raw: Any, settings: Settings) -> Value:
        if isinstance(raw, bool):
            raise _no_number(str(raw))
        if isinstance(raw, int | float):
            return _finite(raw)
        text = typed(raw)
        if not text:
            return None
        # "12%" is 12: a column named "Share in %" holds what people see.
        number = parse_number(text.removesuffix("%"))
        if number is None and _MONEY.fullmatch(text):
            money = parse_money(text)
            number = money.amount if money else None
        if number is None:
            raise _no_number(text)
        return _finite(number)


def _finite(number: float) -> Value:
    """The number, as an integer where it is whole; JSON and Postgres' numeric have no place for NaN."""
    if number != number:  # noqa: PLR0124 - only NaN differs from itself, and `math.isnan` refuses long integers
        raise _no_number(str(number))
    if abs(number) > _LARGEST:
        raise InvalidInput(
            f"The number is larger than a number column holds, which is {_LARGEST:g}. Use a text column."
        )
    return int(number) if abs(number) < 2**53 and number == int(number) else number


def _no_number(text: str) -> InvalidInput:
    return InvalidInput(f"{shown(text)} is no number. Write one such as 1234.5, 1,234 or $1.2M.")
