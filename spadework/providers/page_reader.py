"""Page reader: the readable text of any public web page, fetched from here without a vendor."""

from collections.abc import Mapping, Sequence
from typing import ClassVar
from urllib.parse import urlsplit

from spadework.core.errors import InvalidInput
from spadework.core.http import HttpRequest, HttpResponse
from spadework.plug import reading, web_answers
from spadework.plug.parsing import pages
from spadework.plug.provider import (
    Capability,
    Found,
    HttpProvider,
    NotFound,
    Outcome,
    Rate,
    RefusalKind,
    Refused,
)
from spadework.plug.questions import Question, ReadPage

_HTML = ("text/html", "application/xhtml+xml")
_TEXT = ("text/plain", "text/markdown")
_MISSING = (404, 410)
_CLOSED = (401, 402, 403, 405, 406, 407, 451)


class PageReader(HttpProvider):
    """Has no address of its own: it calls the one in the question, and so only public ones, at each redirect."""

    key = "page_reader"
    label = "Page reader"
    docs_url = "https://trafilatura.readthedocs.io/"
    summary = "The text of public web pages, fetched by Spadework itself: free, no key, no scripts run"
    base_url = ""
    rate = Rate(requests=20, per_seconds=1.0, concurrency=10)
    is_slow = True
    capabilities: ClassVar[Sequence[Capability]] = (Capability(question=ReadPage, needs=(("url",),)),)

    def authorize(self, request: HttpRequest, credentials: Mapping[str, str]) -> HttpRequest:
        """The request as it is; a stranger's site gets no key."""
        return request

    def request(self, question: Question) -> HttpRequest:
        """The request for the page.

        Raises:
            InvalidInput: it is no web address, or another question.
        """
        if not isinstance(question, ReadPage):
            raise InvalidInput(f"Page reader does not answer {question.label!r}. Choose another provider.")
        address = question.url.strip()
        if web_answers.web_address(address) is None:
            raise InvalidInput(f"Page reader cannot read {address[:100]!r}. Use an http or https address.")
        return HttpRequest(
            url=address.partition("#")[0],
            headers={
                "Accept": "text/html, application/xhtml+xml, text/plain;q=0.8",
                "User-Agent": "Spadework (page reader)",
            },
            purpose=question.capability,
        )

    def interpret(self, request: HttpRequest, response: HttpResponse) -> Outcome:
        """The page's text, or why there is none to read."""
        status = response.status
        if status in _MISSING:
            return NotFound(f"the site has no such page (HTTP {status})")
        if status in _CLOSED:
            return self._refused("forbidden", request, response, "does not let programs read this page")
        # A site's own limit must not hold up the reading of others, so this is not `rate_limited`.
        if status >= 500 or status in (408, 425, 429):
            return self._refused("vendor_down", request, response, "does not deliver this page now")
        if not 200 <= status < 300:
            return self._refused("invalid_request", request, response, "leads nowhere")
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind and kind not in _HTML + _TEXT:
            return self._refused("invalid_request", request, response, f"sent no page but {kind[:60]}")
        return self._page(request, response, is_html=kind not in _TEXT)

    def _page(self, request: HttpRequest, response: HttpResponse, *, is_html: bool) -> Outcome:
        content_type = response.headers.get("content-type", "")
        if is_html:
            extracted = pages.extract(response.body, content_type)
        else:
            text = pages.decode(response.body[: pages.MAX_PAGE_BYTES], content_type)
            extracted = pages.Extracted(text=text, is_cut=len(response.body) > pages.MAX_PAGE_BYTES)
        found = extracted and web_answers.page(
            request.full_url,
            response,
            text=extracted.text,
            title=extracted.title,
            final_url=response.url,
            published=extracted.published,
            is_cut=extracted.is_cut,
        )
        return Found(found) if found else NotFound("the page holds no text; scripts may fill it in a browser")

    def _refused(self, kind: RefusalKind, request: HttpRequest, response: HttpResponse, what: str) -> Refused:
        host = urlsplit(response.url or request.url).hostname
        return Refused(
            kind,
            f"{self.label}: {host} {what} (HTTP {response.status}). Open it yourself, or use another source.",
            reading.retry_after_seconds(response.headers),
        )
