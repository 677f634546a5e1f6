"""Cities, regions and countries out of address-like text; pure, offline and never raising."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pycountry

from spadework.plug.questions import Place

_SUBDIVISIONS: Any = pycountry.subdivisions  # its methods carry no types
_ALIASES = {
    "us": "US", "u.s": "US", "u.s.a": "US", "usa": "US", "united states of america": "US", "america": "US",
    "uk": "GB", "u.k": "GB", "great britain": "GB", "britain": "GB", "england": "GB", "scotland": "GB",
    "wales": "GB", "northern ireland": "GB", "holland": "NL", "the netherlands": "NL", "south korea": "KR",
    "north korea": "KP", "russia": "RU", "turkey": "TR", "czech republic": "CZ", "vietnam": "VN",
    "iran": "IR", "syria": "SY", "laos": "LA", "ivory coast": "CI", "taiwan": "TW", "bolivia": "BO",
    "venezuela": "VE", "tanzania": "TZ", "moldova": "MD", "macau": "MO", "swaziland": "SZ", "burma": "MM",
    "republic of ireland": "IE", "uae": "AE", "u.a.e": "AE", "prc": "CN", "deutschland": "DE",
    "schweiz": "CH", "österreich": "AT", "españa": "ES", "italia": "IT", "the bahamas": "BS",
}  # fmt: skip
_HOME_NATIONS = {
    "england": "England", "scotland": "Scotland", "wales": "Wales", "northern ireland": "Northern Ireland",
}  # fmt: skip
# English names of regions that ISO 3166-2 lists only in the country's own language.
_ENGLISH_REGIONS = {
    "DE": "Bavaria|Upper Bavaria|Hesse|Lower Saxony|North Rhine-Westphalia|Rhineland-Palatinate|Saxony|"
    "Saxony-Anhalt|Thuringia",
    "IT": "Lombardy|Piedmont|Tuscany|Sicily|Sardinia|Apulia|Aosta Valley|Emilia–Romagna",
    "ES": "Andalusia|Catalonia|Basque Country|Navarre|Aragon|Castile and León|Biscay|Community of Madrid|Galicia",
    "FR": "Brittany|Normandy|Corsica|Île-de-France|Hauts-de-Seine|Ile-de-France",
    "CH": "Geneva|Lucerne|Basel|Basel-City|St. Gallen|Grisons|Vaud|Ticino",
    "NL": "North Holland|South Holland|North Brabant|Friesland",
    "BE": "Flanders|Wallonia|Brussels|Flemish Brabant|Walloon Brabant|Antwerp",
    "CA": "Quebec",
    "AT": "Styria|Carinthia|Tyrol|Lower Austria|Upper Austria",
    "SE": "Scania|Västra Götaland",
}
# In Tokyo the wards are one city to everybody; these are the cities of their own.
_TOKYO_CITIES = frozenset((
    "hachioji", "tachikawa", "musashino", "mitaka", "ome", "fuchu", "akishima", "chofu", "machida",
    "koganei", "kodaira", "hino", "higashimurayama", "kokubunji", "kunitachi", "fussa", "komae",
    "higashiyamato", "kiyose", "higashikurume", "musashimurayama", "tama", "inagi", "hamura", "akiruno",
    "nishitokyo",
))  # fmt: skip
_COORDINATES = re.compile(r"\d{1,3}°.*?;\s*-?\d+\.\d+|\d{1,3}°\S*|\ufeff", re.DOTALL)
_LABEL = re.compile(
    r"^(?:(?:registered|head|corporate|main|principal|legal|executive|operational|global|world)\s+)*"
    r"(?:headquarters?|head office|office|domicile(?: of [^:]*)?|seat|operations)\s*:\s*",
    re.IGNORECASE,
)
_MERELY_LEGAL = re.compile(r"registered|legal|domicile|\bseat\b", re.IGNORECASE)
_STREET = (
    "Avenue|Ave|Boulevard|Blvd|Street|Drive|Dr|Road|Rd|Lane|Plaza|Parkway|Way|Square|Tower|Building|Yards|"
    "Stars|Center|Centre|Campus|Headquarters"
)
_BEFORE_CITY = re.compile(
    rf"^\S.*?\b(?:{_STREET})\b\.?\s+(?=[^\W\d])|^\d.*?\bSt\b\.?\s+(?=[^\W\d])|^\D+\s\d{{1,4}}\s+(?=[^\W\d])"
)
_WARD = re.compile(r"-ku$|\barrondissement$|\bdistrict$", re.IGNORECASE)
_ENGLISH_COUNTY = re.compile(
    r"shire$|^(?:Surrey|Kent|Essex|Cornwall|Devon|Dorset|Norfolk|Suffolk|(?:East|West) Sussex)$"
)
_NAME_GOES_ON = frozenset({"City", "County", "Island", "Islands", "Township", "Springs"})  # "Jersey City"
_BUILDING = re.compile(r"\b(?:Building|Towers?|Center|Centre|Plaza|House|Headquarters)$")
_POSTAL = re.compile(r"\b(?:[A-Z]{1,2}[-‑])?\d{3,}(?:[-‑]\d+)*\b|〒|\b[A-Z]{1,2}\d[A-Z\d]?\s+\d[A-Z]{2}\b")
_LONGEST = 2_000


def parse_place(text: object) -> Place | None:
    """City, region and country of the first seat a text names, with the text itself as `raw`.

    A lone word is a US state, else a country, else a city; two capital letters are a US state where one
    has them ("CA" is California, "Canada" is written out). None for blank.
    """
    if not isinstance(text, str) or not text.strip():
        return None
    raw = text.strip()
    for seat, aside in _seats(text[:_LONGEST]):
        place = _from_parts(_parts(seat), raw=raw)
        if place is not None and place.country_code is None and "," in aside:
            around = _from_parts(_parts(aside), raw=raw)
            place = replace(around, city=place.city) if around and around.country_code else place
        if place is not None:
            return place
    return Place(raw=raw)


def fill_place(place: Place | None, other: Place | None) -> Place | None:
    """The place with what it lacks taken from another that agrees with it; `place` itself when they differ."""
    if place is None or other is None:
        return place or other
    agrees = all(
        not mine or not theirs or _same(mine, theirs)
        for mine, theirs in ((place.city, other.city), (place.country_code, other.country_code))
    )
    if not agrees:
        return place
    return Place(
        city=place.city or other.city,
        region=place.region or (other.region if place.city is None or _same(place.city, other.city) else None),
        country=place.country or other.country,
        country_code=place.country_code or other.country_code,
        raw=place.raw,
    )


def find_country(name: str) -> str | None:
    """The ISO 3166 two-letter code of a country's name, alias or three-letter code, else None."""
    key = _key(name).removeprefix("the ").strip(" .")
    return _countries().get(key)


