"""From a model's text to a value that satisfies a JSON Schema, or the reasons why it does not."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonschema_rs

from spadework.core.errors import InvalidInput
from spadework.plug import json_text

_MOST_ERRORS = 10
_ANNOTATIONS = ("title", "description", "default")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found in the text; `errors` empty means `value` satisfies the schema."""

    value: Any
    errors: tuple[str, ...] = ()


def read(text: str, schema: Mapping[str, Any]) -> Answer:
    """The first reading of the text that satisfies the schema: all of it, a fenced block, an object in prose.

    Raises:
        InvalidInput: the schema itself is no JSON Schema.
    """
    checked = _checker(json.dumps(schema, sort_keys=True))
    first: Answer | None = None
    for value in json_text.readings(text):
        errors = tuple(_sentence(each) for each, _ in zip(checked.iter_errors(value), range(_MOST_ERRORS)))  # noqa: B905  # cut to the first ten on purpose
        if not errors:
            return Answer(value)
        first = first or Answer(value, errors)
    return first or Answer(None, ("The reply holds no JSON value.",))


def spell_out(schema: Any) -> Any:
    """The same schema with every list of types written as `anyOf`, the only spelling all services take.

    pydantic-ai's Anthropic adapter stops with an AssertionError at `"type": ["number", "null"]` (2.62.0).
    """
    if isinstance(schema, list):
        return [spell_out(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    spelled = {name: _spell_out_keyword(name, inner) for name, inner in schema.items()}
    if not isinstance(kinds := spelled.get("type"), list):
        return spelled
    kept = {name: spelled.pop(name) for name in _ANNOTATIONS if name in spelled}
    del spelled["type"]
    return kept | {"anyOf": [_of_one_kind(kind, spelled) for kind in kinds]}


def _spell_out_keyword(name: str, inner: Any) -> Any:
    if name in ("enum", "const", *_ANNOTATIONS):
        return inner
    if name in ("properties", "$defs"):  # names of the schema's author, not keywords
        return {each: spell_out(schema) for each, schema in inner.items()}
    return spell_out(inner)


def _of_one_kind(kind: str, rest: Mapping[str, Any]) -> dict[str, Any]:
    if kind == "null":
        return {"type": "null"}
    own = dict(rest)
    if "enum" in own:
        own["enum"] = [each for each in own["enum"] if each is not None]
    return {"type": kind, **own}


@lru_cache(maxsize=256)
def _checker(schema: str) -> Any:
    try:
        # Offline: a schema is text a person may have written, and must not make us fetch anything.
        return jsonschema_rs.Draft202012Validator(json.loads(schema), offline=True)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        raise InvalidInput(f"The output schema is no JSON Schema: {error}. Correct it.") from error


def _sentence(error: Any) -> str:
    place = ".".join(str(each) for each in error.instance_path)
    return f"{place}: {error.message}"[:300] if place else str(error.message)[:300]
