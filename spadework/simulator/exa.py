"""Exa's wire format over the invented web: `/search` with the text of each hit, and `/contents`."""

from typing import Any

from spadework.simulator import web
from spadework.simulator.invented import Draw
from spadework.simulator.web import Page
from spadework.simulator.wire import Asked, Reply, VendorFault

SEARCH_DOLLARS, PAGE_DOLLARS = 0.007, 0.001


def answer(asked: Asked) -> Reply:
    """The reply Exa would give."""
    if asked.headers.get("x-api-key") == "bad":
        return refusal("bad_key")
    if asked.path == "/search":
        return _search(asked)
    if asked.path == "/contents":
        return _contents(asked)
    return _error(404, "NOT_FOUND", "There is no such endpoint.")


def refusal(kind: VendorFault, retry_after_seconds: float = 1.0) -> Reply:
    """How Exa words a refusal; a throttled one has neither id, tag nor header."""
    match kind:
        case "bad_key":
            return _error(401, "INVALID_API_KEY", "Invalid API key (simulated)")
        case "out_of_credits":
            return _error(402, "NO_MORE_CREDITS", "The simulated account has no credits left.")
        case "rate_limited":
            return Reply(status=429, body={"error": "The simulated rate limit is reached."})
        case "forbidden":
            return _error(403, "ACCESS_DENIED", "The simulated plan does not allow this.")
        case "vendor_down":
            return Reply(status=503, body="Service Unavailable")


def _search(asked: Asked) -> Reply:
    query = asked.first("query")
    if not query:
        return _error(400, "INVALID_REQUEST_BODY", "Invalid request body | query is required")
    pages = web.search(
        query,
        asked.seed,
        limit=asked.body.get("numResults", 10),
        after=asked.first("startPublishedDate")[:10],
        domains=asked.every("includeDomains"),
    )
    body = {
        "requestId": Draw(asked.seed, "exa", query).token(32),
        "results": [_listed(each, web.snippet(each)) for each in pages],
        "resolvedSearchType": "neural",
        "costDollars": {"total": SEARCH_DOLLARS, "search": {"neural": SEARCH_DOLLARS}},
    }
    return Reply(body=body, call_class="B", billed_credits=SEARCH_DOLLARS)


def _contents(asked: Asked) -> Reply:
    urls = asked.every("urls")
    if not urls:
        return _error(400, "INVALID_REQUEST_BODY", "Invalid request body | urls is required")
    pages = {each: web.read(each, asked.seed) for each in urls}
    results = [_listed(page, page.text) for page in pages.values() if page]
    missing = {"status": "error", "error": {"tag": "CRAWL_NOT_FOUND", "httpStatusCode": 404}}
    statuses = [{"id": url, **({"status": "success"} if page else missing)} for url, page in pages.items()]
    cost = PAGE_DOLLARS * len(results)
    body = {
        "requestId": Draw(asked.seed, "exa contents", *urls).token(32),
        "results": results,
        "statuses": statuses,
        "costDollars": {"total": cost},
    }
    return Reply(body=body, call_class="B", billed_credits=cost)


def _listed(page: Page, text: str) -> dict[str, Any]:
    published = f"{page.published}T00:00:00.000Z" if page.published else None
    return {
        "id": page.url, "title": page.title, "url": page.url, "publishedDate": published, "author": None, "text": text,
    }  # fmt: skip


def _error(status: int, tag: str, message: str) -> Reply:
    return Reply(status=status, body={"requestId": "sim", "error": message, "tag": tag})