def country_name(code: str) -> str | None:
    """The common English name of an ISO 3166 two-letter code."""
    country = pycountry.countries.get(alpha_2=code) if len(code) == 2 else None
    return str(getattr(country, "common_name", country.name)) if country else None


def find_us_state(name: str) -> str | None:
    """The full name of a US state (or D.C.) given in full or as its two capital letters, else None."""
    name = name.strip()
    if len(name) == 2 and not name.isupper():
        return None
    return _us_states().get(_key(name).replace(".", ""))


def place_fits(place: Place | None, wanted: Place) -> bool:
    """Whether a place lies in another: every part the wanted one states must be the same here."""
    if place is None:
        return False
    pairs = ((place.city, wanted.city), (place.region, wanted.region), (place.country_code, wanted.country_code))
    return any(want for _, want in pairs) and all(_same(have, want) for have, want in pairs if want)


def _seats(text: str) -> Iterator[tuple[str, str]]:
    """The text's seats with the aside after each, those of business before those that are merely legal."""
    text = _COORDINATES.sub(" ", text)
    text = re.sub(r"^\s*\([^)]*\)\s*:?|\([^()]*\)(?=\s*,)", " ", text)
    seats: list[tuple[str, str]] = []
    for body, note in re.findall(r"([^()]*)(?:\(([^()]*)\))?", text):
        # A label in the middle starts another seat: "Registered office : Madrid , Spain Corporate headquarters : …".
        cuts = re.split(r"(?=\b(?:Registered|Corporate|Legal|Operational)\b[\w ]*:)|;", body)
        seats += [(cut.strip(" ,"), note) for cut in cuts if cut.strip(" ,")]
    legal = [each for each in seats if _is_legal(*each)]
    for body, note in [each for each in seats if each not in legal] + legal:
        yield _LABEL.sub("", body), note


