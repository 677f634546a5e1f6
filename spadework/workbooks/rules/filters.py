"""Filters and sorts as the API sends them, checked against the table's columns; pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

import orjson

from spadework.core.errors import InvalidInput, UnknownReference
from spadework.plug.column import CellState
from spadework.workbooks.rules import references, values
from spadework.workbooks.types import Field, Filter, FilterGroups, FilterOp, Sort, Table

_MOST = 50
_STATES = get_args(CellState)
_OPS: tuple[str, ...] = get_args(FilterOp)
_NEED_NO_VALUE = ("is_empty", "is_not_empty")
_ORDERED = ("gt", "gte", "lt", "lte")


def parse_json(text: str | None) -> Any:
    """The JSON of a query parameter; None when it is absent.

    Raises:
        InvalidInput: it is no JSON.
    """
    if text is None or not text.strip():
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"The filter or sort is no JSON: {error}.") from error


def parse_filters(written: Any, table: Table) -> FilterGroups:
    """`[f, f]` is one group joined by AND; `{"or": [[…], […]]}` several joined by OR.

    Raises:
        InvalidInput: the shape, an operator or a value is wrong. UnknownReference: no such column.
    """
    if not written:
        return ()
    groups = written.get("or") if isinstance(written, Mapping) else [written]
    if not isinstance(groups, list) or not all(isinstance(each, list) for each in groups):
        raise InvalidInput('A filter is a list, or {"or": [list, list]}.')
    if sum(len(each) for each in groups) > _MOST:
        raise InvalidInput(f"A filter holds at most {_MOST} conditions.")
    return tuple(tuple(_filter(each, table) for each in group) for group in groups if group)


def parse_sorts(written: Any, table: Table) -> tuple[Sort, ...]:
    """`[{"field", "direction": "asc"|"desc"}]`, the first one deciding first.

    Raises:
        InvalidInput: the shape is wrong. UnknownReference: no such column.
    """
    if not written:
        return ()
    if not isinstance(written, list) or len(written) > 5 or not all(isinstance(each, Mapping) for each in written):
        raise InvalidInput('A sort is a list of at most five {"field", "direction"}.')
    if any(each.get("direction", "asc") not in ("asc", "desc") for each in written):
        raise InvalidInput("A sort's direction is asc or desc.")
    return tuple(
        Sort(field=find(each.get("field"), table).id, is_descending=each.get("direction") == "desc") for each in written
    )


def find(written: Any, table: Table) -> Field:
    """The column of that id, `f_…` reference or name.

    Raises:
        UnknownReference: there is none; the message offers the closest name.
    """
    text = str(written).strip()
    by_id = {str(each.id): each for each in table.fields} | {each.ref: each for each in table.fields}
    if found := by_id.get(text) or table.find_field_by_name(text):
        return found
    shown = "that was deleted or belongs to another table" if _is_uuid(text) else repr(text[:80])
    raise UnknownReference(
        f"This table has no column {shown}. {references.closest(text, (each.name for each in table.fields))}"
    )


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _filter(written: Any, table: Table) -> Filter:
    if not isinstance(written, Mapping):
        raise InvalidInput('A filter\'s condition is {"field", "op", "value"}.')
    op = written.get("op")
    if op not in _OPS:
        raise InvalidInput(f"There is no filter {op!r}. There are: {', '.join(_OPS)}.")
    field = find(written.get("field"), table)
    value = written.get("value")
    if op in _NEED_NO_VALUE:
        return Filter(field=field.id, op=op)
    if op == "state_is":
        return Filter(field=field.id, op=op, value=_states(value))
    return Filter(field=field.id, op=op, value=_checked(field, op, value))


def _states(value: Any) -> list[Any]:
    states = value if isinstance(value, list) else [value]
    if unknown := [each for each in states if each not in _STATES]:
        raise InvalidInput(f"There is no cell state {unknown[0]!r}. There are: {', '.join(_STATES)}.")
    return states


def _checked(field: Field, op: str, value: Any) -> Any:
    if value is None or value == "":
        raise InvalidInput(f"The filter on {field.name} needs a value. Use is_empty to find empty cells.")
    if op == "contains" or field.storage in ("text", "json"):
        if op in _ORDERED and field.storage == "json":
            raise InvalidInput(f"{field.name} holds lists or objects, which have no order. Filter by contains.")
        return values.show(value)
    stored = values.to_slot(field.storage, value)
    return stored.isoformat() if isinstance(stored, datetime) else stored
