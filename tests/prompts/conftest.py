"""A prompt to work with, and the ways to change it that most tests need."""

from collections.abc import Awaitable, Callable

import pytest

from spadework.core.db import Transaction
from spadework.prompts.actions import registry
from spadework.prompts.types import Draft, NewPrompt, Prompt, PromptConfig, PromptInput, PromptVersion

TEXT = "Greet {{name}}.\nBe short.\nSign as Spadework.\n"
Save = Callable[..., Awaitable[PromptVersion]]


def draft(text: str = TEXT, *inputs: str, **config: object) -> Draft:
    """A draft of that text; inputs whose names end in ? are optional."""
    named = tuple(PromptInput(name=each.removesuffix("?"), is_required=not each.endswith("?")) for each in inputs)
    return Draft(text=text, config=PromptConfig.model_validate(config), inputs=named)


def new(key: str = "greeting", **facts: object) -> NewPrompt:
    """A prompt of that key; what does not matter is filled in."""
    return NewPrompt(**{"key": key, "name": "Greeting", "stage": "FINAL", **facts})  # type: ignore[arg-type]


@pytest.fixture
async def prompt(tx: Transaction) -> Prompt:
    """A prompt with one version."""
    return await registry.create(tx, new(), draft(), by=None)


@pytest.fixture
def save(tx: Transaction, prompt: Prompt) -> Save:
    """Saves a version of the prompt: `await save("text", base=1, branch="main")`."""

    async def save(text: str, *, base: int, branch: str = "main", **config: object) -> PromptVersion:
        return await registry.save(tx, prompt.id, draft(text, **config), base=base, branch=branch, by=None)

    return save
