"""ZeroBounce's wire format: failures are HTTP 200 with an `error`, and an unknown is free."""

from typing import Any

from spadework.simulator.invented import Draw
from spadework.simulator.wire import Asked, Reply, VendorFault

PREFIX = "/v2"
LIMIT_CREDITS = 10_000
ROLES = ("info", "sales", "support", "admin", "office", "contact", "hello")
_KEY_OR_CREDITS = "Invalid API key or your account ran out of credits"


def answer(asked: Asked) -> Reply:
    """The reply ZeroBounce would give."""
    route = asked.path.removeprefix(PREFIX).strip("/")
    is_bad_key = asked.first("api_key") == "bad"
    if route == "getcredits":
        left = LIMIT_CREDITS - asked.credits_used
        return Reply(body={"Credits": "-1" if is_bad_key else f"{max(0, left):.0f}"})
    if route == "validate":
        return refusal("bad_key") if is_bad_key else _validate(asked)
    if route == "validatebatch":
        return _validate_batch(asked, is_bad_key=is_bad_key)
    return Reply(status=404, body="Not Found")


def refusal(kind: VendorFault, retry_after_seconds: float = 1.0) -> Reply:
    """How ZeroBounce words a refusal; a bad key and an empty account share one sentence."""
    match kind:
        case "bad_key" | "out_of_credits":
            return Reply(body={"error": _KEY_OR_CREDITS})
        case "rate_limited":
            return Reply(status=429, body="Too many requests", headers={"retry-after": f"{retry_after_seconds:g}"})
        case "forbidden":
            return Reply(status=403, body="Forbidden")
        case "vendor_down":
            return Reply(status=503, body="Service Unavailable")


def _validate(asked: Asked) -> Reply:
    email = asked.first("email")
    if not email:
        return Reply(body={"error": "Missing parameter: email"})
    verdict = _verdict(asked.seed, email)
    return Reply(body=verdict, call_class="B", billed_credits=_price(verdict))


def _validate_batch(asked: Asked, *, is_bad_key: bool) -> Reply:
    rows = asked.body.get("email_batch") if isinstance(asked.body, dict) else None
    if is_bad_key or not isinstance(rows, list):
        error = _KEY_OR_CREDITS if is_bad_key else "Missing parameter: email_batch"
        return Reply(body={"email_batch": [], "errors": [{"error": error, "email_address": "all"}]})
    emails = [str(each.get("email_address")) for each in rows[:100] if isinstance(each, dict)]
    verdicts = [_verdict(asked.seed, each) for each in emails]
    billed = sum(map(_price, verdicts))
    return Reply(body={"email_batch": verdicts, "errors": []}, call_class="B", billed_credits=billed)


def _price(verdict: dict[str, Any]) -> int:
    return 0 if verdict["status"] == "unknown" else 1


def _verdict(seed: int, email: str) -> dict[str, Any]:
    account, _, domain = email.rpartition("@")
    share = Draw(seed, "zerobounce", email.lower()).share()
    status, sub_status = "valid", ""
    if not account or not domain:
        status, sub_status = "invalid", "failed_syntax_check"
    elif account.lower() in ROLES:
        status, sub_status = "do_not_mail", "role_based"
    elif share >= 0.97:
        status, sub_status = "unknown", "timeout_exceeded"
    elif share >= 0.88:
        status, sub_status = "invalid", "mailbox_not_found"
    elif share >= 0.78:
        status = "catch-all"
    return {
        "address": email,
        "status": status,
        "sub_status": sub_status,
        "free_email": False,
        "did_you_mean": None,
        "account": account,
        "domain": domain,
        "smtp_provider": "simulated",
        "mx_found": "true",
        "mx_record": "mx.simulated.example",
        "processed_at": "2026-01-01 00:00:00.000",
    }
