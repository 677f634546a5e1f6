"""Clean company name: a company's name as people say it, without legal form and share class."""

from spadework.plug.parsing.companies import clean_name
from spadework.plug.provider import Capability, Found, LocalProvider, NotFound, Outcome, Refused
from spadework.plug.questions import CleanCompanyName, Question, Text


class CompanyNames(LocalProvider):
    """Takes "Inc.", "GmbH & Co. KG" or "株式会社" off; a name that is only a legal form stays."""

    key = "company_names"
    label = "Company name cleaning"
    summary = "Adobe from 'Adobe Inc.': free, offline"
    docs_url = "https://github.com/psolin/cleanco"
    capabilities = (Capability(question=CleanCompanyName, needs=(("value",),)),)

    def answer(self, question: Question) -> Outcome:
        """The short name as `text`; `parts` hold the legal form that was taken off, None when there was none."""
        if not isinstance(question, CleanCompanyName):
            return Refused("invalid_request", f"Name cleaning cannot answer {question.label or 'this question'!r}.")
        cleaned = clean_name(question.value)
        if cleaned is None:
            return NotFound(f"no company name in {question.value[:100]!r}")
        return Found(Text(text=cleaned.name, parts={"legal_form": cleaned.legal_form or None}))
