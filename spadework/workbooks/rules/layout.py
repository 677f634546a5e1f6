"""Which columns a view shows, and in which order: the same as on the screen; pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from spadework.workbooks.types import Field


def shown(fields: Sequence[Field], columns: Mapping[str, Any]) -> tuple[Field, ...]:
    """The columns in the view's order, without those it hides.

    Columns the view does not name come last, and an output after the others of its column; of these,
    the ones that are hidden by themselves are left out.
    """
    by_id = {str(each.id): each for each in fields}
    named = [by_id[each] for each in dict.fromkeys(_ids(columns, "order")) if each in by_id]
    placed = list(named)
    for each in fields:
        if each not in named:
            placed.insert(_place(each, placed), each)
    hidden = set(_ids(columns, "hidden"))
    return tuple(each for each in placed if str(each.id) not in hidden and (each in named or not each.is_hidden))


def read(fields: Sequence[Field], columns: Mapping[str, Any]) -> tuple[Field, ...]:
    """The columns that are read and searched for the view, in the table's order.

    Every column that is not hidden, and hidden ones that the view shows all the same. What only the
    view hides comes along, so that showing it again needs no other page.
    """
    hidden = set(_ids(columns, "hidden"))
    wanted = {each for each in _ids(columns, "order") if each not in hidden}
    return tuple(each for each in fields if not each.is_hidden or str(each.id) in wanted)


def _place(field: Field, placed: Sequence[Field]) -> int:
    if field.output_of is None:
        return len(placed)
    family = (place for place, each in enumerate(placed) if field.output_of in (each.id, each.output_of))
    return max(family, default=len(placed) - 1) + 1


def _ids(columns: Mapping[str, Any], key: str) -> list[str]:
    # A layout is the screen's own JSON and is stored unread.
    written = columns.get(key)
    return [each for each in written if isinstance(each, str)] if isinstance(written, list) else []
