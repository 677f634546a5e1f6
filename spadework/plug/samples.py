"""Invented values: whatever a JSON Schema describes, the same for the same seed, marked as simulated."""

import hashlib
import math
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spadework.core.errors import InvalidInput

MARK = "SIMULATED"
_DEEPEST = 12
_LONGEST_TEXT = 100_000
_ROW_NONCE = re.compile(r"row_data_[0-9a-f]+")
_WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "inlet", "juniper")


def seed_of(*texts: str) -> int:
    """A number for a prompt, the same for the same prompt although each call's data tag differs."""
    joined = "\0".join(_ROW_NONCE.sub("row_data", text) for text in texts)
    return int.from_bytes(hashlib.sha256(joined.encode("utf-8", "replace")).digest()[:8], "big")


def invent(schema: Mapping[str, Any], seed: int) -> Any:
    """A value that satisfies the schema; every free text starts with SIMULATED, addresses end in .example.

    Raises:
        InvalidInput: the schema asks for what cannot be invented, such as a pattern or a reference.
    """
    return _Inventor(schema, random.Random(seed)).value(schema, 0)  # noqa: S311  # repeatable on purpose, protects nothing


@dataclass(frozen=True, slots=True)
class _Inventor:
    root: Mapping[str, Any]
    chance: random.Random

    def value(self, schema: Mapping[str, Any], depth: int) -> Any:
        if depth > _DEEPEST:
            raise InvalidInput("The output schema is nested too deeply to imitate. Flatten it.")
        if "$ref" in schema:
            return self.value(self._referred(schema["$ref"]), depth + 1)
        if refused := next((each for each in ("pattern", "allOf", "not", "if") if each in schema), None):
            raise InvalidInput(f"The simulated model cannot imitate {refused!r} in an output schema.")
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.chance.choice([each for each in schema["enum"] if each is not None] or [None])
        if options := schema.get("anyOf") or schema.get("oneOf"):
            return self.value(_first_real(options), depth + 1)
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kind = next((each for each in kind if each != "null"), "null")
        return self._of_kind(kind, schema, depth)

    def _of_kind(self, kind: str, schema: Mapping[str, Any], depth: int) -> Any:
        if kind == "object":
            properties = schema.get("properties", {})
            return {name: self.value(inner, depth + 1) for name, inner in properties.items()}
        if kind == "array":
            count = min(max(schema.get("minItems", 0), 2), schema.get("maxItems", 2))
            return [self.value(schema.get("items", {"type": "string"}), depth + 1) for _ in range(count)]
        if kind in ("number", "integer"):
            return _number(schema, self.chance)
        if kind == "boolean":
            return self.chance.random() < 0.5
        return None if kind == "null" else _text(schema, self.chance)

    def _referred(self, reference: str) -> Mapping[str, Any]:
        name = reference.removeprefix("#/$defs/")
        known: Mapping[str, Any] = self.root.get("$defs", {})
        if name not in known:
            raise InvalidInput(f"The output schema refers to {reference!r}, which is not in it.")
        found: Mapping[str, Any] = known[name]
        return found


def _first_real(options: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return next((each for each in options if each.get("type") != "null"), options[0])


def _number(schema: Mapping[str, Any], chance: random.Random) -> float:
    low: float = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
    high: float = schema.get("maximum", schema.get("exclusiveMaximum", low + 101) - 1)
    if math.ceil(low) <= math.floor(high):
        return chance.randint(math.ceil(low), math.floor(high))
    return (low + high) / 2


def _text(schema: Mapping[str, Any], chance: random.Random) -> str:
    word = f"{chance.choice(_WORDS)} {chance.choice(_WORDS)} {chance.randint(100, 999)}"
    slug = word.replace(" ", "-")
    shaped: dict[str | None, str] = {
        "email": f"simulated-{slug}@simulated.example",
        "uri": f"https://simulated.example/{slug}",
        "date": f"2000-01-{chance.randint(1, 28):02}",
        "date-time": f"2000-01-{chance.randint(1, 28):02}T00:00:00Z",
    }
    if (form := schema.get("format")) in shaped:
        return shaped[form]
    text = f"{MARK} {word}"
    shortest: int = schema.get("minLength", 0)
    longest: int = schema.get("maxLength", _LONGEST_TEXT)
    return text.ljust(shortest, ".")[:longest]
