"""Firecrawl: web search, and the text of pages as a browser sees them. docs.firecrawl.dev, v2 (read 2026-11)."""

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
    Pending,
    Rate,
    RefusalKind,
    Refused,
)
from spadework.plug.questions import AccountBalance, Balance, Question, ReadPage, SearchWeb, Text

_RESULTS_AT_MOST = 10
_REFUSALS: dict[int, RefusalKind] = {
    400: "invalid_request", 401: "bad_key", 402: "out_of_credits", 403: "forbidden", 404: "invalid_request",
    408: "vendor_down", 409: "invalid_request", 422: "invalid_request", 429: "rate_limited",
}  # fmt: skip
_RUNNING = ("processing", "scraping")


class Firecrawl(HttpProvider):
    """Pages cost a credit each, a search about one for each hit; extracts and crawls are polled until they end."""

    key = "firecrawl"
    label = "Firecrawl"
    docs_url = "https://docs.firecrawl.dev/api-reference/v2-introduction"
    summary = "Web search, and the text of pages as a browser sees them, scripts run."
    base_url = "https://api.firecrawl.dev/v2"
    rate = Rate(requests=100, per_seconds=60.0, concurrency=5)
    # About what a credit costs on the smallest paid plan. Everyone's price differs; set yours in Settings.
    usd_per_credit = 0.0053
    key_fields = (KeyField(name="api_key", label="API key"),)
    capabilities: ClassVar[Sequence[Capability]] = (
        Capability(question=SearchWeb, price_credits=_RESULTS_AT_MOST, call_class="B", needs=(("query",),)),
        Capability(question=ReadPage, price_credits=1, call_class="B", needs=(("url",),)),
        Capability(question=AccountBalance, call_class="C"),
    )

    def authorize(self, request: HttpRequest, credentials: Mapping[str, str]) -> HttpRequest:
        """The request with the key as a bearer token."""
        return request.with_headers(Authorization=f"Bearer {credentials.get('api_key', '')}")

    def request(self, question: Question) -> HttpRequest:
        """The request that asks the question; a search lists at most 10.

        Raises:
            InvalidInput: Firecrawl does not answer such a question, or a part of it cannot be read.
        """
        match question:
            case SearchWeb():
                return _post("search", question, _search(question))
            case ReadPage():
                # Each page of a PDF costs a credit, so only the first is read: the price above is the most.
                parsers = [{"type": "pdf", "maxPages": 1}]
                return _post("scrape", question, {"url": question.url, "formats": ["markdown"], "parsers": parsers})
            case AccountBalance():
                return HttpRequest(url=f"{self.base_url}/team/credit-usage", purpose=question.capability)
        raise InvalidInput(f"Firecrawl does not answer {question.label!r}. Choose another provider.")

    def interpret(self, request: HttpRequest, response: HttpResponse) -> Outcome:
        """The outcome of any Firecrawl reply; the path says which."""
        body = reading.mapping(reading.parse(response.body))
        if not 200 <= response.status < 300 or body.get("success") is False:
            kind = _REFUSALS.get(response.status, "vendor_down" if response.status >= 500 else "garbage")
            return reading.refused(self.label, kind, response, body.get("error"))
        path = reading.path(request).partition("/v2/")[2]
        if path == "search":
            return self._results(response, body)
        if path == "scrape":
            return self._page(reading.mapping(request.json_body).get("url"), response, body.get("data"))
        if path == "team/credit-usage":
            left = reading.amount(reading.mapping(body.get("data")).get("remainingCredits"))
            return Found(Balance(credits_left=left)) if left is not None else self._garbage(response)
        if path.split("/")[0] in ("extract", "crawl"):
            return self._job(path, request, response, body)
        return self._garbage(response)

    def _results(self, response: HttpResponse, body: dict[str, Any]) -> Outcome:
        listed = reading.mapping(body.get("data")).get("web")
        if listed == []:
            return NotFound()
        found = web_answers.results(
            reading.mappings(listed), response, url="url", snippet="description", published="date"
        )
        cost = reading.amount(body.get("creditsUsed"))
        return Found(found, charged_credits=cost) if found else self._garbage(response)

    def _page(self, asked: Any, response: HttpResponse, value: Any) -> Outcome:
        document = reading.mapping(value)
        about = reading.mapping(document.get("metadata"))
        # The site's own errors come as successes, with the error page for a text.
        status = reading.whole(about.get("statusCode")) or 200
        if status in (404, 410):
            return NotFound(f"the site has no such page (HTTP {status})")
        if status >= 400:
            return reading.refused(self.label, "forbidden", response, f"the site answered HTTP {status}")
        found = web_answers.page(
            reading.text(asked) or reading.text(about.get("sourceURL")) or "",
            response,
            text=document.get("markdown"),
            title=about.get("title"),
            final_url=about.get("url"),
            published=about.get("publishedTime"),
        )
        cost = reading.amount(about.get("creditsUsed"))
        return Found(found, charged_credits=cost) if found else self._garbage(response)

    def _job(self, path: str, request: HttpRequest, response: HttpResponse, body: dict[str, Any]) -> Outcome:
        status, identifier = reading.text(body.get("status")), reading.text(body.get("id"))
        if status is None and identifier and request.method == "POST":
            return Pending(HttpRequest(url=f"{self.base_url}/{path}/{identifier}", purpose=request.purpose))
        if status in _RUNNING:
            return Pending(request)
        if status in ("failed", "cancelled"):
            return reading.refused(self.label, "vendor_down", response, body.get("error") or status)
        if status != "completed":
            return self._garbage(response)
        if path.startswith("crawl"):
            pages = reading.mappings(body.get("data"))
            return self._page(None, response, pages[0]) if pages else NotFound()
        parts = {
            name: value
            for name, value in reading.mapping(body.get("data")).items()
            if isinstance(value, str | int | bool) and value != ""
        }
        said = "\n".join(str(each) for each in parts.values())
        return Found(Text(text=said, parts=dict(parts))) if parts else NotFound()

    def _garbage(self, response: HttpResponse) -> Refused:
        return reading.refused(self.label, "garbage", response, response.text[:100])


def _search(question: SearchWeb) -> dict[str, Any]:
    after, hosts = web_answers.check_search(question)
    wanted: dict[str, Any] = {
        "query": web_answers.with_sites(question.query, hosts),
        "limit": max(1, min(question.limit, _RESULTS_AT_MOST)),
        "sources": ["web"],
    }
    if after:
        # Google's own notation of a range of days, month first.
        wanted["tbs"] = f"cdr:1,cd_min:{after.month}/{after.day}/{after.year}"
    return wanted


def _post(path: str, question: Question, body: dict[str, Any]) -> HttpRequest:
    return HttpRequest(method="POST", url=f"{Firecrawl.base_url}/{path}", json_body=body, purpose=question.capability)
