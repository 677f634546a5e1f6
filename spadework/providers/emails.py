"""Clean e-mail: an address in its canonical form, out of the text around it."""

import re

from email_validator import EmailNotValidError, validate_email

from spadework.plug.provider import Capability, Found, LocalProvider, NotFound, Outcome, Refused
from spadework.plug.questions import NormalizeEmail, Question, Text

_LONGEST = 1_000
_WRAPPED = re.compile(r"<([^<>]+)>|mailto:([^\s?<>]+)", re.IGNORECASE)
_ANYWHERE = re.compile(r"[^\s<>()\[\],;:\"]+@[^\s<>()\[\],;:\"]+")


class Emails(LocalProvider):
    """Finds the address in "Jane Roe <Jane.Roe@Example.com>" and writes it the one usual way."""

    key = "emails"
    label = "E-mail cleaning"
    summary = "jane.roe@example.com from 'Jane Roe <Jane.Roe@EXAMPLE.com>': free, offline"
    docs_url = "https://github.com/JoshData/python-email-validator"
    capabilities = (Capability(question=NormalizeEmail, needs=(("value",),)),)

    def answer(self, question: Question) -> Outcome:
        """The address as `text`, wholly lower case; `parts` hold it as written, its local part, domain and tag."""
        if not isinstance(question, NormalizeEmail):
            return Refused("invalid_request", f"E-mail cleaning cannot answer {question.label or 'this question'!r}.")
        candidate = _candidate(question.value[:_LONGEST])
        if candidate is None:
            return NotFound(f"no e-mail address in {question.value[:100]!r}")
        try:
            checked = validate_email(candidate, check_deliverability=False, strict=True)
        except EmailNotValidError as error:
            return NotFound(f"{candidate[:100]!r} is no e-mail address: {error}")
        # The standard lets a server tell "Jane" from "jane"; none that people use does, and two spellings
        # of one address would be paid for and written to twice.
        local, domain = checked.local_part.lower(), checked.domain
        return Found(
            Text(
                text=f"{local}@{domain}",
                parts={
                    "as_written": checked.normalized,
                    "local_part": local,
                    "domain": domain,
                    "ascii_domain": checked.ascii_domain,
                    "tag": local.partition("+")[2] or None,
                    "without_tag": f"{local.partition('+')[0]}@{domain}",
                },
            )
        )


def _candidate(text: str) -> str | None:
    wrapped = _WRAPPED.search(text)
    inner = (wrapped[1] or wrapped[2]) if wrapped else text
    found = _ANYWHERE.search(inner)
    return found[0].strip(".'\"") if found else None
