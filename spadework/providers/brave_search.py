"""Brave Search: an index of its own, not Google's. api-dashboard.search.brave.com (read 2026-11).

Brave's terms restrict the keeping of its results; plans with storage rights exist. Check yours.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from spadework.core import clock
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
    Refused,
)
from spadework.plug.questions import Question, SearchWeb

_RESULTS_AT_MOST = 20
_REFUSALS: dict[int, RefusalKind] = {
    400: "invalid_request", 401: "bad_key", 402: "out_of_credits", 403: "forbidden", 404: "invalid_request",
    422: "invalid_request", 429: "rate_limited",
}  # fmt: skip
# The code counts more than the status: a bad key is 422, and so is a bad query.
_CODES: dict[str, RefusalKind] = {
    "SUBSCRIPTION_TOKEN_INVALID": "bad_key", "QUOTA_LIMITED": "out_of_credits", "RATE_LIMITED": "rate_limited",
    "OPTION_NOT_IN_PLAN": "forbidden", "RESOURCE_NOT_ALLOWED": "forbidden",
}  # fmt: skip


class BraveSearch(HttpProvider):
    """One GET; its rate headers hold a window for the second and one for the month, where 0 means no limit."""

    key = "brave_search"
    label = "Brave Search"
    docs_url = "https://api-dashboard.search.brave.com/app/documentation/web-search/get-started"
    summary = "Web search on an index of its own. Its terms restrict storing results."
    base_url = "https://api.search.brave.com/res/v1"
    rate = Rate(requests=20, per_seconds=1.0, concurrency=10)
    usd_per_credit = 0.005
    key_fields = (KeyField(name="api_key", label="Subscription token"),)
    capabilities: ClassVar[Sequence[Capability]] = (
        Capability(question=SearchWeb, price_credits=1, is_miss_charged=True, call_class="B", needs=(("query",),)),
    )

    def authorize(self, request: HttpRequest, credentials: Mapping[str, str]) -> HttpRequest:
        """The request with the key in `X-Subscription-Token`."""
        return request.with_headers(X_Subscription_Token=credentials.get("api_key", ""))

    def request(self, question: Question) -> HttpRequest:
        """The search, for at most 20 results.

        Raises:
            InvalidInput: another question, or a part of it cannot be read.
        """
        if not isinstance(question, SearchWeb):
            raise InvalidInput(f"Brave Search does not answer {question.label!r}. Choose another provider.")
        after, hosts = web_answers.check_search(question)
        wanted: dict[str, str | int | float | bool | list[str]] = {
            "q": web_answers.with_sites(question.query, hosts),
            "count": max(1, min(question.limit, _RESULTS_AT_MOST)),
            "text_decorations": False,
        }
        if after:
            # A range needs both ends; there is no "since".
            wanted["freshness"] = f"{after.isoformat()}to{clock.now().date().isoformat()}"
        return HttpRequest(
            url=f"{self.base_url}/web/search",
            params=wanted,
            headers={"Accept": "application/json"},
            purpose=question.capability,
        )

    def interpret(self, request: HttpRequest, response: HttpResponse) -> Outcome:
        """The outcome of any Brave reply."""
        body = reading.mapping(reading.parse(response.body))
        if not 200 <= response.status < 300:
            return self._refusal(response, body)
        if body.get("type") != "search":
            return self._garbage(response)
        # There is no `web` at all when nothing was found.
        listed = reading.mapping(body.get("web")).get("results", [] if "web" not in body else None)
        if listed == []:
            return NotFound()
        found = web_answers.results(
            reading.mappings(listed), response, url="url", snippet="description", published="page_age"
        )
        return Found(found) if found else self._garbage(response)

    def _refusal(self, response: HttpResponse, body: dict[str, Any]) -> Refused:
        errors = reading.mappings(body.get("errors"))
        error = reading.mapping(body.get("error")) or (errors[0] if errors else {})
        kind = _REFUSALS.get(response.status, "vendor_down" if response.status >= 500 else "garbage")
        kind = _CODES.get(reading.text(error.get("code")) or "", kind)
        details = reading.mappings(reading.mapping(error.get("meta")).get("errors"))
        if any("x-subscription-token" in reading.texts(each.get("loc")) for each in details):
            kind = "bad_key"
        return reading.refused(self.label, kind, response, reading.text_at(error, "detail", "code"))

    def _garbage(self, response: HttpResponse) -> Refused:
        return reading.refused(self.label, "garbage", response, response.text[:100])
