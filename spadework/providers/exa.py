"""Exa: web search by meaning, and the text of pages. exa.ai/docs/reference (read 2026-11)."""

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
    Refused,
)
from spadework.plug.questions import Question, ReadPage, SearchWeb

_RESULTS_AT_MOST = 10
_REFUSALS: dict[int, RefusalKind] = {
    400: "invalid_request", 401: "bad_key", 402: "out_of_credits", 403: "forbidden", 404: "invalid_request",
    409: "invalid_request", 422: "invalid_request", 429: "rate_limited",
}  # fmt: skip


class Exa(HttpProvider):
    """POST only. Exa bills in dollars and says in each reply what it took, so a credit here is a dollar."""

    key = "exa"
    label = "Exa"
    docs_url = "https://exa.ai/docs/reference/search"
    summary = "Web search by meaning, with dates and snippets, and the text of pages."
    base_url = "https://api.exa.ai"
    rate = Rate(requests=10, per_seconds=1.0, concurrency=10)
    usd_per_credit = 1.0
    key_fields = (KeyField(name="api_key", label="API key"),)
    capabilities: ClassVar[Sequence[Capability]] = (
        # Text of the first ten hits is in this price; more hits or summaries would cost extra (2026-03).
        Capability(
            question=SearchWeb, price_credits=0.007, is_miss_charged=True, call_class="B", needs=(("query",),)
        ),
        Capability(question=ReadPage, price_credits=0.001, call_class="B", needs=(("url",),)),
    )  # fmt: skip

    def authorize(self, request: HttpRequest, credentials: Mapping[str, str]) -> HttpRequest:
        """The request with the key in `x-api-key`."""
        return request.with_headers(x_api_key=credentials.get("api_key", ""))

    def request(self, question: Question) -> HttpRequest:
        """The request that asks the question; a search lists at most 10.

        Raises:
            InvalidInput: Exa does not answer such a question, or a part of it cannot be read.
        """
        match question:
            case SearchWeb():
                return _post("search", question, _search(question))
            case ReadPage():
                text = {"maxCharacters": web_answers.MAX_PAGE_CHARACTERS}
                return _post("contents", question, {"urls": [question.url], "text": text})
        raise InvalidInput(f"Exa does not answer {question.label!r}. Choose another provider.")

    def interpret(self, request: HttpRequest, response: HttpResponse) -> Outcome:
        """The outcome of any Exa reply; the path says which."""
        body = reading.mapping(reading.parse(response.body))
        if not 200 <= response.status < 300:
            kind = _REFUSALS.get(response.status, "vendor_down" if response.status >= 500 else "garbage")
            return reading.refused(self.label, kind, response, body.get("error"))
        listed = body.get("results")
        if not isinstance(listed, list):
            return self._garbage(response)
        cost = reading.amount(reading.mapping(body.get("costDollars")).get("total"))
        if reading.path(request).endswith("/contents"):
            return self._page(request, response, body, reading.mappings(listed), cost)
        if not listed:
            return NotFound()
        found = web_answers.results(
            reading.mappings(listed), response, url="url", snippet="text", published="publishedDate"
        )
        return Found(found, charged_credits=cost) if found else self._garbage(response)

    def _page(
        self, request: HttpRequest, response: HttpResponse, body: dict[str, Any], listed: list[dict[str, Any]],
        cost: float | None,
    ) -> Outcome:  # fmt: skip
        asked = reading.texts(reading.mapping(request.json_body).get("urls"))
        one = listed[0] if listed else {}
        found = web_answers.page(
            asked[0] if asked else reading.text(one.get("url")) or "",
            response,
            text=one.get("text"),
            title=one.get("title"),
            final_url=one.get("url"),
            published=one.get("publishedDate"),
        )
        if found:
            return Found(found, charged_credits=cost)
        statuses = reading.mappings(body.get("statuses"))
        error = reading.mapping(statuses[0].get("error")) if statuses else {}
        if not statuses or (listed and not error):
            return self._garbage(response)
        return NotFound(f"Exa has no text of that page ({reading.text(error.get('tag')) or 'no reason given'})")

    def _garbage(self, response: HttpResponse) -> Refused:
        return reading.refused(self.label, "garbage", response, response.text[:100])


def _search(question: SearchWeb) -> dict[str, Any]:
    after, hosts = web_answers.check_search(question)
    wanted: dict[str, Any] = {
        "query": question.query,
        "type": "auto",
        "numResults": max(1, min(question.limit, _RESULTS_AT_MOST)),
        "contents": {"text": {"maxCharacters": web_answers.MAX_SNIPPET_CHARACTERS}},
    }
    if hosts:
        wanted["includeDomains"] = list(hosts)
    if after:
        wanted["startPublishedDate"] = f"{after.isoformat()}T00:00:00.000Z"
    return wanted


def _post(path: str, question: Question, body: dict[str, Any]) -> HttpRequest:
    return HttpRequest(method="POST", url=f"{Exa.base_url}/{path}", json_body=body, purpose=question.capability)
