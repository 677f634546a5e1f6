"""From an extraction's reply to claims: each entry by itself, so that a bad one never fails the rest; pure.

Source of the schema, its defaults and the rule that addresses are no claims: domain facts 2.3.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from spadework.plug import json_text, reading
from spadework.research.rules import quotes
from spadework.research.types.claims import (
    CLAIM_TYPES,
    CONFIDENCES,
    MAX_STATEMENT_CHARACTERS,
    SOURCE_TIERS,
    Claim,
    Confidence,
    Extraction,
    RejectedClaim,
    Source,
    SourceTier,
)

MAX_CLAIMS = 1000
_PREFIXES = {
    "signal_discovery": "search",
    "entity_research": "entity",
    "contact_discovery": "contact",
    "enrich_lead": "lead",
    "enrich_opportunity": "opp",
    "client_specific": "client",
}
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?:\+|\b00)\d[\d\s().-]{6,17}\d\b|\(?\b\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}\b")
_IS_ABOUT_ADDRESS = re.compile(r"\b(e-?mails?|phones?|telephones?|mobile|dial|call(ed)? at|reach(ed|able)?)\b", re.I)
_EMPTY_BRACKETS = re.compile(r"\s*[(\[<][\s,;:]*[)\]>]|\s*[,;:]\s*(?=[.)]|$)")
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:T.*)?")
_LETTERS = re.compile(r"[a-z]+")
_GIVEN_CHARACTERS = 300
_Word = TypeVar("_Word", bound=str)


def prefix_of(step: str) -> str:
    """What the ids of a step's claims begin with, from its key or id (`2-signal-discovery`); one for every step."""
    name = re.sub(r"^[\d.]+[a-z]?[-_]", "", step.strip().lower()).replace("-", "_")
    return _PREFIXES.get(name) or "_".join(_LETTERS.findall(name)) or "claim"


def claim_id(step: str, number: int) -> str:
    """The id of a step's claim: its prefix and three digits or more, from 001."""
    return f"{prefix_of(step)}_{number:03d}"


def read(reply: Any, *, step: str, sources: Sequence[Source] = (), first: int = 1) -> Extraction:
    """The claims of a reply (text, or already parsed), each with its quote looked for in the sources.

    What is missing takes its default, what cannot be a claim is listed in `rejected`. Ids are ours, from
    number `first`; whatever ids the reply gives count for nothing.
    """
    entries = _entries(reply)
    if entries is None:
        return Extraction(claims=(), rejected=(RejectedClaim(
            position=0, reason="The reply holds no list of claims.", given=str(reply)[:_GIVEN_CHARACTERS]
        ),))  # fmt: skip
    claims: list[Claim] = []
    rejected: list[RejectedClaim] = []
    details: list[str] = []
    for position, entry in enumerate(entries[:MAX_CLAIMS], 1):
        try:
            claim = _read_one(entry, claim_id(step, first + len(claims)), step)
        except ValueError as problem:
            rejected.append(RejectedClaim(position=position, reason=str(problem), given=str(entry)[:_GIVEN_CHARACTERS]))
            continue
        finally:
            details += _details(entry)
        claims.append(_supported(claim, sources))
    if len(entries) > MAX_CLAIMS:
        rejected.append(RejectedClaim(
            position=MAX_CLAIMS + 1, reason=f"One reply gives at most {MAX_CLAIMS} claims; the rest is left out.", given=""
        ))  # fmt: skip
    return Extraction(claims=tuple(claims), rejected=tuple(rejected), contact_details=tuple(dict.fromkeys(details)))


def confidence_ceiling(tier: SourceTier | None, *, is_specific: bool) -> Confidence:
    """The most a source of that tier can carry; None is a tier that nobody stated.

    HIGH: registry or company, and specific. MEDIUM: the press, or a vague company. LOW: anything else.
    """
    if tier in ("GOV", "PRIMARY"):
        return "HIGH" if is_specific else "MEDIUM"
    return "LOW" if tier == "OTHER" else "MEDIUM"


def is_specific(statement: str, on: date | None) -> bool:
    """Whether a statement names a number or a date, so that it could be wrong."""
    return on is not None or any(each.isdigit() for each in statement)


def weaker(one: Confidence, other: Confidence) -> Confidence:
    """The lower of two."""
    return max(one, other, key=CONFIDENCES.index)


def read_date(value: Any) -> date | None:
    """A date from `YYYY-MM-DD`; the first of the month or year where the rest is not given; None for anything else."""
    match = _DATE.fullmatch(str(value).strip()) if isinstance(value, str | int) else None
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return None


def texts(value: Any) -> tuple[str, ...]:
    """The texts of a list, or of one text; each once, without those of nothing."""
    return reading.texts([value] if isinstance(value, str) else value)


