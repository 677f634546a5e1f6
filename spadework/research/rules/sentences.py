"""Splits text into sentences with the claims each cites, and says whether those claims carry it; pure.

A citation alone proves nothing: the cited claims must hold the sentence's numbers and names, and share
words with it. What fails is kept and shown, never quietly dropped.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from spadework.research.rules.people import words_of
from spadework.research.types.claims import MergedClaim
from spadework.research.types.dossiers import Sentence

CITATION = re.compile(r"\s*\[\s*((?:[A-Za-z]+_\d+)(?:\s*[,;]\s*[A-Za-z]+_\d+)*)\s*\]")
_ID = re.compile(r"[A-Za-z]+_\d+")
_END = re.compile(r"(?<=[.!?…])(?:[\"'”’)]*)(?=\s+[\"'“‘(]?[A-Z0-9À-Þ])|\n+")
_ABBREVIATIONS = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Inc|Ltd|Co|Corp|Jr|Sr|No|vs|approx|est|e\.g|i\.e|U\.S|U\.K"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)|\b[A-Z])\.$"
)
_NUMBER = re.compile(r"(?<![A-Za-z\d.,])\d+(?:[.,]\d+)*")
_NAME = re.compile(r"(?:(?<=\s)|(?<=[(\"'“‘]))[A-ZÀ-Þ][\w’'&.-]*[\w]|(?<=\s)[A-Z]{2,}\b")
_PLAIN_WORDS = (
    "a an and are as at be because been but by can could do does for from had has have he her his how i if in into is"
    " it its may more most new no not now of on one or our out over own s say says she so some than that the their them"
    " then there they this to under up us use was we were what when which who will with would you your"
)
_MONTHS_IN_ORDER = "january february march april may june july august september october november december"
_PLAIN = frozenset(_PLAIN_WORDS.split())
_CALENDAR = frozenset(
    [*_MONTHS_IN_ORDER.split(), "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
)
_MONTH_NUMBERS = {name: number for number, name in enumerate(_MONTHS_IN_ORDER.split(), 1)}


@dataclass(frozen=True, slots=True)
class Cited:
    """One sentence without its marks, and the ids that stood in them."""

    text: str
    claim_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Support:
    """What sentences may stand on: usable merged claims by id, the others by id with why not, and known words.

    `known_words` are names the dossier may use without a claim: the client's own, the section's questions.
    """

    usable: Mapping[str, MergedClaim]
    unusable: Mapping[str, str]
    known_words: frozenset[str] = frozenset()


def support_of(claims: Sequence[MergedClaim], *, known: Collection[str] = ()) -> Support:
    """What sentences may stand on; `known` are names that need no claim."""
    unusable = {
        each.merged_claim_id: each.invalid_because or "no stored source holds its quote"
        for each in claims
        if not each.is_usable
    }
    return Support(
        usable={each.merged_claim_id: each for each in claims if each.is_usable},
        unusable=unusable,
        known_words=frozenset(word for text in known for word in words_of(text)),
    )


def split(text: str) -> list[Cited]:
    """The sentences of a text. Marks such as `[MERGED_001]` belong to the sentence they follow or stand in."""
    sentences: list[Cited] = []
    for piece in _pieces(text):
        ids = tuple(dict.fromkeys(found.upper() for mark in CITATION.findall(piece) for found in _ID.findall(mark)))
        bare = " ".join(CITATION.sub("", piece).split())
        bare = re.sub(r"\s+([.,;:!?])(?=\s|$)", r"\1", bare)
        if not any(each.isalnum() for each in bare):
            if sentences and ids:  # marks after the full stop
                last = sentences[-1]
                sentences[-1] = Cited(last.text, tuple(dict.fromkeys((*last.claim_ids, *ids))))
            continue
        sentences.append(Cited(bare, ids))
    return sentences


def check(path: str, cited: Cited, support: Support, *, is_advice: bool = False) -> Sentence:
    """The sentence with whether the claims it cites carry it, and what is wrong when they do not.

    Advice draws on claims in its own words: it may share none with them, but every number and name in it
    must be theirs.
    """
    if not cited.claim_ids:
        return Sentence(path=path, text=cited.text, status="uncited", problem="It cites no claim.")
    unknown = [each for each in cited.claim_ids if each not in support.usable and each not in support.unusable]
    if unknown:
        return Sentence(
            path=path, text=cited.text, claim_ids=cited.claim_ids, status="unknown_claim",
            problem=f"It cites {', '.join(unknown)[:200]}, which was not given.",
        )  # fmt: skip
    if refused := [each for each in cited.claim_ids if each in support.unusable]:
        return Sentence(
            path=path, text=cited.text, claim_ids=cited.claim_ids, status="unsupported",
            problem=f"It cites {refused[0]}, which must not be used: {support.unusable[refused[0]]}",
        )  # fmt: skip
    problem = _beyond(cited, support, is_advice=is_advice)
    return Sentence(
        path=path, text=cited.text, claim_ids=cited.claim_ids, status="unsupported" if problem else "supported",
        problem=problem,
    )  # fmt: skip


def trace(text: str, support: Support) -> tuple[str, ...]:
    """The first usable claim that carries a short fact which cites nothing; none when no single claim does."""
    for name in support.usable:
        if _beyond(Cited(text, (name,)), support) is None:
            return (name,)
    return ()


def style_problems(text: str) -> list[str]:
    """What the writing rules forbid: dashes between clauses and semicolons."""
    problems = ["an em dash"] if "—" in text else []
    return [*problems, "a semicolon"] if ";" in text else problems


def _pieces(text: str) -> list[str]:
    """The text cut after each sentence; marks that follow a full stop stay with what they follow."""
    marked = CITATION.sub(lambda match: "\x00" + match[0].strip(), text)
    pieces: list[str] = []
    start = 0
    # Marks after the end are moved before it, so that "It opens. [A_1] It grows." reads like "It opens [A_1]. It grows."
    marked = re.sub(r"([.!?…][\"'”’)]*)((?:\x00\[[^\]]*\])+)", r"\2\1", marked).replace("\x00", " ")
    for match in _END.finditer(marked):
        piece = marked[start : match.end()]
        if "\n" not in match[0] and _ABBREVIATIONS.search(CITATION.sub("", piece).strip()):
            continue
        pieces.append(piece)
        start = match.end()
    return [*pieces, marked[start:]]


def _beyond(cited: Cited, support: Support, *, is_advice: bool = False) -> str | None:
    """What the sentence says that its claims do not; None when nothing was found."""
    claims = [support.usable[each] for each in cited.claim_ids]
    said = " ".join(_said(each) for each in claims)
    words = set(words_of(said))
    numbers = {_plain_number(each) for each in _NUMBER.findall(said)} | _date_numbers(claims)
    if odd := [each for each in _NUMBER.findall(cited.text) if _plain_number(each) not in numbers]:
        return f"Its claims do not say {odd[0]}."
    names = [name for name in _NAME.findall(cited.text) if not _is_known(name, words, support.known_words)]
    if names:
        return f"Its claims do not name {names[0]}."
    own = {_stem(each) for each in words_of(cited.text)} - _PLAIN
    if not is_advice and own and not own & {_stem(each) for each in words}:
        return "It shares no word with the claims it cites."
    return None


def _said(claim: MergedClaim) -> str:
    quotes = (each.quote for each in claim.sources if each.is_supported)
    on = claim.date_in_claim
    return " ".join([claim.statement, *claim.entities, *quotes, f"{on:%B %Y %Y-%m-%d}" if on else ""])


def _is_known(name: str, words: Collection[str], known: Collection[str]) -> bool:
    parts = words_of(re.sub(r"['’]s$", "", name))
    return all(each in words or each in known or each in _PLAIN or each in _CALENDAR for each in parts)


def _plain_number(text: str) -> str:
    bare = text.replace(",", "").rstrip(".")
    return bare.rstrip("0").rstrip(".") if "." in bare else bare.lstrip("0") or "0"


def _date_numbers(claims: Sequence[MergedClaim]) -> set[str]:
    """The numbers a claim's dates may be written with."""
    found: set[str] = set()
    for claim in claims:
        if claim.date_in_claim:
            found |= {str(claim.date_in_claim.year), str(claim.date_in_claim.month), str(claim.date_in_claim.day)}
        found |= {str(number) for name, number in _MONTH_NUMBERS.items() if name in claim.statement.casefold()}
    return found


def _stem(word: str) -> str:
    return word[:5]
