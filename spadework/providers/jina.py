"""Jina Reader: the text of pages, also of those that scripts fill in. github.com/jina-ai/reader (read 2026-11).

Its search is not asked, because one search is charged at least 10,000 tokens; its replies are read all the same.
"""

import re
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
from spadework.plug.questions import Question, ReadPage

_TOKENS_PER_CREDIT = 1_000
_TOKENS_AT_MOST = 200_000
_REFUSALS: dict[int, RefusalKind] = {
    400: "invalid_request", 401: "bad_key", 402: "out_of_credits", 403: "forbidden", 404: "invalid_request",
    409: "invalid_request", 422: "invalid_request", 429: "rate_limited", 451: "forbidden",
}  # fmt: skip
_TARGET_ERROR = re.compile(r"Target URL returned error (\d{3})")
_PAGE_AS_TEXT = re.compile(
    r"(?:Title: (?P<title>[^\n]*)\n+)?(?:URL Source: (?P<url>[^\n]*)\n+)?(?:Published Time: (?P<published>[^\n]*)\n+)?"
    r"(?:Warning: (?P<warning>[^\n]*)\n+)?.{0,2000}?Markdown Content:\n(?P<content>.*)",
    re.DOTALL,
)


class Jina(HttpProvider):
    """One GET with the page's address behind the host. Errors may come with HTTP 200, so `code` is read first."""

    key = "jina"
    label = "Jina Reader"
    docs_url = "https://jina.ai/reader/"
    summary = "The text of web pages, scripts run, as Markdown; billed by token."
    base_url = "https://r.jina.ai"
    rate = Rate(requests=500, per_seconds=60.0, concurrency=10)
    # A credit here is a thousand tokens, of which a billion cost about 50 dollars.
    usd_per_credit = 0.00005
    key_fields = (KeyField(name="api_key", label="API key"),)
    capabilities: ClassVar[Sequence[Capability]] = (
        Capability(
            question=ReadPage, price_credits=_TOKENS_AT_MOST / _TOKENS_PER_CREDIT, call_class="B", needs=(("url",),)
        ),
    )  # fmt: skip

    def authorize(self, request: HttpRequest, credentials: Mapping[str, str]) -> HttpRequest:
        """The request with the key as a bearer token."""
        return request.with_headers(Authorization=f"Bearer {credentials.get('api_key', '')}")

    def request(self, question: Question) -> HttpRequest:
        """The request for the page; Jina refuses those beyond 200,000 tokens.

        Raises:
            InvalidInput: another question, or no web address.
        """
        if not isinstance(question, ReadPage):
            raise InvalidInput(f"Jina Reader does not answer {question.label!r}. Choose another provider.")
        if web_answers.web_address(question.url) is None:
            raise InvalidInput(f"Jina Reader cannot read {question.url[:100]!r}. Use an http or https address.")
        return HttpRequest(
            url=f"{self.base_url}/{question.url.strip().partition('#')[0]}",
            headers={"Accept": "application/json", "X-Token-Budget": str(_TOKENS_AT_MOST)},
            purpose=question.capability,
        )

    def interpret(self, request: HttpRequest, response: HttpResponse) -> Outcome:
        """The outcome of any Jina reply, JSON or text."""
        body = reading.parse(response.body)
        envelope = reading.mapping(body)
        code = reading.whole(envelope.get("code")) or response.status
        status = response.status if response.status >= 300 else code
        if not 200 <= status < 300:
            kind = _REFUSALS.get(status, "vendor_down" if 500 <= status < 600 else "garbage")
            return reading.refused(self.label, kind, response, reading.text_at(envelope, "message", "readableMessage"))
        if body is None:
            return self._text(request, response)
        content = envelope.get("data")
        if isinstance(content, list):
            found = web_answers.results(
                reading.mappings(content), response, url="url", snippet="description", published="date"
            )
            tokens = reading.mapping(reading.mapping(envelope.get("meta")).get("usage")).get("tokens")
            if found:
                return Found(found, charged_credits=_credits(tokens))
            return self._garbage(response) if content else NotFound()
        one = reading.mapping(content)
        return self._page(request, response, one, tokens=reading.mapping(one.get("usage")).get("tokens"))

    def _text(self, request: HttpRequest, response: HttpResponse) -> Outcome:
        found = _PAGE_AS_TEXT.match(response.text[: 3 * web_answers.MAX_PAGE_CHARACTERS])
        if not found:
            return self._garbage(response)
        parts = {name: value for name, value in found.groupdict().items() if value}
        return self._page(request, response, {**parts, "publishedTime": parts.get("published")}, tokens=None)

    def _page(self, request: HttpRequest, response: HttpResponse, one: Mapping[str, Any], *, tokens: Any) -> Outcome:
        warning = reading.text(one.get("warning")) or ""
        if error := _TARGET_ERROR.search(warning):
            if error[1] in ("404", "410"):
                return NotFound(f"the site has no such page (HTTP {error[1]})")
            return reading.refused(self.label, "forbidden", response, warning)
        found = web_answers.page(
            request.full_url.partition(".ai/")[2] or reading.text(one.get("url")) or "",
            response,
            text=one.get("content"),
            title=one.get("title"),
            final_url=one.get("url"),
            published=one.get("publishedTime"),
        )
        return Found(found, charged_credits=_credits(tokens)) if found else self._garbage(response)

    def _garbage(self, response: HttpResponse) -> Refused:
        return reading.refused(self.label, "garbage", response, response.text[:100])


def _credits(tokens: Any) -> float | None:
    counted = reading.amount(tokens)
    return counted / _TOKENS_PER_CREDIT if counted is not None else None
