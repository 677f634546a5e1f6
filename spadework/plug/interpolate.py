"""Puts a row's values beside a prompt as data, so that no value can become an instruction or a reference.

The prompt's `{{…}}` become marks such as ⟦Company⟧, and the values go into one JSON block inside a tag
nobody can guess. `{{#if Company}}…{{else}}…{{/if}}` keeps one part. One pass, no other template
language: whatever a value holds stays text.
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

from spadework.core.errors import InvalidInput, UnknownReference

MOST_CHARACTERS = 8_000
"""What one value may bring into a prompt; the rest is cut and `Interpolated.cut` says so."""

REFERENCE = re.compile(r"\{\{\s*([^{}\n]{1,200}?)\s*\}\}")
"""`{{f_<32 hex>}}` or `{{Column name}}`; the one group is what stands between the braces."""

_IF = re.compile(r"#if\s+(.+)")
_CONTROLS = ("else", "/if")
_CONTROL_LINE = re.compile(r"^[ \t]*(\{\{\s*(?:#if\s[^{}\n]*|else|/if)\s*\}\})[ \t]*\n", re.MULTILINE)
_DEEPEST = 20
_LONGEST_NAME = 80
_UNSHOWABLE = "(a value that cannot be shown)"
_RAW_PER_CHARACTER = 8  # looked at before hidden characters are taken out
_BRACKETS = str.maketrans({"⟦": "[", "⟧": "]"})
# Not in the categories below although they show nothing: fillers, and selectors that can hide text.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


@dataclass(frozen=True, slots=True)
class _Branch:
    """A condition the pass is inside of, and whether this part of it is kept."""

    subject: str
    is_kept: bool
    is_else: bool = False


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
    """What the template refers to, in values and in conditions, in order of first appearance."""
    found = (subject_of(each) for each in REFERENCE.findall(template) if each not in _CONTROLS)
    return list(dict.fromkeys(found))


def subject_of(inside: str) -> str:
    """What stands between braces without its `#if`: the name or id of what it is about."""
    condition = _IF.fullmatch(inside)
    return condition[1] if condition else inside


def choose(template: str, is_there: Callable[[str], bool]) -> str:
    """The template with, of each `{{#if X}}…{{else}}…{{/if}}`, only the part that `is_there(X)` chooses.

    A condition alone on its line leaves no line behind.

    Raises:
        InvalidInput: an `{{#if}}` is not closed, or `{{else}}` or `{{/if}}` stands outside one.
    """
    kept: list[str] = []
    branches: list[_Branch] = []
    at = 0
    template = _CONTROL_LINE.sub(r"\1", template)
    for match in REFERENCE.finditer(template):
        inside = match[1]
        is_kept = all(each.is_kept for each in branches)
        if is_kept:
            kept.append(template[at : match.start()])
        at = match.end()
        if condition := _IF.fullmatch(inside):
            if len(branches) == _DEEPEST:
                raise InvalidInput(f"The prompt nests more than {_DEEPEST} conditions. Split it.")
            branches.append(_Branch(condition[1], is_there(condition[1])))
        elif inside in _CONTROLS:
            if not branches or (inside == "else" and branches[-1].is_else):
                raise InvalidInput(f"The prompt has a {{{{{inside}}}}} that belongs to no {{{{#if …}}}}. Remove it.")
            branch = branches.pop()
            if inside == "else":
                branches.append(_Branch(branch.subject, not branch.is_kept, is_else=True))
        elif is_kept:
            kept.append(match[0])
    if branches:
        raise InvalidInput(
            f"The prompt's {{{{#if {branches[-1].subject}}}}} is not closed. Write {{{{/if}}}} after it."
        )
    return "".join([*kept, template[at:]])


def is_filled(value: Any) -> bool:
    """Whether `{{#if}}` takes a value as there: not None, not False, no blank text, no empty list or object."""
    if value is None or value is False:
        return False
    if isinstance(value, str):
        return bool(value.strip())
    return not (isinstance(value, list | tuple | dict) and not value)


def interpolate(
    template: str,
    values: Mapping[str, Any],
    *,
    names: Mapping[str, str] | None = None,
    nonce: str | None = None,
    tag: str = "row_data",
    most_characters: int = MOST_CHARACTERS,
    sort_keys: bool = False,
) -> Interpolated:
    """The prompt for one row. `values` are by field id or by name, `names` show ids as names.

    Only values that the kept parts name are sent, each at most `most_characters` long. `nonce` is for
    tests; each call otherwise draws its own. `sort_keys` has every object's keys in order: the database keeps none of
    its own, and who must ask the same again, whether the values were just made or read back, needs one.

    Raises:
        UnknownReference: the template refers to a column that is not among the values.
        InvalidInput: its conditions are not closed as they were opened.
    """
    if unknown := [each for each in references(template) if each not in values]:
        known = ", ".join(sorted((names or {}).get(each, each) for each in values)) or "none"
        raise UnknownReference(f"The prompt refers to a column {unknown[0]!r} that is not there. There are: {known}.")
    chosen = choose(template, lambda name: is_filled(values[name]))
    wanted = references(chosen)
    shown = _distinct_names(wanted, names or {})
    instruction = REFERENCE.sub(lambda match: f"⟦{shown[match[1]]}⟧", chosen)
    bounded = {shown[each]: _bounded(values[each], most_characters, sort_keys=sort_keys) for each in wanted}
    seen = {name: value for name, (value, _) in bounded.items()}
    return Interpolated(
        instruction=instruction,
        block=_block(seen, f"{tag}_{nonce or secrets.token_hex(8)}"),
        values=seen,
        cut=tuple(name for name, (_, was_cut) in bounded.items() if was_cut),
    )


def visible(text: str) -> str:
    """The text as a person would see it: NFKC, without control, zero-width, direction or tag characters."""
    if text.isascii() and text.isprintable():
        # Nothing to take out, and most of what is asked about is of this kind.
        return text
    plain = text.replace("\r\n", "\n")
    if plain.isascii() and plain.replace("\n", "").replace("\t", "").isprintable():
        return plain
    kept = _INVISIBLE.sub("", unicodedata.normalize("NFKC", plain))
    # Looked at as a whole first: letter by letter takes a hundred times as long, and pages are long.
    if not kept.replace("\n", "").replace("\t", "").isprintable():
        # Once more, because letters that a hidden character kept apart may now combine.
        kept = unicodedata.normalize("NFKC", "".join(_as_seen(each) for each in kept))
    return kept.translate(_BRACKETS)


def _as_seen(character: str) -> str:
    if character in "\n\t\r\u2028\u2029\x85":
        return "\t" if character == "\t" else "\n"
    return "" if unicodedata.category(character) in _HIDDEN_CATEGORIES else character


def _bounded(value: Any, most: int, *, sort_keys: bool) -> tuple[Any, bool]:
    """The value as JSON has it, cleaned; one that is too long becomes the beginning of its text."""
    if value is None or isinstance(value, bool):
        return value, False
    if isinstance(value, int):
        return (value, False) if abs(value) < 10**300 else (_UNSHOWABLE, True)
    if isinstance(value, float):
        return (value if math.isfinite(value) else None), False
    if isinstance(value, str):
        return _bounded_text(value, most)
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=str, sort_keys=sort_keys)
        if len(text) > most:
            return _bounded_text(text, most)
        return _each_text(json.loads(text), visible), False
    except (RecursionError, ValueError, TypeError):
        return _UNSHOWABLE, True


def _bounded_text(text: str, most: int) -> tuple[str, bool]:
    raw = most * _RAW_PER_CHARACTER
    seen = visible(text[:raw])
    return seen[:most], len(seen) > most or len(text) > raw


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


def _block(values: Mapping[str, Any], tag: str) -> str:
    pairs = (
        f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in values.items()
    )
    text = "{\n" + ",\n".join(pairs) + "\n}"
    # JSON's own escapes: the text means the same, and no tag can be opened or closed inside it.
    escaped = text.replace("<", "\\u003c").replace(">", "\\u003e")
    return f"<{tag}>\n{escaped}\n</{tag}>"
