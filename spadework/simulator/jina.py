"""Jina Reader's wire format over the invented web: the page's address behind the prefix, tokens counted."""

import re

from spadework.simulator import web
from spadework.simulator.wire import Asked, Reply, VendorFault

_ADDRESS = re.compile(r"/?(https?):/+(.+)")
_CHARACTERS_PER_TOKEN = 4


def answer(asked: Asked) -> Reply:
    """The reply Jina would give; a site's own error is a success with a warning."""
    if asked.headers.get("authorization") == "Bearer bad":
        return refusal("bad_key")
    address = _ADDRESS.fullmatch(asked.path)
    if address is None:
        return _error(422, "ParamValidationError", "Invalid URL")
    url = f"{address[1]}://{address[2]}"
    page = web.read(url, asked.seed)
    text = page.text if page else "There is no such page (simulated)"
    tokens = len(text) // _CHARACTERS_PER_TOKEN
    one = {"title": page.title if page else "404", "url": url, "content": text, "usage": {"tokens": tokens}}
    if page is None:
        one["warning"] = "Target URL returned error 404: Not Found"
    elif page.published:
        one["publishedTime"] = page.published
    body = {"code": 200, "status": 20000, "data": one, "meta": {"usage": {"tokens": tokens}}}
    return Reply(body=body, call_class="B", billed_credits=tokens / 1_000)


def refusal(kind: VendorFault, retry_after_seconds: float = 1.0) -> Reply:
    """How Jina words a refusal: one envelope, its code beside the status."""
    match kind:
        case "bad_key":
            return _error(401, "AuthenticationFailedError", "Invalid API key (simulated)")
        case "out_of_credits":
            return _error(402, "InsufficientBalanceError", "The simulated balance is used up.")
        case "rate_limited":
            limited = _error(429, "RateLimitTriggeredError", "The simulated rate limit is reached.")
            pause = {"retry-after": f"{retry_after_seconds:g}"}
            return Reply(status=429, body=limited.body, headers=pause)
        case "forbidden":
            return _error(403, "SecurityCompromiseError", "This simulated domain is blocked.")
        case "vendor_down":
            return _error(503, "ServiceUnavailableError", "No simulated worker is free.")


def _error(status: int, name: str, message: str) -> Reply:
    body = {"data": None, "code": status, "name": name, "status": status * 100, "message": message}
    return Reply(status=status, body=body)