def without_details(text: str) -> str:
    """The text without e-mail addresses and telephone numbers and the brackets they leave empty."""
    bare = _PHONE.sub("", _EMAIL.sub("", text))
    return " ".join(_EMPTY_BRACKETS.sub("", bare).split()) if bare != text else text


# --- one entry -----------------------------------------------------------------------------------


def _entries(reply: Any) -> list[Any] | None:
    if isinstance(reply, str):
        objects: list[Any] = []
        for value in json_text.readings(reply):
            found = _listed(value)
            if found is not None:
                return found
            if isinstance(value, dict) and _first(value, "statement", "claim"):
                objects.append(value)  # of a reply that ends in the middle: what is whole of it
        return objects or None
    return _listed(reply)


def _listed(value: Any) -> list[Any] | None:
    if isinstance(value, Mapping):
        return next((value[name] for name in ("claims", "facts") if isinstance(value.get(name), list)), None)
    is_list_of_claims = isinstance(value, list) and (not value or any(isinstance(each, Mapping) for each in value))
    return value if is_list_of_claims else None


def _read_one(entry: Any, given_id: str, step: str) -> Claim:
    if not isinstance(entry, Mapping):
        raise ValueError("It is no object with a statement.")
    entry = reading.mapping(reading.clean(dict(entry)))
    said = _first(entry, "statement", "claim", "text")
    if not said:
        raise ValueError("It has no statement.")
    statement = " ".join(without_details(said).split())
    if statement != " ".join(said.split()) and _IS_ABOUT_ADDRESS.search(statement):
        raise ValueError("It is an e-mail address or telephone number: those belong to the contact.")
    if len(statement) > MAX_STATEMENT_CHARACTERS:
        raise ValueError(f"Its statement is longer than {MAX_STATEMENT_CHARACTERS} characters.")
    tier = _one_of(entry, ("source_tier", "tier"), SOURCE_TIERS)
    stated = _one_of(entry, ("confidence",), CONFIDENCES)
    kind = _one_of(entry, ("claim_type", "type"), CLAIM_TYPES)
    name = _first(entry, "source_name", "source")
    defaulted = [
        each
        for each, value in (("type", kind), ("source_tier", tier), ("confidence", stated), ("source_name", name))
        if not value
    ]
    on = read_date(entry.get("date_in_claim", entry.get("date")))
    ceiling = confidence_ceiling(tier, is_specific=is_specific(statement, on))
    url = _first(entry, "source_url", "url")
    return Claim(
        claim_id=given_id,
        type=kind or "NOTE",
        statement=statement,
        entities=tuple(without_details(each) for each in texts(entry.get("entities")) if without_details(each)),
        date_in_claim=on,
        source_url=url if url and url.startswith(("http://", "https://")) else None,
        source_name=name or "Unknown",
        source_tier=tier or "OTHER",
        confidence=weaker(stated or "MEDIUM", ceiling),
        source_step=step,
        quote=_without_addresses(_first(entry, "quote", "verbatim_quote", "evidence", "source_quote") or ""),
        defaulted=tuple(defaulted),
    )


def _supported(claim: Claim, sources: Sequence[Source]) -> Claim:
    evidence, problem = quotes.locate(claim.quote, quotes.order_by_address(sources, claim.source_url))
    if evidence is None:
        return replace(claim, unsupported_because=problem, confidence="LOW")
    source = quotes.find_named(sources, evidence.source_id)
    assert source is not None
    # Where the words stand is what counts, whichever page the model named.
    return replace(
        claim, evidence=evidence, quote=source.text[evidence.start : evidence.end], source_url=source.url,
        source_name=claim.source_name if "source_name" not in claim.defaulted else source.name or "Unknown",
    )  # fmt: skip


def _without_addresses(quote: str) -> str:
    """The longest part of a quote that holds no address or number: those must not live in claims."""
    return max((part.strip() for line in _EMAIL.split(quote) for part in _PHONE.split(line)), key=len, default="")


def _details(entry: Any) -> list[str]:
    said = " ".join(_texts_in(entry))
    return [each.strip() for each in (*_EMAIL.findall(said), *_PHONE.findall(said))]


def _texts_in(entry: Any) -> Iterable[str]:
    if isinstance(entry, Mapping):
        for name, value in entry.items():
            if name not in ("source_url", "url"):
                yield from _texts_in(value)
    elif isinstance(entry, list):
        for each in entry:
            yield from _texts_in(each)
    elif isinstance(entry, str):
        yield entry


def _first(entry: Mapping[str, Any], *names: str) -> str | None:
    return next((found for each in names if (found := reading.text(entry.get(each)))), None)


def _one_of(entry: Mapping[str, Any], names: Sequence[str], words: Sequence[_Word]) -> _Word | None:
    said = (_first(entry, *names) or "").upper()
    return next((each for each in words if each == said), None)
