"""JSON column: any JSON value."""

import json
from typing import Any

from spadework.columns._texts import LONGEST_TEXT, shown, storable
from spadework.core.errors import InvalidInput
from spadework.plug.column import ColumnKind, Settings, Storage, Value

_DEEPEST = 100


class JsonColumn(ColumnKind):
    """Parses text; lists and objects are kept. What JSON does not have (NaN, keys twice) is refused."""

    key = "json"
    label = "JSON"
    summary = "A list, an object or any other JSON value"

    def storage(self, settings: Settings) -> Storage:
        return "json"

    def parse(self, raw: Any, settings: Settings) -> Value:
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        try:
            text = raw if isinstance(raw, str) else json.dumps(raw, allow_nan=False)
            if len(text) > LONGEST_TEXT:
                raise ValueError(f"it has more than {LONGEST_TEXT:,} characters")
            found = json.loads(text, parse_constant=_refuse, object_pairs_hook=_object)
            return _storable(found, depth=0)
        except (ValueError, TypeError, RecursionError) as error:
            seen = shown(raw if isinstance(raw, str) else type(raw).__name__)
            raise InvalidInput(
                f'{seen} is no JSON: {error}. Write a value such as {{"size": 10}} or [1, 2].'
            ) from error


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not part of JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _storable(value: Any, *, depth: int) -> Value:
    if depth > _DEEPEST:
        raise ValueError(f"it is nested more than {_DEEPEST} deep")
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_storable(each, depth=depth + 1) for each in value]
    if isinstance(value, dict):
        return {storable(name): _storable(each, depth=depth + 1) for name, each in value.items()}
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) > 1e300:
        raise ValueError("it holds a number larger than 1e300")
    return value  # type: ignore[no-any-return]  # a number, a boolean or None
