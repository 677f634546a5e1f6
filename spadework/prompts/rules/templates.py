"""What a prompt's text may look like: its key, its variables and conditions, and the prompts it includes; pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz import process

from spadework.core.errors import InvalidInput, LimitReached
from spadework.plug.interpolate import choose, references
from spadework.prompts.types import PromptInput

LONGEST_TEXT = 200_000
LONGEST_LABEL = 40
_KEY = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_LABEL = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_STAGE = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
_INCLUDE = re.compile(r"\{\{>\s*([a-z0-9.-]{1,120})(?:@([a-z0-9_-]{1,40}))?\s*\}\}")
_INCLUDES_AT_MOST = 20
_CLOSE_ENOUGH = 60


@dataclass(frozen=True, slots=True)
class Include:
    """`{{> key}}`, `{{> key@label}}` or `{{> key@3}}`; at most one of `label` and `number` is given."""

    key: str
    label: str | None = None
    number: int | None = None


def require_key(text: str) -> str:
    """The key; InvalidInput when it is not lower-case words joined by dots and dashes."""
    if len(text) > 120 or not _KEY.fullmatch(text):
        raise InvalidInput(f"{text[:80]!r} is no key of a prompt. Write it like find-lead.search-builder.")
    return text


def require_label(text: str) -> str:
    """The label's name; InvalidInput when it is not one lower-case word."""
    if not _LABEL.fullmatch(text):
        raise InvalidInput(f"{text[:80]!r} is no label. Use lower-case letters, digits, - and _, a letter first.")
    return text


def require_branch(text: str) -> str:
    """The branch's name; the same form as a label's."""
    if not _LABEL.fullmatch(text):
        raise InvalidInput(f"{text[:80]!r} is no branch. Use lower-case letters, digits, - and _, a letter first.")
    return text


def require_stage(text: str) -> str:
    """The stage's name in its one spelling, such as FIND_LEAD; InvalidInput for anything else."""
    stage = "_".join(text.replace("-", " ").upper().split())
    if not _STAGE.fullmatch(stage):
        raise InvalidInput(f"{text[:80]!r} is no stage. Write it like FIND_LEAD.")
    return stage


def require_text(text: str) -> str:
    """The text as it will be stored: usable as a prompt, with line ends of one kind.

    Raises:
        InvalidInput: it is empty, or its conditions are not closed. LimitReached: it is too long.
    """
    tidy = text.replace("\r\n", "\n").rstrip() + "\n"
    if not tidy.strip():
        raise InvalidInput("The prompt is empty. Write what the model shall do.")
    if len(tidy) > LONGEST_TEXT:
        raise LimitReached(f"The prompt is longer than {LONGEST_TEXT:,} characters. Move parts into inputs.")
    choose(_INCLUDE.sub("", tidy), lambda _: True)
    if len(includes(tidy)) > _INCLUDES_AT_MOST:
        raise LimitReached(f"The prompt includes more than {_INCLUDES_AT_MOST} others. Include fewer.")
    return tidy


def includes(text: str) -> list[Include]:
    """The prompts a text includes, in order of first appearance."""
    found = (_include(match) for match in _INCLUDE.finditer(text))
    return list(dict.fromkeys(found))


def put_in(text: str, texts: Mapping[Include, str]) -> str:
    """The text with each include replaced by the text it names; what that holds is not looked at again."""
    return _INCLUDE.sub(lambda match: texts[_include(match)].rstrip("\n"), text)


def variables(text: str) -> list[str]:
    """The variables a text without includes names, in values and in conditions."""
    return references(text)


def require_known(text: str, inputs: tuple[PromptInput, ...]) -> None:
    """Refuse a variable that the prompt's inputs do not list; a prompt that lists none takes whatever it names.

    Raises:
        InvalidInput: with the variable, and the closest one there is.
    """
    known = {each.name for each in inputs}
    unknown = [each for each in variables(text) if each not in known]
    if not inputs or not unknown:
        return
    closest = process.extractOne(unknown[0], sorted(known))
    hint = f" Did you mean {closest[0]!r}?" if closest and closest[1] >= _CLOSE_ENOUGH else ""
    raise InvalidInput(
        f"The prompt names a variable {unknown[0]!r} that is not among its inputs.{hint} "
        f"Correct it, or add it to the inputs.",
        details={"variable": unknown[0], "inputs": sorted(known)},
    )


def _include(match: re.Match[str]) -> Include:
    wanted = match[2]
    if wanted is None:
        return Include(match[1])
    return Include(match[1], number=int(wanted)) if wanted.isdigit() else Include(match[1], label=wanted)
