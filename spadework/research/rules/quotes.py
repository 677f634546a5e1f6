"""Finds a quoted passage in a stored source text, so that a claim's evidence is a place and not a promise.

Spelling that a copy loses does not matter: kinds of blanks, quote marks and dashes, ligatures, composed and
decomposed letters, invisible characters. Words, digits and capitals do.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from spadework.research.types.claims import Evidence, Source

MIN_QUOTE_CHARACTERS = 8
"""A shorter passage stands in nearly every page, so finding it shows nothing."""

_BLANKS = re.compile(r"\s+")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
# What may read differently in a copy: blanks that are not one space, and non-ASCII with the letter before it.
_VARIABLE = re.compile(r"[^\S ]\s*| \s+|[\x21-\x7e]?[^\x00-\x7f\s]+|[\x00-\x08\x0e-\x1f\x7f]")
_MARKS = str.maketrans(dict.fromkeys('"`‘’‚‛′´ʹʼ“”„‟″«»‹›「」『』', "'") | dict.fromkeys("‐‑‒–—―−﹣－", "-"))
_OUTER = " '.,;:-()[]"


@dataclass(frozen=True, slots=True)
class _Normal:
    """A text in its normal spelling; `breaks` pairs places in it with places in the text as stored."""

    text: str
    starts: Sequence[int]
    origins: Sequence[int]
    is_exact: Sequence[bool]
    length: int

    def origin(self, place: int) -> int:
        """Where in the stored text the character at that place begins; the beginning of its group if it has one."""
        at = bisect_right(self.starts, place) - 1
        return self.origins[at] + (place - self.starts[at] if self.is_exact[at] else 0)

    def origin_after(self, place: int) -> int:
        """Where in the stored text what ends before that place ends."""
        at = bisect_right(self.starts, place - 1) - 1
        if self.is_exact[at]:
            return self.origins[at] + place - self.starts[at]
        return self.origins[at + 1] if at + 1 < len(self.origins) else self.length


def locate(quote: str, sources: Iterable[Source]) -> tuple[Evidence | None, str | None]:
    """Where the quote stands, in the first of the sources that has it; else None and why it is not believed.

    A quote that stands in several places counts for the first.
    """
    wanted = _normalized(quote).text.strip(_OUTER)
    if not wanted:
        return None, "The claim has no quote."
    if len(wanted) < MIN_QUOTE_CHARACTERS:
        return None, f"The quote is too short to show anything (fewer than {MIN_QUOTE_CHARACTERS} characters)."
    looked = False
    for source in sources:
        looked = True
        if (span := find_span(quote, source.text)) is not None:
            return Evidence(source_id=source.id, start=span[0], end=span[1]), None
    return None, "The quote is in none of the stored sources." if looked else "No source was stored to look in."


def find_span(quote: str, text: str) -> tuple[int, int] | None:
    """The first (start, end) of the quote in the text as stored; None when it is not there.

    It begins and ends where words do: "5 million" does not stand in "25 million".
    """
    bare = quote.strip()
    if bare and (start := _find_words(bare, text)) is not None:
        return start, start + len(bare)
    wanted = _normalized(quote).text.strip(_OUTER)
    if not wanted:
        return None
    normal = _cached(text)
    start = _find_words(wanted, normal.text)
    if start is None:
        return None
    return normal.origin(start), normal.origin_after(start + len(wanted))


def _find_words(wanted: str, text: str) -> int | None:
    start = text.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        is_cut_before = start > 0 and text[start - 1].isalnum() and wanted[0].isalnum()
        is_cut_after = end < len(text) and text[end].isalnum() and wanted[-1].isalnum()
        if not (is_cut_before or is_cut_after):
            return start
        start = text.find(wanted, start + 1)
    return None


def order_by_address(sources: Sequence[Source], url: str | None) -> list[Source]:
    """The sources a quote is looked for in: the page the claim names first, then the others as they were read."""
    if not url:
        return list(sources)
    wanted = _address(url)
    return sorted(sources, key=lambda each: _address(each.url) != wanted)


def find_named(sources: Sequence[Source], source_id: UUID) -> Source | None:
    """The source of that id."""
    return next((each for each in sources if each.id == source_id), None)


def _address(url: str) -> str:
    bare = url.strip().split("#")[0].split("?")[0].rstrip("/").casefold()
    return re.sub(r"^[a-z]+://(www\.)?", "", bare)


@lru_cache(maxsize=16)  # the claims of one step are looked for in the same few pages
def _cached(text: str) -> _Normal:
    return _normalized(text)


def _normalized(text: str) -> _Normal:
    parts: list[str] = []
    starts: list[int] = []
    origins: list[int] = []
    is_exact: list[bool] = []
    length = at = 0

    def add(part: str, origin: int, *, exact: bool) -> None:
        nonlocal length
        if part:
            parts.append(part)
            starts.append(length)
            origins.append(origin)
            is_exact.append(exact)
            length += len(part)

    text = text.translate(_MARKS)  # one character for one, so that places stay
    for match in _VARIABLE.finditer(text):
        if _reads_as_it_is(match[0]):
            continue
        add(text[at : match.start()], at, exact=True)
        for origin, group in _groups(match[0]):
            add(_normal_form(group), match.start() + origin, exact=False)
        at = match.end()
    add(text[at:], at, exact=True)
    return _Normal("".join(parts), starts, origins, is_exact, len(text))


def _reads_as_it_is(part: str) -> bool:
    return not part[0].isspace() and unicodedata.is_normalized("NFKC", part) and not _INVISIBLE.search(part)


def _groups(text: str) -> Iterable[tuple[int, str]]:
    """A letter with the marks that combine with it, each with its place; blanks together."""
    start = 0
    for place in range(1, len(text) + 1):
        is_same = place < len(text) and (
            unicodedata.combining(text[place]) or (text[place].isspace() and text[place - 1].isspace())
        )
        if not is_same:
            yield start, text[start:place]
            start = place


def _normal_form(group: str) -> str:
    return _BLANKS.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFKC", group)))
