"""Looks into answers: the value at a dotted path of any answer, as plain JSON."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from spadework.plug.column import Value
from spadework.plug.questions import (
    Answer,
    Balance,
    Companies,
    Company,
    EmailFound,
    EmailVerdict,
    People,
    Person,
    ResearchReport,
    Text,
    WebPage,
    WebResults,
)

ANSWER_TO: Mapping[str, type[Any]] = {
    "find_companies": Companies, "enrich_company": Company, "find_people": People, "enrich_person": Person,
    "find_email": EmailFound, "verify_email": EmailVerdict, "normalize_domain": Text, "normalize_email": Text,
    "parse_name": Text, "parse_phone": Text, "clean_company_name": Text, "account_balance": Balance,
    "search_web": WebResults, "read_page": WebPage, "research_topic": ResearchReport,
}  # fmt: skip
"""What answers each question, by its capability."""

DEFAULT_PATHS: Mapping[str, str] = {
    "Company": "name", "Person": "full_name", "EmailFound": "email", "EmailVerdict": "status", "Text": "text",
    "Balance": "credits_left", "Companies": "total", "People": "people.0.full_name",
    "WebResults": "results.0.url", "WebPage": "text", "ResearchReport": "text",
}  # fmt: skip
"""What a column shows of each kind of answer when nobody said otherwise."""


def at_path(answer: Any, path: str) -> Value:
    """The value at a path such as `headquarters.city` or `people.0.email`; None where the path leads nowhere."""
    found: Any = answer
    for part in path.split("."):
        if found is None:
            return None
        if isinstance(found, Mapping):
            found = found.get(part)
        elif isinstance(found, list | tuple):
            found = found[int(part)] if part.isdigit() and int(part) < len(found) else None
        else:
            found = getattr(found, part, None) if is_dataclass(found) else None
    return to_plain(found)


def default_path(answer: Answer) -> str:
    """The path a column shows of this answer by default."""
    return DEFAULT_PATHS[type(answer).__name__]


def to_plain(value: Any) -> Value:
    """The value as JSON has it: dataclasses as objects, tuples as lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: to_plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(each) for each in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
