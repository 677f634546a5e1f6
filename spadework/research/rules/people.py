"""Whether two mentions are one person, by name and company; pure.

Same name and company is one person, also when the title varies. Same name at another company is another
person. Where a company is not known the question stays open and both are kept. Source: domain facts 2.3.
"""

import re
import unicodedata
from collections.abc import Collection
from typing import Literal

Resolution = Literal["SAME_PERSON", "DIFFERENT_PERSON", "UNSURE"]

_WORD = re.compile(r"[^\W_]+")
_TITLES = frozenset({"dr", "mr", "mrs", "ms", "prof", "professor", "sir", "jr", "sr", "phd", "mba"})


def words_of(text: str) -> tuple[str, ...]:
    """The words of a name without accents, case and marks."""
    plain = unicodedata.normalize("NFKD", text)
    return tuple(_WORD.findall("".join(each for each in plain if not unicodedata.combining(each)).casefold()))


def is_same_name(one: str, other: str) -> bool:
    """Whether two names may be one person's: the same family name, and first names that agree as far as both go.

    "D. Field", "Dana Field" and "Dana R. Field" agree; "Dana Field" and "Drew Field" do not.
    """
    first, second = _name_words(one), _name_words(other)
    if not first or not second:
        return False
    if len(first) == 1 or len(second) == 1:
        return first == second
    if first[-1] != second[-1]:
        return False
    return _agrees(first[0], second[0])


def mentions(text_words: Collection[str], name: str) -> bool:
    """Whether all words of a name stand among the words of a text."""
    wanted = words_of(name)
    return bool(wanted) and all(each in text_words for each in wanted)


def compare(name: str, organization: str | None, other_name: str, other_organization: str | None) -> Resolution:
    """Whether two people with these names and companies are one."""
    if not is_same_name(name, other_name):
        return "DIFFERENT_PERSON"
    mine, theirs = words_of(organization or ""), words_of(other_organization or "")
    if not mine or not theirs:
        return "UNSURE"
    is_same = mine == theirs or mine[: len(theirs)] == theirs or theirs[: len(mine)] == mine
    return "SAME_PERSON" if is_same else "DIFFERENT_PERSON"


def _name_words(name: str) -> tuple[str, ...]:
    return tuple(each for each in words_of(name) if each not in _TITLES)


def _agrees(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) == 1 and one[0] == other[0])
