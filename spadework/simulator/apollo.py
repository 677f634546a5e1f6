"""Apollo's wire format: envelopes, errors and prices as documented, contents invented."""

from typing import Any

from spadework.simulator import invented
from spadework.simulator.invented import Draw
from spadework.simulator.wire import Asked, Reply, VendorFault

PREFIX = "/api/v1"
HIT_SHARE = 0.65
WITHOUT_EMAIL_SHARE = 0.05
LIMIT_CREDITS = 10_000


def answer(asked: Asked) -> Reply:
    """The reply Apollo would give."""
    route = asked.path.removeprefix(PREFIX).strip("/")
    if asked.headers.get("x-api-key") == "bad":
        return refusal("bad_key")
    if route.startswith("webhook_result/"):
        return _result(asked, route.rpartition("/")[2])
    handlers = {
        "people/match": _match,
        "people/bulk_match": _bulk_match,
        "mixed_people/api_search": _search_people,
        "organizations/enrich": _enrich,
        "organizations/bulk_enrich": _bulk_enrich,
        "mixed_companies/search": _search_companies,
        "usage_stats/credit_usage_stats": _credits,
    }
    handler = handlers.get(route)
    return handler(asked) if handler else Reply(status=404, body={"error": "Not found"})


def refusal(kind: VendorFault, retry_after_seconds: float = 1.0) -> Reply:
    """How Apollo words a refusal; an empty account is a 422 like any bad input."""
    match kind:
        case "bad_key":
            return Reply(status=401, body="Invalid API key. This is the simulator.")
        case "out_of_credits":
            details = {
                "code": "BILLING.LIMIT.CREDITS_EXHAUSTED",
                "message": "The simulated credits of this billing cycle are used up.",
                "context": {"credit_balance": {"value": 0, "description": "Credits currently available"}},
            }
            return Reply(status=422, body={"error": "You have insufficient credits!", "error_details": details})
        case "rate_limited":
            message = "The maximum number of api calls allowed per minute was reached (simulated)."
            return Reply(status=429, body={"message": message}, headers={"retry-after": f"{retry_after_seconds:g}"})
        case "forbidden":
            return Reply(status=403, body={"error": "Not accessible (simulated)", "error_code": "API_INACCESSIBLE"})
        case "vendor_down":
            return Reply(status=503, body="Service Unavailable")


def _match(asked: Asked) -> Reply:
    names = ("id", "email", "linkedin_url", "first_name", "last_name", "name", "domain", "organization_name")
    fields = {each: asked.first(each) for each in names}
    if not any(fields.values()):
        return _invalid("Provide at least one way to identify a person")
    if asked.first("reveal_phone_number") == "true" and not asked.first("webhook_url"):
        return Reply(status=400, body={"error": "Please add a valid 'webhook_url' parameter"})
    person = _person(asked.seed, fields)
    if asked.first("run_waterfall_email") == "true":
        number = Draw(asked.seed, "waterfall", *fields.values()).whole(10**18, 9 * 10**18)
        accepted = {"status": "accepted", "message": "Results follow (simulated)."}
        body = {"person": {**(person or {}), "email": None}, "waterfall": accepted, "request_id": number}
        return Reply(body=body, call_class="B", billed_credits=0)
    return Reply(body={"person": person}, call_class="B", billed_credits=1 if person else 0)


def _bulk_match(asked: Asked) -> Reply:
    details = asked.body.get("details") if isinstance(asked.body, dict) else None
    if not isinstance(details, list) or not details:
        return _bulk_error("INVALID_REQUEST", "invalid request, missing details")
    if len(details) > 10:
        return _bulk_error("RECORD_LIMIT_EXCEEDED", "cannot enrich more than 10 in a single request")
    matches = [
        _person(asked.seed, {key: str(value) for key, value in each.items()}) if isinstance(each, dict) else None
        for each in details
    ]
    found = sum(each is not None for each in matches)
    body = {
        "status": "success",
        "total_requested_enrichments": len(details),
        "unique_enriched_records": found,
        "missing_records": len(details) - found,
        "credits_consumed": found,
        "matches": matches,
    }
    return Reply(body=body, call_class="B", billed_credits=found)


def _search_people(asked: Asked) -> Reply:
    if asked.first("per_page").isdigit() and int(asked.first("per_page")) > 100:
        return _invalid("Invalid parameters")
    domains, titles = asked.every("q_organization_domains_list[]"), asked.every("person_titles[]")
    where = domains[0] if domains else ""
    draw = Draw(asked.seed, "apollo people", *domains, *titles)
    total, page, size = draw.whole(1, 12), asked.number("page", 1, most=500), asked.number("per_page", 25, most=100)
    people = []
    for number in range(total)[(page - 1) * size : page * size]:
        each = Draw(asked.seed, "apollo person", where, str(number))
        one = invented.person(each, domain=where)
        title = f"{each.pick(titles, 10)} {invented.MARK}" if titles else one.title
        people.append(
            {
                "id": one.id,
                "first_name": one.first_name,
                "last_name_obfuscated": f"{one.last_name[:2]}***{one.last_name[-1]}",
                "title": title,
                "has_email": each.share(1) < HIT_SHARE,
                "has_direct_phone": "Yes",
                "organization": {"name": invented.company(each, domain=where).name, "has_industry": True},
            }
        )
    return Reply(body={"total_entries": total, "people": people})


