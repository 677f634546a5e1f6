"""What a batch may hold; pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from spadework.core.errors import InvalidInput
from spadework.plug import reading
from spadework.research.rules import clients, people
from spadework.research.types.batches import MAX_AT_ONCE, MAX_SEEDS

_NAMES = ("company", "entity", "hint", "seed", "domain")
_MOST_CHARACTERS = 20_000


def require_seeds(seeds: Sequence[Mapping[str, Any]], left_alone: Collection[str]) -> list[dict[str, Any]]:
    """The seeds, each once and none of those to be left alone.

    Raises:
        InvalidInput: there is none, there are too many, or one cannot be used; the message says which and why.
    """
    if not 1 <= len(seeds) <= MAX_SEEDS:
        raise InvalidInput(f"A batch has 1 to {MAX_SEEDS} seeds. It has {len(seeds)}.")
    kept: list[dict[str, Any]] = []
    seen: dict[tuple[str, ...], int] = {}
    for place, each in enumerate(seeds, 1):
        seed = reading.mapping(reading.clean(dict(each)))
        if len(str(seed)) > _MOST_CHARACTERS:
            raise InvalidInput(f"Seed {place} is longer than {_MOST_CHARACTERS} characters. Shorten it.")
        name = name_of(seed)
        if name is None:
            raise InvalidInput(f"Seed {place} names nothing to begin from. Give it one of: {', '.join(_NAMES)}.")
        company = reading.text_at(seed, "company", "entity")
        if clients.is_excluded(left_alone, company=company, domain=reading.text(seed.get("domain"))):
            raise InvalidInput(
                f"Seed {place}, {name[:80]!r}, is on the client's list of those to leave alone. Take it out."
            )
        words = people.words_of(name)
        if words in seen:
            raise InvalidInput(f"Seeds {seen[words]} and {place} are the same, {name[:80]!r}. Take one of them out.")
        seen[words] = place
        kept.append(seed)
    return kept


def require_at_once(at_once: int) -> int:
    """How many dossiers are made side by side; InvalidInput when it is out of range."""
    if not 1 <= at_once <= MAX_AT_ONCE:
        raise InvalidInput(f"A batch makes 1 to {MAX_AT_ONCE} dossiers at once.")
    return at_once


def name_of(seed: Mapping[str, Any]) -> str | None:
    """What a seed is called in lists, None when it names nothing."""
    return reading.text_at(seed, *_NAMES)
