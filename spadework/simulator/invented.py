"""Invented people and companies: equal for equal seeds, and recognisable as invented at a glance.

Every surname begins with "Sim", every title ends in "(simulated)", every address and host ends in
`.example`, which RFC 2606 keeps free of real owners, and phone numbers are from 555-0100 to 555-0199.
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

Choice = TypeVar("Choice")
MARK = "(simulated)"
FIRST_NAMES = ("Amina", "Bruno", "Chiara", "Dmitri", "Edda", "Farid", "Greta", "Hiro", "Ines", "Jonas", "Kofi", "Lena")
LAST_NAMES = ("Simalder", "Simbeck", "Simcroft", "Simdale", "Simford", "Simgrove", "Simhurst", "Simlund", "Simwood")
TITLES = ("VP of Sales", "Head of Marketing", "Chief Revenue Officer", "Operations Director", "RevOps Manager")
COMPANY_WORDS = ("Amber", "Birch", "Cobalt", "Dune", "Ember", "Fjord", "Granite", "Harbour", "Indigo", "Juniper")
COMPANY_KINDS = ("Works", "Systems", "Foods", "Logistics", "Labs", "Partners")
INDUSTRIES = ("software", "logistics", "food production", "machinery", "retail", "financial services")


class Draw:
    """Numbers that depend on nothing but the seed and the texts, so that every run is the same."""

    def __init__(self, seed: int, *texts: str) -> None:
        joined = "\x1f".join((str(seed), *texts)).encode("utf-8", "replace")
        self._bytes = hashlib.blake2b(joined, digest_size=64).digest()

    def share(self, which: int = 0) -> float:
        """The `which`-th of sixteen independent numbers in [0, 1)."""
        return int.from_bytes(self._bytes[which * 4 : which * 4 + 4], "big") / 2**32

    def whole(self, low: int, high: int, which: int = 0) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.share(which) * (high - low + 1))

    def pick(self, choices: Sequence[Choice], which: int = 0) -> Choice:
        """One of the choices."""
        return choices[self.whole(0, len(choices) - 1, which)]

    def token(self, length: int = 24) -> str:
        """A made-up identifier that shows its origin."""
        return f"sim{self._bytes.hex()}"[:length]


@dataclass(frozen=True, slots=True)
class InventedPerson:
    """Somebody who does not exist; `email` is made from the name and the company's host."""

    id: str
    first_name: str
    last_name: str
    title: str
    email: str
    linkedin_url: str

    @property
    def name(self) -> str:
        """The whole name."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class InventedCompany:
    """A company that does not exist, or invented figures for one that was asked about."""

    id: str
    name: str
    domain: str
    industry: str
    employees: int
    revenue_usd: int
    founded_year: int
    city: str
    phone: str
    description: str


def person(
    draw: Draw, *, first_name: str = "", last_name: str = "", full_name: str = "", domain: str = "", id: str = ""
) -> InventedPerson:
    """A person with the names that were asked for, or invented ones, at that company."""
    if full_name and not (first_name and last_name):
        first_name, _, last_name = full_name.strip().rpartition(" ")
        first_name, last_name = first_name or last_name, last_name if first_name else ""
    first_name = first_name or draw.pick(FIRST_NAMES, 8)
    last_name = last_name or draw.pick(LAST_NAMES, 9)
    handle = ".".join(each for each in (_slug(first_name), _slug(last_name)) if each) or draw.token(12)
    return InventedPerson(
        id=id or draw.token(),
        first_name=first_name,
        last_name=last_name,
        title=f"{draw.pick(TITLES, 10)} {MARK}",
        email=f"{handle}@{host(domain or 'somewhere')}",
        linkedin_url=f"https://linkedin.example/in/{handle.replace('.', '-')}",
    )


def company(draw: Draw, *, domain: str = "", name: str = "") -> InventedCompany:
    """Invented figures for the company asked about, or for one that does not exist."""
    made_up = f"Sim {draw.pick(COMPANY_WORDS, 8)} {draw.pick(COMPANY_KINDS, 9)} {draw.whole(10, 99, 10)}"
    name = name or (domain.partition(".")[0].replace("-", " ").title() if domain else made_up)
    employees = int(10 ** (1 + 3.5 * draw.share(11)))
    return InventedCompany(
        id=draw.token(),
        name=name,
        domain=domain or f"{_slug(name)}.example",
        industry=draw.pick(INDUSTRIES, 12),
        employees=employees,
        revenue_usd=employees * draw.whole(80, 260, 13) * 1_000,
        founded_year=draw.whole(1950, 2022, 14),
        city="Simville",
        phone=f"+1555555{draw.whole(100, 199, 15):04d}",
        description=f"Invented figures for {name} {MARK}.",
    )


def host(domain: str) -> str:
    """A host that belongs to nobody for any domain: `acme.com` becomes `acme-com.example`."""
    bare = domain.lower().strip().removeprefix("www.").removesuffix(".example")
    return f"{_slug(bare) or 'somewhere'}.example"


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60]
