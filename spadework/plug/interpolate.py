"""Puts a row's values beside a prompt as data, so that no value can become an instruction or a reference.

The prompt's `{{…}}` become marks such as ⟦Company⟧, and the values go into one JSON block inside a tag
nobody can guess. One pass, no template language: whatever a value holds stays text.
Sources: reliability requirement INP-10; "spotlighting", arXiv 2403.14720.
"""

import json
import math
import re
import secrets
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

from spadework.core.errors import UnknownReference

MOST_CHARACTERS = 8_000
"""What one value may bring into a prompt; the rest is cut and `Interpolated.cut` says so."""

REFERENCE = re.compile(r"\{\{\s*([^{}\n]{1,200}?)\s*\}\}")
"""`{{f_<32 hex>}}` or `{{Column name}}`; the one group is what stands between the braces."""

_LONGEST_NAME = 80
_UNSHOWABLE = "(a value that cannot be shown)"
_RAW_CHARACTERS = 8 * MOST_CHARACTERS  # looked at before hidden characters are taken out
_BRACKETS = str.maketrans({"⟦": "[", "⟧": "]"})
# Not in the categories below although they show nothing: fillers, and selectors that can hide text.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


@dataclass(frozen=True, slots=True)
class Interpolated:
    """A prompt ready to send: `instruction` is the author's, `block` is the row's.

    `values` are the row's values as the model sees them, by column name; `cut` names those that were
    too long.
    """

    instruction: str
    block: str
    values: Mapping[str, Any]
    cut: tuple[str, ...] = ()


def references(template: str) -> list[str]:
    """What the template refers to, in order of first appearance, as written between the braces."""
    return list(dict.fromkeys(REFERENCE.findall(template)))


def interpolate(
    template: str,
    values: Mapping[str, Any],
    *,
    names: Mapping[str, str] | None = None,
    nonce: str | None = None,
) -> Interpolated:
    """The prompt for one row. `values` are by field id or by name, `names` show ids as names.

    `nonce` is for tests; each call otherwise draws its own.

    Raises:
        UnknownReference: the template refers to a column that is not among the values.
    """
    wanted = references(template)
    if unknown := [each for each in wanted if each not in values]:
        known = ", ".join(sorted((names or {}).get(each, each) for each in values)) or "none"
        raise UnknownReference(f"The prompt refers to a column {unknown[0]!r} that is not there. There are: {known}.")
    shown = _distinct_names(wanted, names or {})
    instruction = REFERENCE.sub(lambda match: f"⟦{shown[match[1]]}⟧", template)
    bounded = {shown[each]: _bounded(values[each]) for each in wanted}
    seen = {name: value for name, (value, _) in bounded.items()}
    return Interpolated(
        instruction=instruction,
        block=_block(seen, nonce or secrets.token_hex(8)),
        values=seen,
        cut=tuple(name for name, (_, was_cut) in bounded.items() if was_cut),
    )


def visible(text: str) -> str:
    """The text as a person would see it: NFKC, without control, zero-width, direction or tag characters."""
    kept = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text.replace("\r\n", "\n")))
    if not (kept.isascii() and kept.isprintable()):
        # Once more, because letters that a hidden character kept apart may now combine.
        kept = unicodedata.normalize("NFKC", "".join(_as_seen(each) for each in kept))
    return kept.translate(_BRACKETS)


def _as_seen(character: str) -> str:
    if character in "\n\t\r\u2028\u2029\x85":
        return "\t" if character == "\t" else "\n"
    return "" if unicodedata.category(character) in _HIDDEN_CATEGORIES else character


def _bounded(value: Any) -> tuple[Any, bool]:
    """The value as JSON has it, cleaned; one that is too long becomes the beginning of its text."""
    if value is None or isinstance(value, bool):
        return value, False
    if isinstance(value, int):
        return (value, False) if abs(value) < 10**300 else (_UNSHOWABLE, True)
    if isinstance(value, float):
        return (value if math.isfinite(value) else None), False
    if isinstance(value, str):
        return _bounded_text(value)
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
        if len(text) > MOST_CHARACTERS:
            return _bounded_text(text)
        return _each_text(json.loads(text), visible), False
    except (RecursionError, ValueError, TypeError):
        return _UNSHOWABLE, True


def _bounded_text(text: str) -> tuple[str, bool]:
    seen = visible(text[:_RAW_CHARACTERS])
    return seen[:MOST_CHARACTERS], len(seen) > MOST_CHARACTERS or len(text) > _RAW_CHARACTERS


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each_text(each, change) for each in value]
    if isinstance(value, dict):
        return {change(name): _each_text(each, change) for name, each in value.items()}
    return value


def _distinct_names(wanted: list[str], names: Mapping[str, str]) -> dict[str, str]:
    shown: dict[str, str] = {}
    for each in wanted:
        name = " ".join(visible(names.get(each, each)).split())[:_LONGEST_NAME] or each
        candidates = chain([name], (f"{name} ({number})" for number in count(2)))
        shown[each] = next(candidate for candidate in candidates if candidate not in shown.values())
    return shown


def _block(values: Mapping[str, Any], nonce: str) -> str:
    pairs = (
        f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in values.items()
    )
    text = "{\n" + ",\n".join(pairs) + "\n}"
    # JSON's own escapes: the text means the same, and no tag can be opened or closed inside it.
    escaped = text.replace("<", "\\u003c").replace(">", "\\u003e")
    return f"<row_data_{nonce}>\n{escaped}\n</row_data_{nonce}>"
