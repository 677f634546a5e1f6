"""What the columns that ask providers share: a question out of a row, a value out of an answer."""

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, lru_cache
from typing import Any

from spadework.plug import catalog
from spadework.plug.column import CellState, Row, Storage, Value
from spadework.plug.parsing.amounts import parse_number
from spadework.plug.provider import Capability, Found, NotFound, Outcome, Provider, Refused
from spadework.plug.questions import (
    QUESTIONS,
    Balance,
    Companies,
    Company,
    EmailFound,
    EmailVerdict,
    People,
    Person,
    Question,
    ResearchReport,
    Text,
    WebPage,
    WebResults,
)
from spadework.plug.references import as_text, fill, find_all, is_field_id, single_reference

Inputs = Mapping[str, Any]
"""Question field → `{{f_…}}`, text with references in it, or a literal value."""

ANSWERS: Mapping[str, tuple[type[Any], str]] = {
    "find_companies": (Companies, "companies"),
    "enrich_company": (Company, "name"),
    "find_people": (People, "people"),
    "enrich_person": (Person, "full_name"),
    "find_email": (EmailFound, "email"),
    "verify_email": (EmailVerdict, "status"),
    "normalize_domain": (Text, "text"),
    "normalize_email": (Text, "text"),
    "parse_name": (Text, "text"),
    "parse_phone": (Text, "text"),
    "clean_company_name": (Text, "text"),
    "account_balance": (Balance, "credits_left"),
    "search_web": (WebResults, "results"),
    "read_page": (WebPage, "text"),
    "research_topic": (ResearchReport, "text"),
}
"""Capability → what answers it, and the part of the answer that is the cell's value unless another is chosen."""


_BLANK: tuple[Any, ...] = (None, "", [], ())
_MAYBE_TEXT = str | None


@dataclass(frozen=True, slots=True)
class Lacking:
    """The question cannot be asked of this row; `note` says what is not filled or does not fit."""

    note: str
    state: CellState = "missing_input"


def find_capability(provider: str, capability: str) -> Capability | None:
    """The capability of a provider, None when there is no such provider or it cannot do that."""
    known = catalog.load(Provider, "provider")
    return known[provider].find_capability(capability) if provider in known else None


def label_of(provider: str) -> str:
    """The provider's name as people know it; its key when there is no such provider any more."""
    known = catalog.load(Provider, "provider")
    return known[provider].label if provider in known else provider


def check_ask(provider: str, capability: str, inputs: Inputs) -> None:
    """Refuse settings that no row could satisfy.

    Raises:
        ValueError: the provider, the capability or an input field does not exist; lists those that do.
    """
    known = catalog.load(Provider, "provider")
    if provider not in known:
        raise ValueError(f"There is no provider {provider!r}. There are: {', '.join(known)}.")
    if find_capability(provider, capability) is None:
        can = ", ".join(each.question.capability for each in known[provider].capabilities)
        raise ValueError(f"{known[provider].label} cannot do {capability!r}. It can: {can}.")
    names = [each.name for each in fields(QUESTIONS[capability])]
    if unknown := [each for each in inputs if each not in names]:
        raise ValueError(f"{capability} has no input {unknown[0]!r}. It has: {', '.join(names)}.")


def input_references(inputs: Inputs) -> set[str]:
    """Field ids the inputs read."""
    texts = [each for value in inputs.values() for each in (value if isinstance(value, list | tuple) else [value])]
    return {found for text in texts if isinstance(text, str) for found in find_all(text) if is_field_id(found)}


def build_question(row: Row, provider: str, capability: str, inputs: Inputs) -> Question | Lacking:
    """The question for one row; Lacking when no group of the fields the provider needs is filled."""
    given: dict[str, Any] = {}
    types = _types_of(capability)
    for name, template in inputs.items():
        value = _resolve(template, row)
        if value in _BLANK:
            continue
        try:
            given[name] = _converted(value, types[name])
        except ValueError as error:
            return Lacking(f"{_label(name)}: {error}", "invalid")
    offered = find_capability(provider, capability)
    groups = offered.needs if offered and offered.needs else tuple((each,) for each in inputs)
    if groups and not any(all(given.get(name) for name in group) for group in groups):
        wanted = " or ".join(" and ".join(_label(name) for name in group) for group in groups)
        return Lacking(f"Not asked: {wanted} is not filled in this row.")
    return QUESTIONS[capability](**given)


def read_output(answer: object, path: str) -> Value:
    """The part of an answer at a dotted path such as `headquarters.city` or `people.0.title`, as JSON; else None."""
    found = answer
    for step in path.split("."):
        if is_dataclass(found):
            found = getattr(found, step, None)
        elif isinstance(found, Mapping):
            found = found.get(step)
        elif isinstance(found, Sequence) and not isinstance(found, str) and step.isdigit():
            found = found[int(step)] if int(step) < len(found) else None
        else:
            return None
    return _plain(found)


