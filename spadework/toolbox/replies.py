"""Vendors' replies as the books and the evidence keep them, and the outcome read from one again."""

from dataclasses import replace
from datetime import datetime

import orjson

from spadework.core.http import HttpRequest, HttpResponse
from spadework.plug import reading
from spadework.plug.provider import HttpProvider, Outcome
from spadework.spend.types import Call

_SHOWN_BYTES = 64 * 1024


def as_stored(response: HttpResponse) -> bytes:
    """A reply as JSON: status, the headers that decide anything, and the body, parsed when it is JSON."""
    kept = {key: value for key, value in response.headers.items() if key in ("content-type", "retry-after")}
    received = orjson.dumps(response.received_at)
    head = b'{"status":%d,"headers":%b,"received_at":%b,"body":' % (response.status, orjson.dumps(kept), received)
    # Not the raw body: what Postgres refuses in jsonb (NUL, NaN, half surrogates) must not break the books.
    if (parsed := reading.parse(response.body)) is not None:
        return head + orjson.dumps(parsed) + b"}"
    return head + orjson.dumps(reading.clean_text(response.text) or "") + b',"is_text":true}'


def opening(response: HttpResponse) -> HttpResponse:
    """The reply, shortened when it is a long page; what was read of it is kept as a source, not as evidence."""
    if len(response.body) <= _SHOWN_BYTES or reading.parse(response.body) is not None:
        return response
    return replace(response, body=response.body[:_SHOWN_BYTES])


def response_of(call: Call) -> HttpResponse:
    """The reply that the books keep of a call, as it came."""
    stored = call.response or {}
    body = stored.get("body")
    return HttpResponse(
        status=stored.get("status", 0),
        headers=stored.get("headers", {}),
        body=str(body).encode() if stored.get("is_text") else orjson.dumps(body),
        received_at=datetime.fromisoformat(stored["received_at"]) if stored.get("received_at") else None,
    )


def outcome_of(provider: HttpProvider, call: Call) -> Outcome:
    """The outcome of a call from its stored reply, read again by the same adapter."""
    asked = call.request or {}
    request = HttpRequest(
        method=asked.get("method", "GET"),
        url=asked.get("url", ""),
        json_body=asked.get("json"),
        purpose=call.capability,
    )
    return provider.interpret(request, response_of(call))
