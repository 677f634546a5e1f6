"""Text column: whatever was typed, trimmed."""

from typing import Any

from spadework.columns._texts import typed
from spadework.plug.column import ColumnKind, Settings, Value


class TextColumn(ColumnKind):
    """Keeps line breaks inside; only space around the text goes."""

    key = "text"
    label = "Text"
    summary = "Any text"
    is_verbatim = True

    def parse(self, raw: Any, settings: Settings) -> Value:
        return typed(raw) or None
