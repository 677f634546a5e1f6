"""Two plain endpoints for benchmarks and crash tests: `/bench/free` costs nothing, `/bench/paid` one credit."""

from spadework.simulator.invented import Draw
from spadework.simulator.wire import Asked, Reply, VendorFault

_FILLER = "simulated " * 10


def answer(asked: Asked) -> Reply:
    """About 200 bytes for any `x`; a paid question with an idempotency key is billed once per key."""
    asked_for = asked.first("x")
    draw = Draw(asked.seed, "bench", asked_for)
    body = {"value": draw.token(16), "x": asked_for, "note": _FILLER}
    if asked.path.rstrip("/") == "/free":
        return Reply(body=body)
    if asked.path.rstrip("/") == "/paid":
        return Reply(body=body, call_class="A" if "idempotency-key" in asked.headers else "B", billed_credits=1)
    return Reply(status=404, body={"error": "There are /bench/free and /bench/paid."})


def refusal(kind: VendorFault, retry_after_seconds: float = 1.0) -> Reply:
    """A refusal under the status everybody expects."""
    status = {"bad_key": 401, "out_of_credits": 402, "rate_limited": 429, "forbidden": 403, "vendor_down": 503}[kind]
    headers = {"retry-after": f"{retry_after_seconds:g}"} if kind == "rate_limited" else {}
    return Reply(status=status, body={"error": kind}, headers=headers)
