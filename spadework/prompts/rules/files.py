"""A prompt as one text file: what it is in front matter between two `---` lines, then its text; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from spadework.core.errors import InvalidInput
from spadework.prompts.types import (
    Assertion,
    Draft,
    ExecutionMode,
    NewPrompt,
    Prompt,
    PromptConfig,
    PromptInput,
    PromptVersion,
)

_RULER = "---\n"


class _Head(BaseModel):
    """The front matter."""

    model_config = ConfigDict(extra="forbid")

    key: str
    name: str
    stage: str
    step: str | None = None
    position: int = 0
    description: str = ""
    tags: tuple[str, ...] = ()
    fragment: bool = False
    produces_claims: bool = False
    merges_claims: bool = False
    context_pack: str | None = None
    mode: ExecutionMode = "sync"
    timeout_seconds: int = Field(default=120, ge=1, le=3600)
    config: PromptConfig = PromptConfig()
    inputs: dict[str, str] = Field(default_factory=dict)
    assertions: tuple[Assertion, ...] = ()
    notes: str = ""


@dataclass(frozen=True, slots=True)
class PromptFile:
    """What one file holds."""

    prompt: NewPrompt
    draft: Draft
    assertions: tuple[Assertion, ...]
    notes: str


def read(text: str, name: str) -> PromptFile:
    """The prompt in a file's text; `name` is the file's, for messages. An input ending in `?` is optional.

    Raises:
        InvalidInput: it has no front matter, or one that cannot be used; the message says where.
    """
    tidy = text.removeprefix("\ufeff").replace("\r\n", "\n")
    head, ruler, body = tidy.removeprefix(_RULER).partition(f"\n{_RULER}")
    if not tidy.startswith(_RULER) or not ruler:
        raise InvalidInput(f"{name} does not begin with front matter. Put key, name and stage between two --- lines.")
    try:
        found = _Head.model_validate(yaml.safe_load(head))
    except yaml.YAMLError as error:
        raise InvalidInput(f"The front matter of {name} is no YAML: {error}. Correct it.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(each) for each in first["loc"]) or "it"
        raise InvalidInput(f"The front matter of {name} cannot be used: {where}: {first['msg']}.") from error
    return PromptFile(
        prompt=NewPrompt(
            key=found.key, name=found.name, stage=found.stage, step=found.step, position=found.position,
            description=found.description, tags=found.tags, is_fragment=found.fragment,
            produces_claims=found.produces_claims, merges_claims=found.merges_claims, context_pack=found.context_pack,
            execution_mode=found.mode, timeout_seconds=found.timeout_seconds,
        ),
        draft=Draft(text=body.lstrip("\n"), config=found.config, inputs=_inputs(found.inputs, name)),
        assertions=found.assertions,
        notes=found.notes,
    )  # fmt: skip


def write(prompt: Prompt, version: PromptVersion, assertions: tuple[Assertion, ...]) -> str:
    """The file that `read` reads back to the same prompt, version and assertions."""
    head: dict[str, Any] = {
        "key": prompt.key, "name": prompt.name, "stage": prompt.stage, "step": prompt.step,
        "position": prompt.position, "description": prompt.description, "tags": list(prompt.tags),
        "fragment": prompt.is_fragment, "produces_claims": prompt.produces_claims,
        "merges_claims": prompt.merges_claims, "context_pack": prompt.context_pack, "mode": prompt.execution_mode,
        "timeout_seconds": prompt.timeout_seconds, "config": version.config.model_dump(mode="json"),
        "inputs": {f"{each.name}{'' if each.is_required else '?'}": each.description for each in version.inputs},
        "assertions": [each.model_dump(mode="json") for each in assertions], "notes": version.notes,
    }  # fmt: skip
    shown = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=110)
    return f"{_RULER}{shown}{_RULER}\n{version.text}"


def _inputs(given: Mapping[str, str], name: str) -> tuple[PromptInput, ...]:
    try:
        return tuple(
            PromptInput(name=key.removesuffix("?"), description=text, is_required=not key.endswith("?"))
            for key, text in given.items()
        )
    except ValidationError as error:
        raise InvalidInput(
            f"An input of {name} cannot be used: {error.errors()[0]['msg']}. Correct its name."
        ) from error
