"""What each question to the language model is given: the extracts, the conversation, and what was tried; no file ever."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from spadework.builder.types import MOST_QUESTIONS, Message, Test, Version

MOST_MESSAGE_CHARACTERS = 8_000
_MOST_TURNS = 60
"""Older ones are left out of a question; the first request is always in it."""


class _Reply(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Verdict(_Reply):
    """Whether a script can do what is asked; `reason` tells the person why not."""

    feasible: bool
    reason: str | None = Field(None, max_length=2_000)


class Clarification(_Reply):
    """Whether something must be asked first, and what; `suggestions` are answers to click."""

    needs_clarification: bool
    question: str | None = Field(None, max_length=2_000)
    suggestions: tuple[str, ...] = Field((), max_length=6)


def problems_of(reply: Verdict | Clarification) -> list[str]:
    """What a reply in the right form still lacks."""
    if isinstance(reply, Verdict):
        return (
            [] if reply.feasible or (reply.reason or "").strip() else ["reason is missing: say why it cannot be done."]
        )
    if not reply.needs_clarification:
        return []
    problems = [] if (reply.question or "").strip() else ["question is missing: write the one question."]
    if not any(each.strip() for each in reply.suggestions):
        problems.append("suggestions is empty: give two to four answers the person can choose from.")
    return problems


def variables(version: Version, messages: Sequence[Message]) -> dict[str, Any]:
    """The extracts and the conversation, as the prompts name them."""
    said = [{"role": each.role, "content": each.content} for each in messages]
    shown = said if len(said) <= _MOST_TURNS else [said[0], *said[-_MOST_TURNS + 1 :]]
    return {
        "file_extracts": [dict(each) for each in version.file_extracts],
        "conversation": shown,
        "questions_left": MOST_QUESTIONS - version.questions_asked,
    }


def earlier_build(version: Version | None) -> dict[str, Any]:
    """The workflow that the conversation wants changed, None where there is none."""
    if version is None or version.execution is None:
        return {"earlier_build": None}
    return {"earlier_build": {"fields": list(version.fields or ()), "execution": dict(version.execution)}}


def failed_test(test: Test) -> dict[str, Any]:
    """What the builder is told of a failed test: figures and the masked error."""
    failure: Mapping[str, Any] = test.failure or {}
    return {
        "failed_test": {
            "kind": test.kind, "exception": failure.get("exception"), "line": failure.get("line"),
            "message": failure.get("message"), "rows_in": test.rows_in, "rows_out": test.rows_out,
        }
    }  # fmt: skip


def told(problems: Sequence[str], reply: str) -> dict[str, Any]:
    """What a repair is given besides: the reply that could not be used, and why."""
    return {"problems": list(problems), "previous_reply": reply[:40_000]}
