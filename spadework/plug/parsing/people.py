"""People's names and titles out of the text around them; pure, offline and never raising."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nameparser import HumanName

_PARTICLES = frozenset("van von der den de del della di da dos du la le el al bin ibn af av ten ter zu y e t".split())  # noqa: SIM905  # a list of words reads best as words
_RANK = (
    r"(?:Senior|Executive|Vice|Co-?|Group|Global|Deputy|Managing|Interim|Acting|Lead|Independent|Non-Executive|"
    r"Principal|Corporate|Representative|Honorary|First|Founding|Assistant|Associate|General|Regional)"
)
_ROLE = (
    r"(?:President|Chairman|Chairwoman|Chairperson|Chair|Chief\s+(?:[A-Z&][\w&]*[,\s]+){1,5}?Officer|CEO|CFO|COO|CTO|"
    r"CIO|CMO|CPO|CRO|CHRO|CSO|CLO|CAO|EVP|SVP|VP|Director|Counsel|Secretary|Treasurer|Founder|Partner|Manager|"
    r"Officer|Owner|Controller|Banker)"
)
_TITLE = rf"(?:{_RANK}[\s-]+)*{_ROLE}(?:\s+(?:Emeritus|of\s+(?:the\s+)?[A-Z]\w+(?:\s+(?:of\s+)?[A-Z]\w+){{0,2}}))?"
_TITLES = rf"{_TITLE}(?:\s*(?:,\s*(?:and\s+)?|&|and|/|-|–)\s*{_TITLE})*"
_NAME = r"[^\W\d_][\w.'’\"“”()-]*(?:\s+(?!(?:and|&)\s)[\w.'’\"“”-]+){1,5}?(?:,?\s+(?:Jr|Sr|II|III|IV)\.?)?"
# Titles are matched in any case, names as written.
_NAME_THEN_TITLE = re.compile(rf"(?P<name>{_NAME})(?:\s*[,–-]\s*|\s+)(?P<titles>(?i:{_TITLES}))(?=$|[\s,;|])")
_FORMER = re.compile(r"\b(?:former|first|ex|past|retired|late|emeritus)\b", re.IGNORECASE)
_CEO = re.compile(r"\bC\.?E\.?O\b|\bchief executive\b", re.IGNORECASE)
_TITLE_THEN_NAME = re.compile(rf"(?P<titles>(?i:{_TITLES}))\s*:\s*(?P<name>{_NAME})(?=$|\s+(?i:{_TITLES})\s*:)")
# "Jacob (Jake) Leach" and "Takashi Tanaka (businessman)": a bracket that is no title.
_NICKNAME = re.compile(r"(?<=\w)\s*\(\s*([A-Z][a-z]+)\s*\)(?=\s+[A-Z][\w'’-]+\s*[(,])")
_NO_TITLE = re.compile(
    r"\(\s*(?:businessman|businesswoman|executive|politician|\d{4}\s*[-–]\s*(?:\d{4}|present)?)\s*\)"
)
# "CEO Americas" and "Chief Executive Officer, Global Distribution" head a part of the company.
_PART_OF_COMPANY = re.compile(
    r"\b(?:CEO|(?i:chief executive(?: officer)?))\s*(?:,\s*|of\s+|–\s*|-\s*)?(?!And\b|President\b|Chair)[A-Z][a-z]"
)
_BELOW_THE_TOP = (
    ("vp", r"vice[\s-]+(?:president|chair\w*)|[es]{0,2}vp"),
    ("head", r"head"),
    ("director", r"director"),
    ("manager", r"manager|lead"),
)
_CHIEF = re.compile(r"\bchief\b.{0,60}\bofficer\b|\bchief executive\b|\bchair(?:man|woman|person)?\b|\bpresident\b")
_C_LETTERS = frozenset("ceo cfo coo cto cio cmo cpo cro chro cso clo cao cdo cco ciso cbo cgo".split())  # noqa: SIM905  # as above
_LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """A person as a list of key people has them; `title` is None when the list gives none."""

    name: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class NameParts:
    """One person's name in parts; empty text where there is no such part."""

    title: str
    first: str
    middle: str
    last: str
    suffix: str
    nickname: str

    @property
    def full(self) -> str:
        """First, middle and last name with the suffix, without title and nickname."""
        return " ".join(each for each in (self.first, self.middle, self.last, self.suffix) if each)


def parse_key_people(text: object) -> tuple[NamedPerson, ...]:
    """The people of a list such as "John Holmes ( president & CEO ) Jane Roe, CFO", in order, each once.

    What does not look like a person's name is left out rather than guessed at.
    """
    if not isinstance(text, str):
        return ()
    text = re.sub(r"\s+", " ", text[:_LONGEST]).strip()
    text = _NICKNAME.sub(r' "\1"', _NO_TITLE.sub(" ", text))
    pairs = _by_brackets(text) if "(" in text else _by_commas(text)
    found: dict[str, NamedPerson] = {}
    for name, title in pairs:
        known = found.get(name.casefold())
        titles = [each for each in (known.title if known else None, title) if each]
        found[name.casefold()] = NamedPerson(known.name if known else name, ", ".join(titles) or None)
    return tuple(found.values())


