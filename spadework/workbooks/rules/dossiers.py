"""What one dossier asks of models and search engines: the sum behind the price of a dossier column; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from spadework.plug.column import Ask
from spadework.plug.step import EXTRACTION, PACKING, Step
from spadework.prompts.types import PromptConfig

_CONTACTS_AT_MOST, _CONTACTS_EXPECTED = 15, 6
_PAGES_CHARACTERS, _FACTS_CHARACTERS = 90_000, 40_000
"""What prompts hold at most of pages, and usually of claims: the first is the limit the steps keep to."""
_LOOK_UP_TOKENS = 2_000
_LOOK_UPS_TAKEN = 0.4
_EXAMPLE: Mapping[str, Any] = {
    "company": {"name": "Example", "domain": "company.example"}, "queries": ["a", "b", "c", "d", "e"],
    "contact": {"name": "Example Person", "company": "Example"},
}  # fmt: skip


def asks_of(steps: Iterable[Step], prompts: Mapping[str, PromptConfig], search: str | None) -> list[Ask]:
    """All that one dossier may ask, each with how often it comes to that; `prompts` by key, `search` the engine."""
    asks: list[Ask] = []
    for step in steps:
        times = _CONTACTS_AT_MOST if step.is_per_contact else 1
        share = _CONTACTS_EXPECTED / _CONTACTS_AT_MOST if step.is_per_contact else 1.0
        for each in (*_of_step(step, prompts), *_of_search(step, search)):
            asks += [replace(each, likelihood=each.likelihood * share)] * times
    return asks


def _of_step(step: Step, prompts: Mapping[str, PromptConfig]) -> Iterable[Ask]:
    characters = _FACTS_CHARACTERS if step.mode == "sync" else _PAGES_CHARACTERS
    for each in step.asks:
        yield _completion(prompts[each.prompt], characters)
        if step.makes_claims:
            yield _completion(prompts[EXTRACTION], _PAGES_CHARACTERS)
    if step.makes_pack:
        yield _completion(prompts[PACKING], _FACTS_CHARACTERS)
    main = prompts[step.asks[0].prompt]
    for turn in range(step.turns_at_most if main.tools else 0):
        config = main.model_copy(update={"max_tokens": _LOOK_UP_TOKENS})
        yield replace(_completion(config, _PAGES_CHARACTERS), likelihood=_LOOK_UPS_TAKEN if turn else 1.0)


def _of_search(step: Step, search: str | None) -> Iterable[Ask]:
    if search is None:
        return
    for _ in step.searches(_EXAMPLE):
        yield Ask(provider=search, capability="search_web")
    for _ in range(step.more_searches_at_most if step.turns_at_most else 0):
        yield Ask(provider=search, capability="search_web", likelihood=_LOOK_UPS_TAKEN)


def _completion(config: PromptConfig, characters: int) -> Ask:
    return Ask(provider=None, model=config.model, max_tokens=config.max_tokens, prompt_characters=characters)