def _is_legal(body: str, note: str) -> bool:
    label = body.partition(":")[0] if ":" in body else ""
    words = f"{label} {note}"
    return bool(_MERELY_LEGAL.search(words)) and not re.search(r"corporate|operat", words, re.IGNORECASE)


def _parts(seat: str) -> list[str]:
    parts = [each for part in seat.split(",") if (each := part.strip(" .-–\t\n\r\u00a0;:"))]
    # "Tokyo 107-6332 Japan": the country may follow without a comma.
    words = parts[-1].split() if parts else []
    for size in range(min(len(words) - 1, 3), 0, -1):
        if _leading_country(" ".join(words[-size:])) and not find_us_state(parts[-1]):
            return [*parts[:-1], " ".join(words[:-size]), " ".join(words[-size:])]
    return parts


def _from_parts(parts: list[str], *, raw: str) -> Place | None:
    if not parts:
        return None
    if len(parts) == 1:
        return _from_word(parts[0], raw)
    is_american = any(find_country(part) == "US" for part in parts)
    for index in range(1, len(parts)):
        state = _leading_state(parts[index], is_american=is_american)
        after = parts[index + 1] if index + 1 < len(parts) else ""
        if state and _leading_state(after, is_american=is_american) == state:
            continue  # "New York, NY": the city, and then the state
        if state and _leading_country(after) in (None, "US"):
            return _place("US", state, _city(parts[:index]), raw)
        if code := _leading_country(parts[index]):
            return _abroad(code, parts[index], parts[:index], raw)
    return Place(city=_city(parts[:1]), raw=raw)


def _from_word(word: str, raw: str) -> Place | None:
    if state := find_us_state(word):
        return _place("US", state, None, raw)
    if code := find_country(word):
        return _place(code, _HOME_NATIONS.get(_key(word)), None, raw)
    city = _city([word])
    return Place(city=city, raw=raw) if city else None


def _abroad(code: str, country_part: str, before: list[str], raw: str) -> Place:
    """The place from the parts before a country; a region is taken off while a city remains before it."""
    before = [each for part in before if (each := _plain(part)) or re.search(r"\w", each)] or before
    region = next((name for key, name in _HOME_NATIONS.items() if _key(country_part).startswith(key)), None)
    ward = next((index for index, part in enumerate(before[:-1]) if _WARD.search(part)), None)
    city = before[ward + 1] if ward is not None else None
    last = before[-1]
    while found := _region(code, before[-1]) or _looks_like_region(code, before[-1]):
        region = region or found
        if len(before) == 1:
            break
        before = before[:-1]
    if region == "Tokyo" and _key(before[-1]) not in _TOKYO_CITIES:
        city = "Tokyo"
    city = _plain(city) if city else _city(before)
    if city is None and region:
        city = _city([last])  # "50 Rue du Mail, Brussels": the region is the city
    if code == "US" and city == "New York City":
        region = "New York"
    return _place(code, region, city, raw)


