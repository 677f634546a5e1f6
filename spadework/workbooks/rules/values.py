"""How a cell's JSON value and its typed slot are turned into each other; pure."""

import json
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from spadework.core.errors import InvalidInput
from spadework.plug.column import Storage, Value

STORED_OTHERWISE = frozenset[Storage](("number", "timestamp"))
"""Storages whose slots do not hold the JSON value as it is; `from_slot` makes it."""

_REPLACEMENT = "�"


def to_slot(storage: Storage, value: Value) -> Any:
    """The value as its slot stores it; None for blank. Postgres text holds no NUL, so one becomes U+FFFD.

    Raises:
        InvalidInput: the value does not fit the column's type.
    """
    if value is None or value == "":
        return None
    if storage == "json":
        return value
    if storage == "text":
        return _to_text(value)
    if storage == "number":
        return _to_number(value)
    return _to_timestamp(value)


def from_slot(storage: Storage, stored: Any) -> Value:
    """The JSON value of what a slot holds: whole numbers without a fraction, times as ISO 8601 UTC."""
    if stored is None:
        return None
    if storage == "number":
        return int(stored) if stored.is_integer() and abs(stored) < 1e15 else float(stored)
    if storage == "timestamp":
        return str(stored.astimezone(UTC).isoformat())
    value: Value = stored
    return value


def show(value: Value) -> str:
    """The value as plain text, for exports and search; blank for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return str(value)


def _to_text(value: Value) -> str:
    text = show(value).replace("\0", _REPLACEMENT)
    # A lone surrogate can be in JSON and in no encoding of Postgres.
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text


def _to_number(value: Value) -> float:
    try:
        if isinstance(value, (dict, list)) or value is None:
            raise ValueError(value)
        number = float(value)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"{show(value)[:80]!r} is not a number. Write it like 1200 or 12.5.") from error
    if not isfinite(number):
        raise InvalidInput(f"{show(value)!r} is not a finite number.")
    return number


def _to_timestamp(value: Value) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise InvalidInput(
            f"{show(value)[:80]!r} is not a date. Write it like 2026-11-21 or 2026-11-21T09:30:00Z."
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