def _enrich(asked: Asked) -> Reply:
    domain = asked.first("domain")
    if not domain:
        return _invalid("Required parameter 'domain' missing")
    found = _organization(asked.seed, domain)
    return Reply(body={"organization": found}, call_class="B", billed_credits=1 if found else 0)


def _bulk_enrich(asked: Asked) -> Reply:
    domains = asked.every("domains[]")
    if not domains:
        return _invalid("Required parameter 'domains' missing")
    found = [_organization(asked.seed, each) for each in domains[:10]]
    count = sum(each is not None for each in found)
    body = {"status": "success", "unique_enriched_records": count, "organizations": found}
    return Reply(body=body, call_class="B", billed_credits=count)


def _search_companies(asked: Asked) -> Reply:
    filters = [f"{key}={value}" for key, values in sorted(asked.query.items()) for value in values if "page" not in key]
    draw = Draw(asked.seed, "apollo companies", *filters)
    total, page, size = draw.whole(5, 60), asked.number("page", 1, most=500), asked.number("per_page", 25, most=100)
    found = [
        _organization_of(invented.company(Draw(asked.seed, "apollo company", *filters, str(number))))
        for number in range(total)[(page - 1) * size : page * size]
    ]
    pages = {"page": page, "per_page": size, "total_entries": total, "total_pages": -(-total // size)}
    body = {"breadcrumbs": [], "pagination": pages, "accounts": [], "organizations": found}
    return Reply(body=body, call_class="B", billed_credits=1)


def _credits(asked: Asked) -> Reply:
    used = asked.credits_used
    pool = {"limit": LIMIT_CREDITS, "consumed": used, "left_over": max(0, LIMIT_CREDITS - used)}
    cycle = {"start_date": "2026-01-01", "end_date": "2026-02-01"}
    return Reply(body={"credit_usage_stats": {"lead_credit": pool}, "current_credit_cycle": cycle})


def _result(asked: Asked, request_id: str) -> Reply:
    if not request_id.isdigit():
        return Reply(status=400, body={"error_code": "invalid_request_id"})
    if asked.attempt == 1:
        return Reply(status=404, body={"error_code": "result_pending", "retry_after_seconds": 1})
    draw = Draw(asked.seed, "apollo result", request_id)
    one = invented.person(draw)
    is_hit = draw.share() < HIT_SHARE
    emails = [{"email": one.email, "position": 0, "email_status_cd": "Verified"}] if is_hit else []
    result = {
        "status": "success",
        "credits_consumed": len(emails),
        "request_id": request_id,
        "people": [{"id": one.id, "phone_numbers": [], "emails": emails}],
    }
    body = {"request_id": request_id, "webhook_status": "success", "failure_reason": None, "webhook_result": result}
    return Reply(body=body)


def _person(seed: int, fields: dict[str, str]) -> dict[str, Any] | None:
    draw = Draw(seed, "apollo match", *(f"{key}={value.lower()}" for key, value in sorted(fields.items()) if value))
    share = draw.share()
    if share >= HIT_SHARE + WITHOUT_EMAIL_SHARE:
        return None
    domain = fields.get("domain") or fields.get("email", "").rpartition("@")[2]
    organization_name = fields.get("organization_name", "")
    one = invented.person(
        draw,
        first_name=fields.get("first_name", ""),
        last_name=fields.get("last_name", ""),
        full_name=fields.get("name", ""),
        domain=domain or organization_name,
        id=fields.get("id", ""),
    )
    has_email = share < HIT_SHARE
    company = invented.company(draw, domain=domain, name=organization_name)
    return {
        "id": one.id,
        "first_name": one.first_name,
        "last_name": one.last_name,
        "name": one.name,
        "linkedin_url": fields.get("linkedin_url") or one.linkedin_url,
        "title": one.title,
        "email": one.email if has_email else None,
        "email_status": "verified" if has_email else "unavailable",
        "extrapolated_email_confidence": None,
        "seniority": "vp",
        "city": company.city,
        "state": None,
        "country": None,
        "organization": _organization_of(company),
    }


def _organization(seed: int, domain: str) -> dict[str, Any] | None:
    draw = Draw(seed, "apollo organization", domain.lower())
    return _organization_of(invented.company(draw, domain=domain)) if draw.share() < HIT_SHARE else None


def _organization_of(company: invented.InventedCompany) -> dict[str, Any]:
    return {
        "id": company.id,
        "name": company.name,
        "website_url": f"http://www.{company.domain}",
        "primary_domain": company.domain,
        "phone": company.phone,
        "sanitized_phone": company.phone,
        "founded_year": company.founded_year,
        "industry": company.industry,
        "industries": [company.industry],
        "estimated_num_employees": company.employees,
        "annual_revenue": company.revenue_usd,
        "city": company.city,
        "short_description": company.description,
        "technology_names": ["SimCRM"],
    }


def _invalid(message: str) -> Reply:
    return Reply(status=422, body={"error": message})


def _bulk_error(code: str, message: str) -> Reply:
    return Reply(status=400, body={"status": "failed", "error_code": code, "error_message": message})
