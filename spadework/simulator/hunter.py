"""Hunter's wire format: one envelope for all, contents invented; an equal question is answered alike and free."""

from typing import Any

from spadework.simulator import invented
from spadework.simulator.invented import Draw
from spadework.simulator.wire import Asked, Reply, VendorFault

PREFIX = "/v2"
HIT_SHARE = 0.55
OBJECTION_SHARE = 0.005
STILL_RUNNING_SHARE = 0.04
LIMIT_CREDITS = 10_000


def answer(asked: Asked) -> Reply:
    """The reply Hunter would give."""
    if asked.headers.get("x-api-key") == "bad" or asked.first("api_key") == "bad":
        return refusal("bad_key")
    handlers = {
        "email-finder": _find,
        "email-verifier": _verify,
        "domain-search": _search,
        "companies/find": _company,
        "people/find": _person,
        "account": _account,
    }
    handler = handlers.get(asked.path.removeprefix(PREFIX).strip("/"))
    return handler(asked) if handler else _error(404, "not_found", "There is no such endpoint.")


def refusal(kind: VendorFault, retry_after_seconds: float = 1.0) -> Reply:
    """How Hunter words a refusal: throttled is 403, a used-up plan 429, and no header says how long."""
    match kind:
        case "bad_key":
            return _error(401, "authentication_failed", "No user found for the API key supplied (simulated)")
        case "out_of_credits":
            return _error(429, "too_many_requests", "The simulated plan's requests are used up.")
        case "rate_limited":
            return _error(403, "rate_limit", "You have reached the simulated rate limit.")
        case "forbidden":
            return _error(451, "claimed_email", "This person asked not to be processed (simulated).")
        case "vendor_down":
            return Reply(status=503, body="Service Unavailable")


def _find(asked: Asked) -> Reply:
    domain = asked.first("domain") or asked.first("company")
    first, last, full = (asked.first(each) for each in ("first_name", "last_name", "full_name"))
    if not domain:
        return _error(400, "wrong_params", "You are missing the domain parameter")
    if not (full or (first and last)):
        return _error(400, "wrong_params", "You are missing the first_name or last_name parameter")
    draw = Draw(asked.seed, "hunter finder", domain.lower(), f"{first} {last}".strip().lower() or full.lower())
    share = draw.share()
    if share >= 1 - OBJECTION_SHARE:
        return refusal("forbidden")
    one = invented.person(draw, first_name=first, last_name=last, full_name=full, domain=domain)
    is_hit, is_guess, is_accept_all = share < HIT_SHARE, draw.share(1) < 0.1, draw.share(2) < 0.2
    found = {
        "first_name": one.first_name,
        "last_name": one.last_name,
        "email": one.email if is_hit else None,
        "score": draw.whole(55, 78, 3) if is_guess else draw.whole(79, 99, 3),
        "domain": domain,
        "accept_all": is_accept_all,
        "position": one.title,
        "company": invented.company(draw, domain=domain).name,
        "source_type": "generated" if is_guess else "found",
        "sources": [] if is_guess else [{"uri": f"https://{invented.host(domain)}/team"}],
        "verification": {"date": None, "status": "accept_all" if is_accept_all else "valid"},
    }
    if not is_hit:
        found |= {"score": None, "sources": [], "verification": {"date": None, "status": None}}
    return Reply(body={"data": found, "meta": {}}, call_class="A", billed_credits=1 if is_hit else 0)


def _verify(asked: Asked) -> Reply:
    email = asked.first("email")
    if "@" not in email:
        return _error(400, "invalid_email", "The email parameter is missing or malformed")
    draw = Draw(asked.seed, "hunter verifier", email.lower())
    if draw.share(1) < STILL_RUNNING_SHARE and asked.attempt == 1:
        return Reply(status=202, body={"data": {"email": email, "status": "unknown"}})
    share = draw.share()
    status = "valid" if share < 0.78 else "accept_all" if share < 0.88 else "invalid" if share < 0.97 else "unknown"
    scores = {"valid": 96, "accept_all": 60, "invalid": 0, "unknown": 40}
    verdict = {
        "status": status,
        "score": scores[status],
        "email": email,
        "disposable": False,
        "webmail": False,
        "mx_records": True,
        "smtp_check": status == "valid",
        "accept_all": status == "accept_all",
        "block": False,
        "sources": [],
    }
    return Reply(body={"data": verdict, "meta": {"params": {"email": email}}}, call_class="A", billed_credits=0.5)


