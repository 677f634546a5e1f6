"""E-mail pattern guess: first.last@domain, marked as a guess; nobody has seen the address."""

import re
import unicodedata

from spadework.plug.parsing.domains import domain_of
from spadework.plug.parsing.people import NameParts, split_name
from spadework.plug.provider import Capability, Found, LocalProvider, NotFound, Outcome, Refused
from spadework.plug.questions import EmailFound, FindEmail, Question

# Clay's own figure for its guessing step: 31 % of first.last addresses verified in a sample of software
# companies. Vendors of address finders print higher shares, without a sample.
_FIRST_DOT_LAST_PERCENT = 31
_LETTERS = str.maketrans({
    "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "æ": "ae", "å": "a", "ł": "l", "đ": "d", "þ": "th", "ð": "d",
    "œ": "oe", "ı": "i",
})  # fmt: skip
_PARTICLES = re.compile(
    r"^(?:(?:van|von|der|den|de|del|della|di|da|dos|du|la|le|el|al|bin|ter|ten|zu)\s+)+", re.IGNORECASE
)


class EmailPatterns(LocalProvider):
    """Guesses the one most usual address; put a validator after it, never send to it unchecked."""

    key = "email_patterns"
    label = "E-mail pattern guess"
    summary = "first.last@domain, marked as a guess: free, offline; needs a validator"
    docs_url = "https://www.clay.com/university"
    capabilities = (
        Capability(question=FindEmail, needs=(("domain", "full_name"), ("domain", "first_name", "last_name"))),
    )

    def answer(self, question: Question) -> Outcome:
        """The guess with `is_guess`, or NotFound when domain or one of both names is missing."""
        if not isinstance(question, FindEmail):
            return Refused("invalid_request", f"Pattern guess cannot answer {question.label or 'this question'!r}.")
        domain = domain_of(question.domain)
        if domain is None:
            return NotFound(f"{question.domain[:100]!r} is no domain")
        first, last = (_local(each) for each in _names(question))
        if not first or not last:
            return NotFound("a guess needs a first and a last name in letters that an address can hold")
        return Found(
            EmailFound(
                email=f"{first}.{last}@{domain}",
                confidence_percent=_FIRST_DOT_LAST_PERCENT,
                status="unknown",
                is_guess=True,
                sources=("pattern first.last",),
            )
        )


def _names(question: FindEmail) -> tuple[str, str]:
    if question.first_name.strip() and question.last_name.strip():
        return question.first_name, question.last_name
    parts = split_name(question.full_name) or NameParts("", "", "", "", "", "")
    return parts.first, parts.last


def _local(name: str) -> str:
    """The name as an address has it: ASCII lower case, one word; empty when letters would have to be invented."""
    words = _PARTICLES.sub("", unicodedata.normalize("NFC", name).strip().casefold()).translate(_LETTERS)
    plain = "".join(each for each in unicodedata.normalize("NFKD", words) if not unicodedata.combining(each))
    letters = re.sub(r"[\s'’.]", "", plain)
    return letters if re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?", letters) else ""