def check_output(capability: str, path: str) -> None:
    """Refuse a path that no answer of the capability has.

    Raises:
        ValueError: the answer has no such part; lists those it has.
    """
    shape = ANSWERS[capability][0]
    if _type_at(shape, path) is None:
        names = ", ".join(each.name for each in fields(shape))
        raise ValueError(f"The answer to {capability} has no {path!r}. It has: {names}.")


def output_storage(capability: str, path: str) -> Storage:
    """Which typed slot holds the part of an answer at a path; JSON where its type is not known."""
    kind = _type_at(ANSWERS[capability][0], path)
    if kind is bool:
        return "json"
    if kind in (int, float):
        return "number"
    return "text" if kind is str or typing.get_origin(kind) is typing.Literal else "json"


def state_of(outcome: Outcome) -> tuple[CellState, str]:
    """The cell's state and sentence for an outcome that is no answer."""
    if isinstance(outcome, NotFound):
        return "no_data", f"Not found: {outcome.reason}."
    if isinstance(outcome, Refused):
        states: Mapping[str, CellState] = {
            "rate_limited": "rate_limited",
            "invalid_request": "invalid",
            "do_not_contact": "no_data",
        }
        return states.get(outcome.kind, "failed"), outcome.message
    return ("done", "") if isinstance(outcome, Found) else ("failed", "The provider has not finished.")


# --- types and values ----------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _references_of(template: str) -> tuple[str | None, tuple[str, ...]]:
    """The column that is the whole template, or else every column in it."""
    return single_reference(template), tuple(each for each in find_all(template) if is_field_id(each))


@cache
def _types_of(capability: str) -> Mapping[str, Any]:
    # Reading them anew for each row took a tenth of a cell's time.
    return typing.get_type_hints(QUESTIONS[capability])


def _resolve(template: Any, row: Row) -> Any:
    """The value of a template: typed when it is one reference alone, text when it is mixed, else the literal."""
    if isinstance(template, list | tuple):
        return [each for part in template if (each := _resolve(part, row)) not in _BLANK]
    if not isinstance(template, str):
        return template
    field_id, references = _references_of(template)
    if field_id is not None:
        return row.values.get(field_id)
    if references and all(row.values.get(each) in _BLANK for each in references):
        return None  # "{{First}} {{Last}}" of two empty columns is a blank, not a space
    return fill(template, row.values).strip()


def _converted(value: Any, hint: Any) -> Any:
    """The value as the question's field wants it.

    Raises:
        ValueError: it is text where a number belongs.
    """
    if hint is str or hint == _MAYBE_TEXT:
        return as_text(value).strip()
    if typing.get_origin(hint) is tuple:
        parts = value if isinstance(value, list | tuple) else as_text(value).replace("\n", ";").split(";")
        return tuple(text for each in parts if (text := as_text(each).strip()))
    wanted = {each for each in typing.get_args(hint) if each is not types.NoneType} or {hint}
    if wanted & {int, float}:
        number = parse_number(value)
        if number is None:
            raise ValueError(f"{as_text(value)[:60]!r} is no number")
        return int(number) if int in wanted else number
    return as_text(value).strip()


def _type_at(shape: Any, path: str) -> Any:
    """The type of an answer's part at a dotted path: Any inside free data, None where there is nothing."""
    kind: Any = shape
    for step in path.split("."):
        kind = _without_none(kind)
        if kind is Any or typing.get_origin(kind) is dict or kind is dict:
            kind = Any
        elif is_dataclass(kind):
            kind = typing.get_type_hints(kind).get(step)
        elif typing.get_origin(kind) is tuple and step.isdigit():
            kind = typing.get_args(kind)[0]
        else:
            return None
        if kind is None:
            return None
    return _without_none(kind)


def _without_none(kind: Any) -> Any:
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        left = [each for each in typing.get_args(kind) if each is not types.NoneType]
        return left[0] if len(left) == 1 else Any
    return kind


def _plain(value: Any) -> Value:
    """The value as JSON has it; empty lists and parts count as nothing."""
    if isinstance(value, str):  # most values are, and the questions below cost more than they
        return value or None
    if is_dataclass(value) and not isinstance(value, type):
        # The source's own text stays in the evidence and out of the cell.
        found = {each.name: _plain(getattr(value, each.name)) for each in fields(value) if each.name != "raw"}
        return {name: each for name, each in found.items() if each is not None} or None
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()} or None
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value] or None
    return value if value != "" else None


def _label(name: str) -> str:
    return name.replace("_", " ")
