"""Invented values in the shape of masked ones; what a column holds is guessed from its name and its masks."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_FIRST = ("Ana", "Ben", "Chloé", "David", "Eva", "Farid", "Grace", "Hugo", "Ines", "Jürgen", "Kim", "Zoë")
_LAST = ("Adams", "Berg", "Costa", "Dupont", "Evans", "Fischer", "García", "Hansen", "Ito", "Jansen", "Klein", "Müller")
_COMPANIES = ("Northwind", "Alder & Co", "Blue Harbour", "Cedar, Inc.", "Delta Works", "Ember Lab", "Fjord AS", "Gable")
_CITIES = ("Berlin", "Paris", "Zürich", "Oslo", "Lyon", "Madrid", "Leeds", "Porto")
_COUNTRIES = ("Germany", "France", "Norway", "Spain", "Portugal", "Italy")
_WORDS = ("alpha", "bravo", "cedar", "delta", "ember", "fjord", "gable", "harbour", "indigo", "juniper")
_NAMED: tuple[tuple[tuple[str, ...], Sequence[str]], ...] = (
    (("first", "given", "vorname", "prenom"), _FIRST),
    (("last", "surname", "family", "nachname"), _LAST),
    (("company", "firm", "organisation", "organization", "employer", "account", "supplier", "vendor"), _COMPANIES),
    (("city", "town", "stadt", "ville"), _CITIES),
    (("country", "land", "pays"), _COUNTRIES),
)
_KEYS = re.compile(r"(^|[^a-z])(id|ids|key|no|nr|number|code|sku|ref|reference|email|mail|uuid|iban|serial)([^a-z]|$)")
_GROUPS = re.compile(
    r"region|status|state|type|categor|segment|group|department|currency|gender|stage|level|tier|priority|product|country"
)
_DATE = re.compile(r"(?P<a>#{1,4})(?P<s>[-/.])(?P<b>#{1,2})(?P=s)(?P<c>#{1,4})(?P<rest>[aA ]?.*)")
_TIME = re.compile(r"(?P<gap>[ Aa]*)#{1,2}:##(?P<seconds>:##)?(?P<rest>.*)")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NUMBER = re.compile(r"[^\w\s#]{0,2}\s?#[#.,' ]*\)?\s?[^\w\s#]?(\s?[A-Z]{3})?")
_MORE_DIGITS = re.compile(r"#|[,.' ]#{3}")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_FIRST_DAY = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Column:
    """A column to be filled: its real name, the masks seen in it, and how large a part of it is blank."""

    name: str
    masks: tuple[str, ...]
    blank_share: float

    @property
    def is_key(self) -> bool:
        """Whether its values probably tell rows apart, so that other files refer to them."""
        return bool(_KEYS.search(_CAMEL.sub("_", self.name).lower()))


def column_of(name: str, samples: Sequence[str]) -> Column:
    """The column of this name, judged by its masked samples."""
    filled = tuple(each for each in samples if each.strip())
    blanks = len(samples) - len(filled)
    return Column(name, filled, 0.3 if blanks and filled else 1.0 if blanks else 0.04)


def values(column: Column, *, seed: int, rows: int) -> list[str]:
    """One value for each row, in the shapes that were seen; blanks among them unless it is a key.

    Values depend on the seed and the column's name, not on the file: two files with a column of the same
    name and shape share most of its values, so that joining them finds something.
    """
    name = _CAMEL.sub("_", column.name).lower().strip()
    chance = random.Random(f"{seed}:{name}")  # noqa: S311 - a repeatable choice is wanted, not a secret
    if not column.masks:
        return ["" for _ in range(rows)]
    makers = [_maker(name, mask, chance) for mask in dict.fromkeys(column.masks)]
    is_group = bool(_GROUPS.search(name)) and not column.is_key
    made = [makers[no % len(makers)](no) for no in range(min(rows, 5) if is_group else rows)]
    found = [chance.choice(made) for _ in range(rows)] if is_group else made
    blank_share = 0.0 if column.is_key and column.blank_share < 0.1 else column.blank_share
    return ["" if chance.random() < blank_share else each for each in found]


def _maker(name: str, mask: str, chance: random.Random) -> Callable[[int], str]:
    """What makes one value of this shape, given the number of its row."""
    if _is_date(mask):
        return lambda no: _date(mask, chance)
    if _MAIL.fullmatch(mask):
        return lambda no: f"{_plain(chance.choice(_FIRST))}.{no + 1}@{chance.choice(('mail', 'post'))}.example.com"
    if _NUMBER.fullmatch(mask) and not _KEYS.search(name):
        return lambda no: _number(mask, chance)
    if (named := _named(name)) and _is_words(mask):
        return lambda no: _like(mask, chance.choice(named))
    if re.search(r"(^|[^a-z])name([^a-z]|$)", name) and _is_words(mask):
        return lambda no: _like(mask, f"{chance.choice(_FIRST)} {chance.choice(_LAST)}")
    if _KEYS.search(name) and "#" in mask:
        return lambda no: _numbered(mask, no, chance)
    return lambda no: _filled(mask, chance)


def _named(name: str) -> Sequence[str] | None:
    return next((words for parts, words in _NAMED if any(part in name for part in parts)), None)


def _is_words(mask: str) -> bool:
    return bool(re.fullmatch(r"[Aa][Aa .,'&-]*", mask))


def _like(mask: str, word: str) -> str:
    """The word in the mask's case; its length is the word's own, as lengths in a real column vary too."""
    if "a" not in mask:
        return word.upper()
    return word.lower() if "A" not in mask else word


def _plain(word: str) -> str:
    return "".join(each for each in word.lower() if each.isascii())


def _is_date(mask: str) -> bool:
    found = _DATE.fullmatch(mask)
    if not found or sorted((len(found["a"]), len(found["c"])))[1] < 2:
        return False
    return len(found["a"]) != 3 and len(found["c"]) != 3 and bool(not found["rest"] or _TIME.fullmatch(found["rest"]))


def _date(mask: str, chance: random.Random) -> str:
    """A real date in the mask's form; a day no greater than 12, so that it is one whichever part is the month."""
    found = _DATE.fullmatch(mask)
    assert found, mask
    day = _FIRST_DAY + timedelta(days=chance.randrange(700))
    day = day.replace(day=chance.randint(1, 12))
    year = f"{day.year:04}"
    if len(found["a"]) == 4:
        parts = [year, f"{day.month:02}", f"{day.day:02}"]
    else:
        first, second = (
            f"{each:02}" if len(part) == 2 else str(each) for part, each in (("##", day.day), ("##", day.month))
        )
        first, second = (
            str(int(each)) if len(part) == 1 else each for part, each in ((found["a"], first), (found["b"], second))
        )
        parts = [first, second, year if len(found["c"]) == 4 else year[2:]]
    text = found["s"].join(parts)
    if time := _TIME.fullmatch(found["rest"]):
        gap = "T" if "A" in time["gap"] else time["gap"]
        text += f"{gap}{chance.randrange(24):02}:{chance.randrange(60):02}"
        text += f":{chance.randrange(60):02}" if time["seconds"] else ""
        text += time["rest"].replace("A", "Z").replace("#", "0")
    return text


