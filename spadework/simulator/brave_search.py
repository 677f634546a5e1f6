"""Brave Search's wire format over the invented web; without a hit there is no `web` part at all."""

from typing import Any

from spadework.simulator import web
from spadework.simulator.wire import Asked, Reply, VendorFault


def answer(asked: Asked) -> Reply:
    """The reply Brave would give."""
    if asked.headers.get("x-subscription-token") == "bad":
        return refusal("bad_key")
    if asked.path != "/res/v1/web/search":
        return _error(404, "NOT_FOUND", "There is no such endpoint.")
    query = asked.first("q")
    if not query:
        return _error(422, "VALIDATION", "Unable to validate request parameter(s)")
    after = asked.first("freshness").partition("to")[0]
    pages = web.search(query, asked.seed, limit=asked.number("count", 20, most=20), after=after)
    listed = [
        {"title": each.title, "url": each.url, "description": web.snippet(each), "language": "en"}
        | ({"page_age": f"{each.published}T00:00:00"} if each.published else {})
        for each in pages
    ]
    body: dict[str, Any] = {"type": "search", "query": {"original": query, "more_results_available": False}}
    if listed:
        body["web"] = {"type": "search", "results": listed}
    return Reply(body=body, call_class="B", billed_credits=1)


def refusal(kind: VendorFault, retry_after_seconds: float = 1.0) -> Reply:
    """How Brave words a refusal: by a code, and 429 for two different ones."""
    match kind:
        case "bad_key":
            return _error(422, "SUBSCRIPTION_TOKEN_INVALID", "The simulated token is invalid.")
        case "out_of_credits":
            return _error(429, "QUOTA_LIMITED", "The simulated plan's quota is used up.")
        case "rate_limited":
            return _error(429, "RATE_LIMITED", "Too many simulated requests.")
        case "forbidden":
            return _error(403, "RESOURCE_NOT_ALLOWED", "The simulated plan does not allow this.")
        case "vendor_down":
            return Reply(status=503, body="Service Unavailable")


def _error(status: int, code: str, detail: str) -> Reply:
    error = {"id": "sim", "status": status, "code": code, "detail": detail, "meta": {}}
    return Reply(status=status, body={"type": "ErrorResponse", "error": error, "time": 1_790_000_000})
