"""What every plain kind does with text before it reads it: odd characters out, blank is nothing."""

import re
from typing import Any

from spadework.core.errors import InvalidInput
from spadework.plug.references import as_text

LONGEST_TEXT = 1_000_000
"""Characters of one cell; a longer text is refused rather than cut."""

_HALF_PAIR = re.compile("[\ud800-\udfff]")


def storable(text: str) -> str:
    """The text as Postgres can hold it: without NUL and halves of surrogate pairs, which no file means.

    Raises:
        InvalidInput: the text is longer than a cell may be.
    """
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(
            f"A text of {len(text):,} characters does not fit in a cell, which holds {LONGEST_TEXT:,}. Shorten it."
        )
    return _HALF_PAIR.sub("\ufffd", text.replace("\x00", ""))


def typed(raw: Any) -> str:
    """What was typed or read, as trimmed text; empty for None and blank.

    Raises:
        InvalidInput: it is a list or an object, which no single value can stand for.
    """
    if isinstance(raw, dict | list | tuple):
        what = "An object" if isinstance(raw, dict) else "A list"
        raise InvalidInput(f"{what} was sent where one value belongs. Send one value, or use a JSON column.")
    return storable(raw if isinstance(raw, str) else as_text(raw)).strip()


def shown(text: str) -> str:
    """The beginning of a text, quoted, for a message."""
    return repr(text if len(text) <= 80 else text[:79] + "…")
