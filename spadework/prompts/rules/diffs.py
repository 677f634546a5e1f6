"""Texts beside each other line by line, and three of them merged; pure."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from spadework.prompts.types import Difference, DiffLine, Merge, PromptConfig, PromptInput, PromptVersion

_OURS, _MIDDLE, _THEIRS = "<<<<<<<", "=======", ">>>>>>>"
Block = tuple[int, int, int, int]
"""Where the base's lines [0, 1) became the other text's lines [2, 3)."""


def between(left: PromptVersion, right: PromptVersion) -> Difference:
    """What changed from one version to the other."""
    return Difference(lines=tuple(lines(left.text, right.text)), settings=tuple(_settings(left, right)))


def lines(left: str, right: str) -> list[DiffLine]:
    """Both texts' lines side by side: equal lines together, changed ones paired, others alone."""
    a, b = left.splitlines(), right.splitlines()
    found: list[DiffLine] = []
    for tag, a_from, a_to, b_from, b_to in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        for a_no, b_no in zip_longest(range(a_from, a_to), range(b_from, b_to)):
            found.append(
                DiffLine(
                    kind="same" if tag == "equal" else "added" if a_no is None else "removed" if b_no is None else "changed",
                    left_no=None if a_no is None else a_no + 1, left=None if a_no is None else a[a_no],
                    right_no=None if b_no is None else b_no + 1, right=None if b_no is None else b[b_no],
                )
            )  # fmt: skip
    return found


def merge(base: PromptVersion, ours: PromptVersion, theirs: PromptVersion) -> Merge:
    """Ours with what theirs changed since the base; where both changed the same, both stand between marks."""
    text, conflicts = merge_texts(base.text, ours.text, theirs.text, ours.branch, theirs.branch)
    config, clashing = _merge_fields(base.config, ours.config, theirs.config)
    inputs, is_clash = _merge_value(base.inputs, ours.inputs, theirs.inputs)
    return Merge(
        text=text, config=PromptConfig.model_validate(config), inputs=_united(inputs, theirs.inputs) if is_clash else inputs,
        conflicts=conflicts, setting_conflicts=tuple(clashing),
    )  # fmt: skip


def merge_texts(base: str, ours: str, theirs: str, our_name: str, their_name: str) -> tuple[str, int]:
    """The merged text, and how many places need a person."""
    o, a, b = base.splitlines(), ours.splitlines(), theirs.splitlines()
    merged: list[str] = []
    conflicts = 0
    for base_part, our_part, their_part in _regions(o, a, b):
        if their_part in (our_part, base_part):
            merged += our_part
        elif our_part == base_part:
            merged += their_part
        else:
            conflicts += 1
            merged += [f"{_OURS} {our_name}", *our_part, _MIDDLE, *their_part, f"{_THEIRS} {their_name}"]
    return "\n".join(merged) + "\n", conflicts


def has_marks(text: str) -> bool:
    """Whether a conflict's marks still stand in the text."""
    return any(each.startswith((_OURS, _THEIRS)) for each in text.splitlines())


def _regions(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]
) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """The three texts cut at the lines that all of them share, in order."""
    at = our_at = their_at = 0
    for base_no, our_no, their_no in _shared(base, ours, theirs):
        if (base_no, our_no, their_no) != (at, our_at, their_at):
            yield list(base[at:base_no]), list(ours[our_at:our_no]), list(theirs[their_at:their_no])
        line = [base[base_no]]
        yield line, line, line
        at, our_at, their_at = base_no + 1, our_no + 1, their_no + 1
    yield list(base[at:]), list(ours[our_at:]), list(theirs[their_at:])


def _shared(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[tuple[int, int, int]]:
    in_ours, in_theirs = _kept(base, ours), _kept(base, theirs)
    return [(no, in_ours[no], in_theirs[no]) for no in sorted(in_ours.keys() & in_theirs.keys())]


def _kept(base: Sequence[str], other: Sequence[str]) -> dict[int, int]:
    blocks = SequenceMatcher(None, base, other, autojunk=False).get_matching_blocks()
    return {each.a + offset: each.b + offset for each in blocks for offset in range(each.size)}


def _settings(left: PromptVersion, right: PromptVersion) -> Iterator[tuple[str, Any, Any]]:
    before, after = left.config.model_dump(mode="json"), right.config.model_dump(mode="json")
    yield from ((name, before[name], after[name]) for name in before if before[name] != after[name])
    if left.inputs != right.inputs:
        yield "inputs", [each.model_dump() for each in left.inputs], [each.model_dump() for each in right.inputs]


def _merge_fields(base: PromptConfig, ours: PromptConfig, theirs: PromptConfig) -> tuple[dict[str, Any], list[str]]:
    merged: dict[str, Any] = {}
    clashing: list[str] = []
    for name in PromptConfig.model_fields:
        merged[name], is_clash = _merge_value(getattr(base, name), getattr(ours, name), getattr(theirs, name))
        if is_clash:
            clashing.append(name)
    return merged, clashing


def _merge_value(base: Any, ours: Any, theirs: Any) -> tuple[Any, bool]:
    if theirs in (base, ours):
        return ours, False
    return (theirs, False) if ours == base else (ours, True)


def _united(ours: tuple[PromptInput, ...], theirs: tuple[PromptInput, ...]) -> tuple[PromptInput, ...]:
    known = {each.name for each in ours}
    return (*ours, *(each for each in theirs if each.name not in known))
