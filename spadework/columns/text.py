"""Text column: whatever was typed, trimmed."""

from typing import Any

from spadework.columns._texts import storable
from spadework.plug.column import ColumnKind, Settings, Value
from spadework.plug.references import as_text


class TextColumn(ColumnKind):
    """Keeps line breaks inside, and lists and objects as JSON; only space around the text goes."""

    key = "text"
    label = "Text"
    summary = "Any text"
    is_verbatim = True

    def parse(self, raw: Any, settings: Settings) -> Value:
        return storable(as_text(raw)).strip() or None
