"""The bundled directory of listed companies: about 1,800 real ones from the `pytickersymbols` package.

Names, industries, seats, head-counts, revenue, websites and key people come from Wikipedia's infoboxes and
stock indices as that package has them; whatever could not be read as a number, place or year stays in `raw`.
"""

import copy
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from spadework.plug.parsing import industries
from spadework.plug.parsing.amounts import Band, parse_band, parse_count, parse_money, parse_year
from spadework.plug.parsing.companies import match_key
from spadework.plug.parsing.domains import Website, domain_of, parse_website
from spadework.plug.parsing.people import NamedPerson, find_ceo, parse_key_people, seniority_of, split_name
from spadework.plug.parsing.places import fill_place, parse_place, place_fits
from spadework.plug.provider import Capability, Found, LocalProvider, NotFound, Outcome, Refused
from spadework.plug.questions import (
    Companies,
    Company,
    EnrichCompany,
    FindCompanies,
    FindPeople,
    People,
    Person,
    Place,
    Question,
)

# Outside of these, an amount is a slip of the source ("1.419 yen", "¥ 4,395 trillion"), not a company's revenue.
_LEAST_REVENUE, _MOST_REVENUE = 100_000, 100e12


class Directory(LocalProvider):
    """Finds, describes and lists the key people of the bundled companies; the same question gives the same answer.

    A company whose size, revenue or founding year is not known is left out when that is filtered for.
    """

    key = "directory"
    label = "Company directory"
    summary = "About 1,800 real listed companies, bundled: free, offline, no key"
    docs_url = "https://github.com/portfolioplus/pytickersymbols"
    capabilities = (
        Capability(question=FindCompanies),
        Capability(question=EnrichCompany, needs=(("domain",), ("name",))),
        Capability(question=FindPeople, needs=(("company_domain",), ("company_name",))),
    )

    def answer(self, question: Question) -> Outcome:
        """Found, or NotFound with the reason; Refused only for a question this source does not take."""
        if isinstance(question, FindCompanies):
            return _find(question)
        if isinstance(question, EnrichCompany):
            entry = _look_up(question.domain, question.name)
            return Found(_handed_out(entry.company)) if entry else _unlisted(question.domain, question.name)
        if isinstance(question, FindPeople):
            return _people(question)
        return Refused("invalid_request", f"The company directory cannot answer {question.label or 'this question'!r}.")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One company with what its filters look at."""

    company: Company
    people: tuple[NamedPerson, ...]
    text: str


@dataclass(frozen=True, slots=True)
class _Index:
    entries: tuple[_Entry, ...]
    by_domain: Mapping[str, _Entry]
    by_name: Mapping[str, _Entry]


# --- asking --------------------------------------------------------------------------------------


def _find(question: FindCompanies) -> Outcome:
    wanted = [place for each in question.locations if (place := parse_place(each))]
    bands = [band for each in question.sizes if each.strip() and (band := parse_band(each))]
    unread = [each for each in question.sizes if each.strip() and parse_band(each) is None]
    if unread:
        return Refused("invalid_request", f"{unread[0]!r} is no size. Write a band such as '51-200' or '10,001+'.")
    if question.limit < 1:
        return Refused("invalid_request", f"A limit of {question.limit} asks for nothing. Use 1 or more.")
    found = [each.company for each in _index().entries if _fits(each, question, wanted, bands)]
    if not found:
        return NotFound(_why_nothing(question, wanted))
    chosen = tuple(_handed_out(each) for each in found[: question.limit])
    return Found(Companies(companies=chosen, total=len(found)))


def _fits(entry: _Entry, question: FindCompanies, wanted: list[Place], bands: list[Band]) -> bool:
    company = entry.company
    return (
        industries.matches_any(company.industries, question.industries)
        and (not wanted or any(place_fits(company.headquarters, each) for each in wanted))
        and (not bands or (company.employees is not None and any(b.holds(company.employees) for b in bands)))
        and _within(company.revenue_usd, question.revenue_min_usd, question.revenue_max_usd)
        and _within(company.founded_year, question.founded_from, question.founded_to)
        and (
            not any(each.strip() for each in question.keywords)
            or any(industries.has_phrase(entry.text, each) for each in question.keywords)
        )
    )


def _within(value: float | None, low: float | None, high: float | None) -> bool:
    if low is None and high is None:
        return True
    return value is not None and (low is None or value >= low) and (high is None or value <= high)


def _why_nothing(question: FindCompanies, wanted: list[Place]) -> str:
    """The first filter that alone matches nobody, else that no company matches all of them."""
    entries = _index().entries
    for text, place in zip([each for each in question.locations if each.strip()], wanted, strict=False):
        if not any(place_fits(each.company.headquarters, place) for each in entries):
            return f"no company of the directory has its seat in {text!r}"
    for text in question.industries:
        if text.strip() and not any(industries.matches(each.company.industries, text) for each in entries):
            return f"no company of the directory is in the industry {text!r}"
    return "no company of the directory matches all the filters"


def _people(question: FindPeople) -> Outcome:
    entry = _look_up(question.company_domain, question.company_name)
    if entry is None:
        return _unlisted(question.company_domain, question.company_name)
    people = [_person(each, entry.company) for each in entry.people]
    chosen = [each for each in people if _is_wanted(each, question)]
    if not chosen:
        listed = f"{len(people)} people of {entry.company.name} are listed, none with such a title"
        return NotFound(listed if people else f"no people of {entry.company.name} are listed")
    return Found(People(people=tuple(chosen[: max(question.limit, 0)]), total=len(chosen)))


def _is_wanted(person: Person, question: FindPeople) -> bool:
    titles = [each for each in question.titles if each.strip()]
    seniorities = {each.strip().casefold().replace("-", "_").replace(" ", "_") for each in question.seniorities}
    has_title = not titles or any(industries.has_phrase(person.title or "", each) for each in titles)
    return has_title and (not seniorities - {""} or person.seniority in seniorities)


def _person(named: NamedPerson, company: Company) -> Person:
    parts = split_name(named.name)
    return Person(
        full_name=named.name,
        first_name=(parts.first or None) if parts else None,
        last_name=(parts.last or None) if parts else None,
        title=named.title,
        seniority=seniority_of(named.title),
        company_name=company.name,
        company_domain=company.domain,
        raw={"name": named.name, "title": named.title},
    )


def _look_up(domain: str, name: str) -> _Entry | None:
    """The company of a domain, or of a name when no domain is given; a domain never falls back to the name."""
    if domain.strip():
        found = domain_of(domain)
        return _index().by_domain.get(found) if found else None
    return _index().by_name.get(match_key(name))


def _unlisted(domain: str, name: str) -> NotFound:
    return NotFound(f"{(domain or name).strip()[:200]!r} is not in the directory of listed companies")


def _handed_out(company: Company) -> Company:
    """The company with a `raw` of its own, so that no caller can change the directory."""
    return replace(company, raw=copy.deepcopy(company.raw))


# --- loading -------------------------------------------------------------------------------------


@cache
def _index() -> _Index:
    """Every company once, by name; read on first use (about a second) and kept."""
    # The package is one literal of 5 MB, which takes half a second to import; most commands never ask it.
    from pytickersymbols import PyTickerSymbols

    listed = [_entry(each) for each in PyTickerSymbols().get_all_stocks()]
    entries = sorted(_without_doubles(listed), key=_by_name)
    by_domain: dict[str, _Entry] = {}
    by_name: dict[str, _Entry] = {}
    for entry in entries:
        company = entry.company
        if company.domain:
            by_domain.setdefault(company.domain, entry)
        by_name.setdefault(match_key(company.name), entry)
    return _Index(tuple(entries), by_domain, by_name)


def _by_name(entry: _Entry) -> tuple[str, str]:
    return entry.company.name.casefold(), entry.company.source_id or ""


def _entry(stock: Mapping[str, Any]) -> _Entry:
    metadata: Mapping[str, Any] = stock.get("metadata") or {}
    people = parse_key_people(metadata.get("key_people"))
    labels = tuple(each for each in stock.get("industries") or () if isinstance(each, str) and each.strip())
    name = str(stock.get("name") or "").strip()
    company = _described(
        Company(
            name=name,
            industries=labels,
            ceo=find_ceo(people),
            founded_year=parse_year(metadata.get("founded")),
            ticker=stock.get("symbol") or None,
            source_id=stock.get("symbol") or next(iter(stock.get("isins") or ()), None) or name,
            raw=dict(stock),
        ),
        metadata,
        country=stock.get("country"),
    )
    text = " ; ".join([name, *labels, str(metadata.get("products") or "")])
    return _Entry(company, people, text)


def _keys(company: Company, country: str | None) -> frozenset[str]:
    """What two listings of one company share.

    A page or an ISIN counts only with the name's first word, because the source mixes some up ("Elis" has
    Elisa's); a name only with the country, because EQT of Stockholm is not EQT of Pittsburgh.
    """
    stock, name = company.raw, match_key(company.name)
    word = name.partition(" ")[0]
    keys = {f"name:{name}:{country}", *(f"isin:{word}:{each}" for each in stock.get("isins") or ())}
    page = (stock.get("metadata") or {}).get("wikipedia_url")
    return frozenset(keys | {f"page:{word}:{page}"} if page else keys)


def _described(company: Company, metadata: Mapping[str, Any], *, country: Any) -> Company:
    """The company with seat, website, head-count and revenue read from their texts."""
    seat = _seat(metadata.get("headquarters"), country)
    website: Website | None = parse_website(metadata.get("website"))
    count = parse_count(metadata.get("employees"))
    money = parse_money(metadata.get("revenue"), country_code=seat.country_code if seat else None)
    is_sane = money is not None and _LEAST_REVENUE <= money.amount <= _MOST_REVENUE
    is_usd_sane = money is not None and money.usd is not None and _LEAST_REVENUE <= money.usd <= 2e12
    return replace(
        company,
        headquarters=seat,
        domain=website.domain if website else None,
        website=website.url if website else None,
        employees=count.value if count else None,
        employees_year=count.year if count else None,
        revenue_usd=money.usd if money and is_usd_sane else None,
        revenue_currency=money.currency if money and is_sane else None,
        revenue_amount=money.amount if money and is_sane else None,
        revenue_year=money.year if money and (is_sane or is_usd_sane) else None,
    )


def _seat(headquarters: Any, country: Any) -> Place | None:
    """The seat; the `country` field, often "San Jose, California", fills what the headquarters leave open."""
    listed = parse_place(country) if isinstance(country, str) and country.casefold() != "none" else None
    place = parse_place(headquarters)
    if place is None or (place.city is None and place.country_code is None):
        return listed or place
    return fill_place(place, listed)


def _without_doubles(entries: Sequence[_Entry]) -> list[_Entry]:
    """One entry per company: share classes and second listings are merged into the one listed first."""
    countries: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if country := _country(entry.company):
            countries[match_key(entry.company.name)].add(country)
    kept: list[_Entry] = []
    seen: dict[str, int] = {}
    for entry in entries:
        namesakes = countries[match_key(entry.company.name)]
        country = _country(entry.company) or (next(iter(namesakes)) if len(namesakes) == 1 else None)
        keys = _keys(entry.company, country)
        at = next((seen[key] for key in sorted(keys) if key in seen), len(kept))
        if at < len(kept):
            kept[at] = _merged(kept[at], entry)
        else:
            kept.append(entry)
        seen |= dict.fromkeys(keys, at)
    return kept


def _country(company: Company) -> str | None:
    return company.headquarters.country_code if company.headquarters else None


def _merged(first: _Entry, second: _Entry) -> _Entry:
    """The first entry with what it lacks taken from the second."""
    own = [name for name in Company.__dataclass_fields__ if name not in ("raw", "industries", "name")]
    filled = {name: getattr(first.company, name) or getattr(second.company, name) for name in own}
    labels = tuple(dict.fromkeys(first.company.industries + second.company.industries))
    raw = {**first.company.raw, "also_listed": [*first.company.raw.get("also_listed", []), second.company.raw]}
    company = replace(first.company, **filled, industries=labels, raw=raw)
    return _Entry(company, first.people or second.people, f"{first.text} ; {second.text}")
