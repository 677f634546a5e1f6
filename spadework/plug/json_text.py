"""Finds JSON in a model's text: the ladder from the whole reply down to an object or list inside prose."""

import json
import re
from collections.abc import Iterator
from typing import Any

LONGEST_TEXT = 1_000_000
_FENCED = re.compile(r"```[a-zA-Z0-9_-]*[ \t]*\n(.*?)```", re.DOTALL)
_TEXT_OR_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*')
_MOST_OBJECTS_TRIED = 50


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def readings(text: str) -> Iterator[Any]:
    """Every JSON value the text may mean, the strictest reading first; none when it holds none.

    The whole text, it without its `//` comments, what stands in fenced blocks, then each outermost
    `{…}` and `[…]` in prose, objects first. Only the first million characters are looked at.
    Source of the order: domain facts 2.2, with whole texts before comments are taken out.
    """
    text = text[:LONGEST_TEXT]
    for whole in _with_and_without_comments(text):
        yield from _parsed(whole)
    for block in _FENCED.findall(text):
        for whole in _with_and_without_comments(block):
            yield from _parsed(whole)
    for bracket in "{[":
        for whole in _with_and_without_comments(text):
            yield from _inside(whole, bracket)


def find_first(text: str, kind: type[Any] | tuple[type[Any], ...] = (dict, list)) -> Any:
    """The first reading of the text that is of the kind; None when there is none."""
    return next((each for each in readings(text) if isinstance(each, kind)), None)


def without_comments(text: str) -> str:
    """The text without `//` comments; `//` inside a quoted text, such as an address, stays."""
    return _TEXT_OR_COMMENT.sub(lambda match: match[0] if match[0][0] == '"' else "", text)


def _with_and_without_comments(text: str) -> Iterator[str]:
    yield text
    if "//" in text and (stripped := without_comments(text)) != text:
        yield stripped


def _inside(text: str, bracket: str) -> Iterator[Any]:
    start = text.find(bracket)
    for _ in range(_MOST_OBJECTS_TRIED):
        if start < 0:
            return
        end = start + 1
        try:
            value, end = _DECODER.raw_decode(text, start)
            yield value
        except (ValueError, RecursionError):
            pass
        start = text.find(bracket, end)


def _parsed(text: str) -> Iterator[Any]:
    try:
        yield _DECODER.decode(text)
    except (ValueError, RecursionError):
        return
