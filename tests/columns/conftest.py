"""A toolbox whose providers answer as a test says."""

from collections.abc import Mapping
from typing import Any

import pytest

from spadework.plug import catalog
from spadework.plug.provider import LocalProvider, Outcome, Provider
from spadework.plug.questions import Question


class Answering:
    """Outcomes by provider, in the order they are asked for; a local provider not named answers for itself."""

    def __init__(self, outcomes: Mapping[str, Any]) -> None:
        self.outcomes = {key: [*each] if isinstance(each, list) else [each] for key, each in outcomes.items()}
        self.asked: list[tuple[str, Question]] = []

    async def ask(self, provider: str, question: Question) -> Outcome:
        self.asked.append((provider, question))
        if provider not in self.outcomes:
            local = catalog.load(Provider, "provider")[provider]
            assert issubclass(local, LocalProvider), f"the test says nothing about {provider}"
            return local().answer(question)
        outcome = self.outcomes[provider].pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def complete(self, request: Any) -> Any:
        raise AssertionError("no language model is asked here")

    async def dossier(self, request: Any) -> Any:
        raise AssertionError("no dossier is made here")

    async def prompt(self, key: str, label: str) -> Any:
        raise AssertionError("no prompt is used here")


@pytest.fixture
def answering():
    """Makes a toolbox from outcomes by provider key."""
    return lambda **outcomes: Answering(outcomes)
