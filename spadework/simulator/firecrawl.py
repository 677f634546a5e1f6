"""Firecrawl's wire format over the invented web: `/search`, `/scrape` and the balance."""

import re
from typing import Any

from spadework.simulator import web
from spadework.simulator.wire import Asked, Reply, VendorFault

LIMIT_CREDITS = 10_000
_SINCE = re.compile(r"cd_min:(\d{1,2})/(\d{1,2})/(\d{4})")


def answer(asked: Asked) -> Reply:
    """The reply Firecrawl would give."""
    if asked.headers.get("authorization") == "Bearer bad":
        return refusal("bad_key")
    handlers = {"/v2/search": _search, "/v2/scrape": _scrape, "/v2/team/credit-usage": _balance}
    handler = handlers.get(asked.path)
    return handler(asked) if handler else _error(404, "There is no such endpoint.")


def refusal(kind: VendorFault, retry_after_seconds: float = 1.0) -> Reply:
    """How Firecrawl words a refusal; the pause stands in the text and in a header."""
    match kind:
        case "bad_key":
            return _error(401, "Unauthorized: Invalid token (simulated)")
        case "out_of_credits":
            return _error(402, "Insufficient simulated credits to perform this request.")
        case "rate_limited":
            error = f"Simulated rate limit exceeded, please retry after {retry_after_seconds:g}s"
            pause = {"retry-after": f"{retry_after_seconds:g}"}
            return Reply(status=429, body={"success": False, "error": error}, headers=pause)
        case "forbidden":
            return _error(403, "This simulated site is not supported.")
        case "vendor_down":
            return _error(500, "An unexpected simulated error occurred.")


def _search(asked: Asked) -> Reply:
    query = asked.first("query")
    if not query:
        return _error(400, "Bad Request")
    since = _SINCE.search(asked.first("tbs"))
    after = f"{since[3]}-{int(since[1]):02}-{int(since[2]):02}" if since else ""
    pages = web.search(query, asked.seed, limit=asked.body.get("limit", 5), after=after)
    listed = [
        {"title": each.title, "description": web.snippet(each), "url": each.url, "position": no}
        for no, each in enumerate(pages, 1)
    ]
    body = {"success": True, "data": {"web": listed}, "warning": None, "id": "sim", "creditsUsed": len(listed)}
    return Reply(body=body, call_class="B", billed_credits=len(listed))


def _scrape(asked: Asked) -> Reply:
    url = asked.first("url")
    if not url:
        return _error(400, "Bad Request")
    page = web.read(url, asked.seed)
    about: dict[str, Any] = {"sourceURL": url, "url": url, "statusCode": 200 if page else 404, "creditsUsed": 1}
    if page:
        about |= {"title": page.title, "publishedTime": page.published}
    text = page.text if page else "There is no such page (simulated)"
    body = {"success": True, "data": {"markdown": text, "metadata": about}}
    return Reply(body=body, call_class="B", billed_credits=1)


def _balance(asked: Asked) -> Reply:
    left = max(0.0, LIMIT_CREDITS - asked.credits_used)
    return Reply(body={"success": True, "data": {"remainingCredits": left, "planCredits": LIMIT_CREDITS}})


def _error(status: int, message: str) -> Reply:
    return Reply(status=status, body={"success": False, "error": message})
