"""Serper: Google's results as JSON. serper.dev (read 2026-11)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from spadework.core.errors import InvalidInput
from spadework.core.http import HttpRequest, HttpResponse
from spadework.plug import reading, web_answers
from spadework.plug.provider import (
    Capability,
    Found,
    HttpProvider,
    KeyField,
    NotFound,
    Outcome,
    Rate,
    RefusalKind,
)
from spadework.plug.questions import Question, SearchWeb

# More than ten would cost two credits.
_RESULTS_AT_MOST = 10
_REFUSALS: dict[int, RefusalKind] = {
    400: "invalid_request", 401: "bad_key", 403: "bad_key", 404: "invalid_request", 422: "invalid_request",
    429: "rate_limited",
}  # fmt: skip


class Serper(HttpProvider):
    """One POST; a bad key is 403 and an empty account 400, told apart by its message."""

    key = "serper"
    label = "Serper"
    docs_url = "https://serper.dev/playground"
    summary = "Google's results as JSON: titles, snippets, dates."
    base_url = "https://google.serper.dev"
    rate = Rate(requests=50, per_seconds=1.0, concurrency=20)
    # The smallest pack; larger ones cost a third. Set yours in Settings.
    usd_per_credit = 0.001
    key_fields = (KeyField(name="api_key", label="API key"),)
    capabilities: ClassVar[Sequence[Capability]] = (
        Capability(question=SearchWeb, price_credits=1, is_miss_charged=True, call_class="B", needs=(("query",),)),
    )

    def authorize(self, request: HttpRequest, credentials: Mapping[str, str]) -> HttpRequest:
        """The request with the key in `X-API-KEY`."""
        return request.with_headers(X_API_KEY=credentials.get("api_key", ""))

    def request(self, question: Question) -> HttpRequest:
        """The search, for at most 10 results.

        Raises:
            InvalidInput: another question, or a part of it cannot be read.
        """
        if not isinstance(question, SearchWeb):
            raise InvalidInput(f"Serper does not answer {question.label!r}. Choose another provider.")
        after, hosts = web_answers.check_search(question)
        wanted: dict[str, Any] = {
            "q": web_answers.with_sites(question.query, hosts),
            "num": max(1, min(question.limit, _RESULTS_AT_MOST)),
        }
        if after:
            # Google's own notation of a range of days, month first.
            wanted["tbs"] = f"cdr:1,cd_min:{after.month}/{after.day}/{after.year}"
        return HttpRequest(
            method="POST", url=f"{self.base_url}/search", json_body=wanted, purpose=question.capability
        )  # fmt: skip

    def interpret(self, request: HttpRequest, response: HttpResponse) -> Outcome:
        """The outcome of any Serper reply."""
        body = reading.mapping(reading.parse(response.body))
        said = reading.text(body.get("message")) or ""
        if not 200 <= response.status < 300:
            kind = _REFUSALS.get(response.status, "vendor_down" if response.status >= 500 else "garbage")
            if response.status == 400 and "credits" in said.lower():
                kind = "out_of_credits"
            return reading.refused(self.label, kind, response, said)
        listed = body.get("organic", [] if "searchParameters" in body else None)
        if listed == []:
            return NotFound()
        found = web_answers.results(reading.mappings(listed), response, url="link", snippet="snippet", published="date")
        if found is None:
            return reading.refused(self.label, "garbage", response, response.text[:100])
        return Found(found, charged_credits=reading.amount(body.get("credits")))
