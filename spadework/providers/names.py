"""Split name: a person's name in its parts."""

from spadework.plug.parsing.people import split_name
from spadework.plug.provider import Capability, Found, LocalProvider, NotFound, Outcome, Refused
from spadework.plug.questions import ParseName, Question, Text


class Names(LocalProvider):
    """Splits "Dr. Jane A. Roe Jr." into title, first, middle, last, suffix and nickname."""

    key = "names"
    label = "Name splitting"
    summary = "First and last name from 'Dr. Jane A. Roe Jr.': free, offline"
    docs_url = "https://nameparser.readthedocs.io/"
    capabilities = (Capability(question=ParseName, needs=(("value",),)),)

    def answer(self, question: Question) -> Outcome:
        """The name without title as `text`; `parts` hold first_name, last_name and the rest, None where absent."""
        if not isinstance(question, ParseName):
            return Refused("invalid_request", f"Name splitting cannot answer {question.label or 'this question'!r}.")
        parts = split_name(question.value)
        if parts is None:
            return NotFound(f"no name in {question.value[:100]!r}")
        return Found(
            Text(
                text=parts.full,
                parts={
                    "first_name": parts.first or None,
                    "last_name": parts.last or None,
                    "middle_name": parts.middle or None,
                    "title": parts.title or None,
                    "suffix": parts.suffix or None,
                    "nickname": parts.nickname or None,
                },
            )
        )
