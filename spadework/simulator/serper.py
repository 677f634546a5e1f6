"""Serper's wire format over the invented web; days are spoken as Google does, and refusals carry a message."""

import re
from datetime import date

from spadework.simulator import web
from spadework.simulator.wire import Asked, Reply, VendorFault

_SINCE = re.compile(r"cd_min:(\d{1,2})/(\d{1,2})/(\d{4})")


def answer(asked: Asked) -> Reply:
    """The reply Serper would give."""
    if asked.headers.get("x-api-key") == "bad":
        return refusal("bad_key")
    if asked.path != "/search":
        return _error(404, "Not Found")
    query = asked.first("q")
    if not query:
        return _error(400, "Missing query parameter")
    since = _SINCE.search(asked.first("tbs"))
    after = f"{since[3]}-{int(since[1]):02}-{int(since[2]):02}" if since else ""
    pages = web.search(query, asked.seed, limit=asked.body.get("num", 10), after=after)
    listed = [
        {"title": each.title, "link": each.url, "snippet": web.snippet(each), "position": no}
        | ({"date": f"{date.fromisoformat(each.published):%b %d, %Y}"} if each.published else {})
        for no, each in enumerate(pages, 1)
    ]
    body = {"searchParameters": {"q": query, "type": "search"}, "organic": listed, "credits": 1}
    return Reply(body=body, call_class="B", billed_credits=1)


def refusal(kind: VendorFault, retry_after_seconds: float = 1.0) -> Reply:
    """How Serper words a refusal: a bad key is 403, an empty account 400."""
    match kind:
        case "bad_key" | "forbidden":
            return _error(403, "Unauthorized.")
        case "out_of_credits":
            return _error(400, "Not enough credits")
        case "rate_limited":
            return _error(429, "Too Many Requests")
        case "vendor_down":
            return Reply(status=502, body="Bad Gateway")


def _error(status: int, message: str) -> Reply:
    return Reply(status=status, body={"message": message, "statusCode": status})
