"""Yes/no column: the words people use for true and false."""

from typing import Any

from spadework.columns._texts import shown, typed
from spadework.core.errors import InvalidInput
from spadework.plug.column import ColumnKind, Settings, Storage, Value

_TRUE = frozenset(("true", "t", "yes", "y", "1", "on", "x", "✓", "✔", "☑", "checked", "ja", "oui", "sí", "si"))
_FALSE = frozenset(("false", "f", "no", "n", "0", "off", "-", "✗", "✘", "☐", "unchecked", "nein", "non"))


class BooleanColumn(ColumnKind):
    """True, false, or not known: a blank cell is neither."""

    key = "boolean"
    label = "Yes / no"
    summary = "true, false or empty"

    def storage(self, settings: Settings) -> Storage:
        return "json"

    def parse(self, raw: Any, settings: Settings) -> Value:
        if isinstance(raw, bool):
            return raw
        text = typed(raw).casefold()
        if not text:
            return None
        if text in _TRUE or text in _FALSE:
            return text in _TRUE
        raise InvalidInput(f"{shown(text)} is neither yes nor no. Write yes, no, true, false, 1 or 0.")
