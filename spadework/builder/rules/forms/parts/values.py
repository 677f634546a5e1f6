"""How a form's script understands texts as numbers and dates, and when two texts count as the same."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal

NUMBER_SIGNS = re.compile(r"[\s\u00a0'’$€£¥₹]|EUR|USD|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CAD|AUD")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+", re.ASCII)
MANY_THOUSANDS = re.compile(r"[+-]?\d{1,3}(\.\d{3}){2,}", re.ASCII)
ISO_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?", re.ASCII)
OTHER_DAY = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?: .*)?", re.ASCII)


def find_number(text: str) -> Decimal | None:
    """The number a text says, such as 1234.5 for $1,234.50, 1.234,50 € or 1 234,50; None where it says none.

    A single comma before exactly three digits separates thousands; any other single comma is a decimal one.
    """
    plain = NUMBER_SIGNS.sub("", text)
    if plain.startswith("(") and plain.endswith(")"):
        plain = "-" + plain[1:-1]
    if "," in plain and "." in plain:
        decimal_mark = max(",.", key=plain.rindex)
        plain = plain.replace("." if decimal_mark == "," else ",", "").replace(",", ".")
    elif THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    elif MANY_THOUSANDS.fullmatch(plain):
        plain = plain.replace(".", "")
    else:
        plain = plain.replace(",", ".")
    return Decimal(plain) if NUMBER.fullmatch(plain) else None


def find_date(text: str, order: str) -> date | None:
    """The day a text says; 2024-01-05 always, and 05/01/2024 by `order`: day_first or month_first."""
    if match := ISO_DAY.fullmatch(text.strip()):
        year, month, day = (int(each) for each in match.groups())
    elif match := OTHER_DAY.fullmatch(text.strip()):
        first, second, year = (int(each) for each in match.groups())
        day, month = (first, second) if order == "day_first" else (second, first)
        year += (2000 if year < 70 else 1900) if year < 100 else 0
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def same_text(text: str) -> str:
    """The form under which texts that differ only in capitals or spaces are the same."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def same_number(text: str) -> str:
    """The form under which 007, 7 and 7.00 are the same; a text that says no number stands for itself."""
    number = find_number(text)
    return same_text(text) if number is None else f"{number.normalize() + 0:f}"


def comparer(kind: str, date_order: str) -> Callable[[str], str]:
    """How cells are compared: as they are, as texts, as numbers or as days."""
    if kind == "exact":
        return str
    if kind == "text":
        return same_text
    if kind == "number":
        return same_number

    def same_day(text: str) -> str:
        day = find_date(text, date_order)
        return same_text(text) if day is None else day.isoformat()

    return same_day