def _looks_like_region(code: str, part: str) -> str | None:
    if code == "GB" and _key(part) in _HOME_NATIONS:
        return _HOME_NATIONS[_key(part)]
    is_county = code != "US" and part.endswith(" County")
    return part if is_county or (code == "GB" and _ENGLISH_COUNTY.search(part)) else None


def _place(code: str, region: str | None, city: str | None, raw: str) -> Place:
    return Place(city=city, region=region, country=country_name(code), country_code=code, raw=raw)


def _city(before: list[str]) -> str | None:
    """The city at the end of the parts before region or country, without street, building and postal code."""
    parts = [part for part in before if _plain(part) and not _WARD.search(part)]
    if not parts:
        return None
    city = _plain(_BEFORE_CITY.sub("", re.sub(r"^(?:and|in|near|formerly)\s+", "", parts[-1], flags=re.IGNORECASE)))
    return None if not city or re.search(r"\d", city) or _BUILDING.search(city) or len(city) > 60 else city


def _plain(part: str) -> str:
    part = _POSTAL.sub(" ", part)
    part = re.sub(r"\b\d{1,2}(?:e|er|ème)\b", " ", part)  # "Paris 7e"
    part = re.sub(r"\b(?:Prefecture|Canton of|Province of|Greater)\b", " ", part, flags=re.IGNORECASE)
    return re.sub(r"\s+", " ", part).strip(" .-–:\"'")


def _leading_state(part: str, *, is_american: bool) -> str | None:
    """The US state a part is, or begins with where the text says it is in the US or only another seat follows."""
    if state := find_us_state(_POSTAL.sub("", part)):
        return state
    words = part.split()
    for size in (2, 1):
        state = find_us_state(" ".join(words[:size])) if len(words) > size else None
        if state and words[size] not in _NAME_GOES_ON and (is_american or words[size] == "and"):
            return state
    return None


def _leading_country(part: str) -> str | None:
    """The country a part is or begins with; what follows the name is another seat."""
    words = _POSTAL.sub("", part).split()
    for size in range(min(len(words), 5), 0, -1):
        name = " ".join(words[:size])
        # "and" and "in" are country codes too, so short ones count only in capitals.
        is_whole = words[size : size + 1] == [] or words[size] not in _NAME_GOES_ON
        if is_whole and (len(name.strip(".")) > 3 or name.isupper()) and (code := find_country(name)):
            return code
    return None


def _region(code: str, name: str) -> str | None:
    return _regions(code).get(_key(name))


@cache
def _regions(code: str) -> dict[str, str]:
    found = {_key(each): each for each in _ENGLISH_REGIONS.get(code, "").split("|") if each}
    for each in _SUBDIVISIONS.get(country_code=code) or ():
        found.setdefault(_key(each.name), each.name)
    return found


@cache
def _us_states() -> dict[str, str]:
    states = {}
    for each in _SUBDIVISIONS.get(country_code="US") or ():
        # Territories such as Puerto Rico are countries in ISO 3166 and are found there.
        if each.type in ("State", "District"):
            states[_key(each.name)] = states[each.code[3:].lower()] = each.name
    return {**states, "washington dc": "District of Columbia"}


@cache
def _countries() -> dict[str, str]:
    found: dict[str, str] = {}
    for each in pycountry.countries:
        names = [
            each.name,
            each.alpha_2,
            each.alpha_3,
            getattr(each, "common_name", ""),
            getattr(each, "official_name", ""),
        ]
        found |= {_key(name): each.alpha_2 for name in names if name}
    return found | {_key(name): code for name, code in _ALIASES.items()}


def _same(have: str | None, want: str | None) -> bool:
    return have is not None and want is not None and _place_key(have) == _place_key(want)


def _place_key(name: str) -> str:
    return _key(name).removesuffix(" city").replace("saint ", "st ").replace(".", "")


def _key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name)
    kept = "".join(each for each in plain if not unicodedata.combining(each))
    return re.sub(r"\s+", " ", kept).strip(" .").casefold()