def find_ceo(people: tuple[NamedPerson, ...]) -> str | None:
    """The chief executive's name among key people; None when nobody is said to be it now."""
    heads = [each for each in people if each.title and _CEO.search(each.title) and not _FORMER.search(each.title)]
    whole = [each for each in heads if not _PART_OF_COMPANY.search(each.title or "")]
    return (whole or heads)[0].name if heads else None


def seniority_of(title: str | None) -> str | None:
    """One of founder, c_suite, vp, head, director, manager for a job title, by whole words; None for others.

    "Director" holds "cto" only as letters, so words are compared whole.
    """
    if not title:
        return None
    lowered = title.casefold()[:1_000]
    words = set(re.findall(r"[a-z]+", lowered))
    if re.search(r"\b(?:co-?)?founder\b|\bowner\b", lowered):
        return "founder"
    without_vice = re.sub(r"\bvice[\s-]+(?:president|chair\w*)", " ", lowered)
    is_chief = _CHIEF.search(without_vice)
    if words & _C_LETTERS or is_chief:
        return "c_suite"
    for seniority, pattern in _BELOW_THE_TOP:
        if re.search(rf"\b(?:{pattern})\b", lowered):
            return seniority
    return None


def split_name(text: str) -> NameParts | None:
    """The parts of one person's name; None when there is no letter in it."""
    plain = re.sub(r"\s+", " ", text[:300]).strip()
    if not re.search(r"[^\W\d_]", plain):
        return None
    name = HumanName(plain)
    if plain.isupper() or plain.islower():
        name.capitalize(force=True)
    parts = NameParts(
        *(str(getattr(name, each)).strip() for each in ("title", "first", "middle", "last", "suffix", "nickname"))
    )
    return parts if parts.first or parts.last else NameParts("", plain, "", "", "", "")


def _by_brackets(text: str) -> Iterator[tuple[str, str | None]]:
    """Pairs from "Name (title) Name (title)"; a name's second bracket adds to its title."""
    last: str | None = None
    for body, note in _brackets(text):
        # An outline such as "PG&E Corporation: Robert Flexon" or a heading goes before the name.
        outside = re.sub(r"^List\s+", "", body.rpartition(":")[2]).strip(" ,;|–-•")
        outside = re.sub(r"^(?:and|&)\s+", "", outside)
        title = _tidy_title(note)
        if not outside and last and title:
            yield last, title
            continue
        *before, name = _listed(outside)
        yield from before
        last = None
        for each in [name[0]] if _looks_like_name(name[0]) else re.split(r"\s+(?:and|&)\s+|,\s+", name[0]):
            if _looks_like_name(each):
                last = each
                yield each, ", ".join(part for part in (name[1], title) if part) or None


def _listed(outside: str) -> list[tuple[str, str | None]]:
    """What stands before a bracket: mostly one name, sometimes "Jane Roe, CFO John Doe" run together."""
    if _looks_like_name(outside):
        return [(outside, None)]
    found = list(_by_commas(outside))
    rest = _NAME_THEN_TITLE.sub("", outside).strip(" ,;") if found else outside
    return [*found, (rest, None)] if rest or not found else found


def _brackets(text: str) -> Iterator[tuple[str, str]]:
    """The text in front of each outermost bracket, and what is inside."""
    depth, start, body = 0, 0, ""
    for index, letter in enumerate(text):
        if letter == "(":
            if depth == 0:
                body, start = text[start:index], index + 1
            depth += 1
        elif letter == ")" and depth:
            depth -= 1
            if depth == 0:
                yield body, text[start:index]
                start = index + 1
    rest = text[start:]
    if depth:
        yield body, rest
    elif rest.strip():
        yield rest, ""


def _by_commas(text: str) -> Iterator[tuple[str, str | None]]:
    """Pairs from "Name, Title Name, Title and Title"; a lone name counts too."""
    matches = list(_TITLE_THEN_NAME.finditer(text)) or list(_NAME_THEN_TITLE.finditer(text))
    for match in matches:
        name = match["name"].strip(" ,")
        if _looks_like_name(name):
            yield name, _tidy_title(match["titles"])
    if not matches and _looks_like_name(text.strip(" ,;.")):
        yield text.strip(" ,;."), None


def _tidy_title(text: str) -> str | None:
    text = re.sub(r"\s+([,)])", r"\1", text.replace("]", "").replace("[", ""))
    if not re.search(r"[^\W\d_]", text):
        return None
    text = re.sub(r"\s*\(corporate title\)", "", re.sub(r"\(\s+", "(", text))
    return re.sub(r"\s+", " ", text).strip(" ,;|–-") or None


def _looks_like_name(text: str) -> bool:
    words = [each for each in re.split(r"[\s]+", text) if each]
    if not 2 <= len(words) <= 7 or len(text) > 60 or re.search(r"[\d@:;/|]|,(?!\s+(?:Jr|Sr|II|III|IV|Bt)\b)", text):
        return False
    if re.search(rf"\b(?:{_ROLE[3:-1]}|Group|Corporation|Company|Inc|Ltd|Board)\b", text):
        return False
    capitals = [each for each in words if each.strip("\"'’‘“”.(").casefold() not in _PARTICLES]
    return all(each.lstrip("\"'’‘“”(d")[:1].isupper() or each[:1].isupper() for each in capitals)