def _search(asked: Asked) -> Reply:
    domain = asked.first("domain") or asked.first("company")
    if not domain:
        return _error(400, "wrong_params", "You are missing the domain parameter")
    draw = Draw(asked.seed, "hunter domain", domain.lower())
    count = min(draw.whole(1, 14), asked.number("limit", 10, most=100)) if draw.share(1) < HIT_SHARE else 0
    emails = []
    for number in range(count):
        one = invented.person(Draw(asked.seed, "hunter person", domain.lower(), str(number)), domain=domain)
        emails.append(
            {
                "value": one.email,
                "type": "personal",
                "confidence": 90,
                "first_name": one.first_name,
                "last_name": one.last_name,
                "position": one.title,
                "seniority": "executive",
                "verification": {"date": None, "status": "valid"},
            }
        )
    found = {"domain": domain, "organization": invented.company(draw, domain=domain).name, "emails": emails}
    body = {"data": found, "meta": {"results": count, "offset": 0}}
    return Reply(body=body, call_class="A", billed_credits=-(-count // 10))


def _company(asked: Asked) -> Reply:
    domain = asked.first("domain")
    if not domain:
        return _error(400, "wrong_params", "You are missing the domain parameter")
    draw = Draw(asked.seed, "hunter company", domain.lower())
    if draw.share() >= HIT_SHARE:
        return _missing()
    one = invented.company(draw, domain=domain)
    found = {
        "id": one.id,
        "name": one.name,
        "domain": domain,
        "category": {"sector": None, "industry": one.industry},
        "description": one.description,
        "foundedYear": one.founded_year,
        "location": one.city,
        "geo": {"city": one.city, "state": None, "country": None, "countryCode": None},
        "linkedin": {"handle": None},
        "phone": one.phone,
        "metrics": {"employees": "51-200", "annualRevenue": None},
        "tech": ["simcrm"],
    }
    return Reply(body={"data": found, "meta": {"domain": domain}}, call_class="A", billed_credits=0.2)


def _person(asked: Asked) -> Reply:
    email, handle = asked.first("email"), asked.first("linkedin_handle")
    if not (email or handle):
        return _error(400, "wrong_params", "You are missing the email parameter")
    draw = Draw(asked.seed, "hunter people", email.lower(), handle.lower())
    if draw.share() >= HIT_SHARE:
        return _missing()
    local, _, domain = email.rpartition("@")
    one = invented.person(draw, full_name=local.replace(".", " ").title(), domain=domain)
    employer: dict[str, Any] = {
        "domain": domain or None,
        "name": invented.company(draw, domain=domain).name,
        "title": one.title,
        "seniority": "executive",
    }
    found = {
        "id": one.id,
        "name": {"fullName": one.name, "givenName": one.first_name, "familyName": one.last_name},
        "email": one.email,
        "location": None,
        "geo": {},
        "employment": employer,
        "linkedin": {"handle": handle or None},
        "phone": None,
    }
    return Reply(body={"data": found, "meta": {"email": email}}, call_class="A", billed_credits=0.2)


def _account(asked: Asked) -> Reply:
    left = max(0.0, LIMIT_CREDITS - asked.credits_used)
    pool = {"used": asked.credits_used, "available": float(LIMIT_CREDITS), "remaining": left}
    found = {"email": "simulated@account.example", "reset_date": "2026-02-01", "requests": {"credits": pool}}
    return Reply(body={"data": found})


def _missing() -> Reply:
    reply = _error(404, "not_found", "The simulator has nothing under this name.")
    return Reply(status=404, body=reply.body, call_class="A", billed_credits=0)


def _error(status: int, id: str, details: str) -> Reply:
    return Reply(status=status, body={"errors": [{"id": id, "code": status, "details": details}]})
