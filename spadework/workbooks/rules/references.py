"""How columns name each other: people write `{{Column name}}`, what is stored says `{{f_…}}`; pure."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

import orjson

from spadework.core.errors import UnknownReference
from spadework.plug.interpolate import REFERENCE
from spadework.workbooks.types import Field

_ID = re.compile(r"f_[0-9a-f]{32}")
_ID_BYTES = re.compile(rb"f_([0-9a-f]{32})")


def to_ids(written: Any, fields: Iterable[Field]) -> Any:
    """The same text or JSON with every `{{name}}` inside turned into `{{f_…}}`, at any depth.

    Raises:
        UnknownReference: a name no column has; the message offers the closest.
    """
    by_name = {each.name.casefold(): each.ref for each in fields}
    by_name |= {each.ref: each.ref for each in fields}
    names = [each.name for each in fields]
    return _each_text(written, lambda text: REFERENCE.sub(lambda match: _ref(match[1], by_name, names), text))


def to_names(stored: Any, fields: Iterable[Field]) -> Any:
    """The same text or JSON with every `{{f_…}}` of these columns shown by name; others stay as they are."""
    by_ref = {each.ref: each.name for each in fields}
    return _each_text(
        stored, lambda text: REFERENCE.sub(lambda match: "{{" + by_ref.get(match[1], match[1]) + "}}", text)
    )


def ids_in(stored: Any) -> set[UUID]:
    """Ids of every column named anywhere in stored settings or a stored condition, in braces or bare."""
    if stored is None:
        return set()
    found = _ID_BYTES.findall(orjson.dumps(stored, default=str))
    return {UUID(hex=each.decode()) for each in found}


def closest(name: str, names: Iterable[str]) -> str:
    """The end of a sentence that helps with a name nobody has."""
    known = list(names)
    if near := difflib.get_close_matches(name, known, n=1, cutoff=0.5):
        return f"Did you mean {near[0]!r}?"
    return f"There are: {', '.join(known)}." if known else "The table has no columns yet."


def _ref(written: str, by_name: Mapping[str, str], names: list[str]) -> str:
    if ref := by_name.get(written.strip().casefold()):
        return "{{" + ref + "}}"
    shown = "a column that was deleted" if _ID.fullmatch(written) else f"a column {written!r} that is not there"
    raise UnknownReference(f"This refers to {shown}. {closest(written, names)}", details={"reference": written})


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list | tuple):
        return [_each_text(each, change) for each in value]
    if isinstance(value, Mapping):
        return {key: _each_text(each, change) for key, each in value.items()}
    return value