def _number(mask: str, chance: random.Random) -> str:
    """A number in the mask's form. One in ten is a digit longer, where no thousands are marked."""
    text = _digits(mask, chance)
    plain = re.fullmatch(r"#+", mask)
    return text + str(chance.randrange(10)) if plain and chance.random() < 0.1 else text


def _digits(mask: str, chance: random.Random) -> str:
    found: list[str] = []
    for at, each in enumerate(mask):
        is_leading = "#" not in mask[:at] and bool(_MORE_DIGITS.match(mask, at + 1))
        found.append(str(chance.randint(1 if is_leading else 0, 9)) if each == "#" else each)
    return "".join(found).replace("AAA", "EUR")


def _numbered(mask: str, no: int, chance: random.Random) -> str:
    """A value of its own for each row: the row's number in the last digits of the mask."""
    places = [at for at, each in enumerate(mask) if each == "#"]
    text = list(_filled(mask, random.Random(mask)))  # noqa: S311 - the same letters in each value
    digits = f"{no + 1:0{len(places)}}"[-len(places) :] if len(places) > 1 else str((no + 1) % 10)
    for at, digit in zip(places, digits, strict=True):
        text[at] = digit
    return "".join(text)


def _filled(mask: str, chance: random.Random) -> str:
    """Each run of letters becomes an invented word in its case, each # a digit; everything else stays."""
    parts = re.findall(r"[Aa]+|#+|[^Aa#]+", mask)
    return "".join(
        _word(each, chance) if each[0] in "Aa" else _digits(each, chance) if each[0] == "#" else _shown(each)
        for each in parts
    )


def _word(mask: str, chance: random.Random) -> str:
    word = "".join(chance.choice(_WORDS) for _ in range(len(mask) // 4 + 1))[: len(mask)]
    return "".join(letter.upper() if each == "A" else letter for letter, each in zip(word, mask, strict=True))


def _shown(text: str) -> str:
    """The control characters whose pictures a mask holds."""
    return "".join(chr(ord(each) - 0x2400) if "␉" <= each <= "␍" else each for each in text)
