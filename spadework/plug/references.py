"""References to columns in text: `{{f_<32 hex>}}` as stored, `{{Name}}` as shown; one pass, values stay text."""

import json
import math
import re
from collections.abc import Callable, Mapping

from rapidfuzz import process

from spadework.core.errors import UnknownReference
from spadework.plug.column import Value
from spadework.plug.interpolate import REFERENCE, references, subject_of

FIELD_ID = re.compile(r"f_[0-9a-f]{32}")
_CLOSE_ENOUGH = 60  # of 100, below which a suggestion would rather confuse


def is_field_id(text: str) -> bool:
    """Whether a text is a column's id: `f_` and 32 lower-case hex digits."""
    return FIELD_ID.fullmatch(text) is not None


def find_references(text: str) -> list[str]:
    """The ids a text refers to, each once, in order of first appearance; references by name are not counted."""
    return [each for each in find_all(text) if is_field_id(each)]


def find_all(text: str) -> list[str]:
    """What stands between `{{` and `}}`, ids and names alike, each once, in order of first appearance."""
    return references(text)


def single_reference(text: str) -> str | None:
    """The id, when the text is nothing but one reference, so that the value may keep its type; else None."""
    match = REFERENCE.fullmatch(text.strip())
    return match[1] if match and is_field_id(match[1]) else None


def fill(text: str, values: Mapping[str, Value]) -> str:
    """The text with each reference replaced by its value as text; what a value holds is never looked at again.

    A column without a value leaves nothing behind; a reference by name stays as it is.
    """
    return REFERENCE.sub(
        lambda match: as_text(values.get(match[1])) if is_field_id(match[1]) else match[0],
        text,
    )


def as_text(value: Value) -> str:
    """A value as a person would type it: nothing for None, "5" for 5.0, JSON for lists and objects."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and math.isfinite(value) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return json.dumps(value, ensure_ascii=False, default=str)


def to_ids(text: str, ids_by_name: Mapping[str, str]) -> str:
    """The text with references by name turned into references by id; ids of these columns stay.

    A name counts in any case when only one column has it so.

    Raises:
        UnknownReference: no column has that name; the message names it and the closest one.
    """
    return _renamed(text, lambda name: _id_of(name, ids_by_name))


def to_names(text: str, names_by_id: Mapping[str, str]) -> str:
    """The text with references by id turned into references by name; an id that is not there stays."""
    return _renamed(text, lambda name: names_by_id.get(name, name))


def _renamed(text: str, rename: Callable[[str], str]) -> str:
    """The text with every reference renamed, conditions too; `{{else}}` and `{{/if}}` name nothing and stay."""
    known = set(references(text))

    def put(match: re.Match[str]) -> str:
        subject = subject_of(match[1])
        if subject not in known:
            return match[0]
        condition = "#if " if subject != match[1] else ""
        return "{{" + condition + rename(subject) + "}}"

    return REFERENCE.sub(put, text)


def _id_of(name: str, ids_by_name: Mapping[str, str]) -> str:
    if name in ids_by_name:
        return ids_by_name[name]
    if name in ids_by_name.values():
        return name
    in_any_case = {found for known, found in ids_by_name.items() if known.casefold() == name.casefold()}
    if len(in_any_case) == 1:
        return in_any_case.pop()
    raise UnknownReference(_unknown(name, ids_by_name), details={"reference": name})


def _unknown(name: str, ids_by_name: Mapping[str, str]) -> str:
    closest = process.extractOne(name.casefold(), {each: each.casefold() for each in ids_by_name})
    if closest and closest[1] >= _CLOSE_ENOUGH:
        return f"There is no column {name!r}. Did you mean {closest[2]!r}?"
    known = ", ".join(ids_by_name) or "none"
    return f"There is no column {name!r}. There are: {known}."
