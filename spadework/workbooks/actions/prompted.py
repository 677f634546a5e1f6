"""Prompts of the registry that columns ask with: found, checked against what the column gives, and priced."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from spadework.core.db import ReadOnly
from spadework.core.errors import UnknownReference
from spadework.plug.column import Ask, ColumnKind
from spadework.plug.prompt import PromptText
from spadework.prompts.actions import resolving


async def require(tx: ReadOnly, kind: ColumnKind, settings: Any) -> list[PromptText]:
    """The prompts a column asks with, in the versions of now, when it gives what they need.

    Raises:
        UnknownReference: there is no such prompt or label, a variable it needs is not given, or one is given
        that it does not take.
    """
    found = []
    for each in kind.prompts(settings):
        prompt = await resolving.in_use(tx, each.key, each.label)
        known = (*prompt.required, *prompt.optional)
        if missing := [name for name in prompt.required if name not in each.given]:
            raise UnknownReference(
                f"The prompt {prompt.key} (version {prompt.number}) needs {', '.join(map(repr, missing))}. "
                "Say which column or text it is.",
                details={"missing": missing},
            )
        if unknown := [name for name in each.given if name not in known]:
            raise UnknownReference(
                f"The prompt {prompt.key} (version {prompt.number}) has no variable {unknown[0][:60]!r}. "
                f"It has: {', '.join(known) or 'none'}.",
                details={"unknown": unknown},
            )
        found.append(prompt)
    return found


async def asks(tx: ReadOnly, kind: ColumnKind, settings: Any) -> Sequence[Ask]:
    """What one row of the column may ask, its prompts' text, models and longest replies counted in.

    Raises:
        UnknownReference: as for `require`.
    """
    priced = list(kind.asks(settings))
    for prompt in await require(tx, kind, settings):
        priced = [each if each.provider is not None else _with(each, prompt) for each in priced]
    return priced


def _with(ask: Ask, prompt: PromptText) -> Ask:
    return replace(
        ask, model=ask.model or prompt.model, max_tokens=ask.max_tokens or prompt.max_tokens,
        prompt_characters=ask.prompt_characters + len(prompt.text),
    )  # fmt: skip
