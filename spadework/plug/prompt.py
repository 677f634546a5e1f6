"""A prompt of the registry as plug-ins name it and get it: by its key and a label, never by its storage."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptReference:
    """Which prompt a column asks with, and the names of the variables it fills."""

    key: str
    label: str
    given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptText:
    """One version of a prompt, its includes filled in. `required` and `optional` are its variables.

    `model` empty and `temperature` None leave it to the client's choice.
    """

    key: str
    label: str
    number: int
    text: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    model: str = ""
    temperature: float | None = None
    max_tokens: int = 1024
