"""Which pages of several searches are read, and how much of each a model is shown; pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any
from urllib.parse import urlsplit

MOST_PAGE_CHARACTERS = 12_000
"""What a model is shown of one page; quotes are looked up in the whole text."""
MOST_CHARACTERS = 90_000


def choose_pages(found: Sequence[Sequence[str]], wanted: Sequence[str], *, at_most: int) -> list[str]:
    """Addresses to read: those asked for by name, then the best of each search, then the second best, each once."""
    ranked = [*wanted, *(url for rank in zip_longest(*found) for url in rank if url)]
    unique: dict[str, str] = {}
    for url in ranked:
        unique.setdefault(_address(url), url)
    return list(unique.values())[:at_most]


def shown(pages: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Pages as prompts get them, each cut to a part and all together to what a prompt can hold."""
    left = MOST_CHARACTERS
    chosen = []
    for number, each in enumerate(pages, 1):
        text = str(each["text"])[: min(MOST_PAGE_CHARACTERS, left)]
        if not text:
            break
        left -= len(text)
        chosen.append({"number": number, **each, "text": text})
    return chosen


def _address(url: str) -> str:
    parts = urlsplit(url)
    return f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}?{parts.query}"
