"""Select column: one of the given options, or several."""

import re
from typing import Any

from pydantic import Field, field_validator
from rapidfuzz import process

from spadework.columns._texts import shown, typed
from spadework.core.errors import InvalidInput
from spadework.plug.column import ColumnKind, Settings, Storage, Value

_CLOSE_ENOUGH = 60  # of 100


class SelectSettings(Settings):
    """The options in the order they are shown; with `multiple` a cell holds a list of them."""

    options: tuple[str, ...] = Field(min_length=1, max_length=500)
    multiple: bool = False

    @field_validator("options")
    @classmethod
    def _differ(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        keys = [each.strip().casefold() for each in given]
        if "" in keys or len(set(keys)) < len(keys):
            raise ValueError("Options must be filled and differ in more than case.")
        return tuple(each.strip() for each in given)


class SelectColumn(ColumnKind):
    """Takes an option in any case and stores it as the settings spell it."""

    key = "select"
    label = "Select"
    summary = "One or several of the options you define"
    settings = SelectSettings

    def storage(self, settings: SelectSettings) -> Storage:
        return "json" if settings.multiple else "text"

    def parse(self, raw: Any, settings: SelectSettings) -> Value:
        if not settings.multiple:
            text = typed(raw)
            return _option(text, settings.options) if text else None
        given = raw if isinstance(raw, list | tuple) else re.split(r"[,;\n]", typed(raw))
        chosen = [_option(text, settings.options) for each in given if (text := typed(each))]
        return list(dict.fromkeys(chosen)) or None


def _option(text: str, options: tuple[str, ...]) -> str:
    found = next((each for each in options if each.casefold() == text.casefold()), None)
    if found is not None:
        return found
    closest = process.extractOne(text, options)
    hint = f" Did you mean {closest[0]!r}?" if closest and closest[1] >= _CLOSE_ENOUGH else ""
    raise InvalidInput(f"{shown(text)} is not among the options {', '.join(options)}.{hint}")
