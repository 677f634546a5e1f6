"""Apollo.io: people, companies and work e-mail addresses. docs.apollo.io/reference (read 2026-11)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from spadework.core.errors import InvalidInput
from spadework.core.http import HttpRequest, HttpResponse
from spadework.plug import reading
from spadework.plug.provider import (
    Capability,
    Found,
    HttpProvider,
    KeyField,
    NotFound,
    Outcome,
    Pending,
    Rate,
    RefusalKind,
    Refused,
)
from spadework.plug.questions import (
    AccountBalance,
    Balance,
    Companies,
    Company,
    EmailFound,
    EmailVerdictStatus,
    EnrichCompany,
    EnrichPerson,
    FindCompanies,
    FindEmail,
    FindPeople,
    People,
    Person,
    Place,
    Question,
)

_PAGE_ROWS = 100
_PERSON_NEEDS = (
    ("email",),
    ("linkedin_url",),
    ("full_name", "domain"),
    ("full_name", "company_name"),
    ("first_name", "last_name", "domain"),
    ("first_name", "last_name", "company_name"),
)
_REFUSALS: dict[int, RefusalKind] = {
    400: "invalid_request", 401: "bad_key", 402: "out_of_credits", 403: "forbidden", 405: "invalid_request",
    408: "vendor_down", 410: "invalid_request", 413: "invalid_request", 422: "invalid_request",
    429: "rate_limited",
}  # fmt: skip
_EMAIL_STATUS: dict[str, EmailVerdictStatus] = {
    "verified": "valid",
    "invalid": "invalid",
    "bounced": "invalid",
}
_GUESSED = ("extrapolated", "guessed")
# What the app shows for an address nobody has paid for; it is no address.
_LOCKED = "email_not_unlocked"
_REQUEST_ID = re.compile(rb'"request_id"\s*:\s*"?(\d{1,40})')


class Apollo(HttpProvider):
    """One request per question; parameters go into the query even on POST, as Apollo documents."""

    key = "apollo"
    label = "Apollo"
    docs_url = "https://docs.apollo.io/reference"
    summary = "People, companies and work e-mails; search is free, a match costs one credit, a miss nothing."
    base_url = "https://api.apollo.io/api/v1"
    # Default per-team limit; paid plans have more. Figures from the vendor's rate limit page.
    rate = Rate(requests=200, per_seconds=60.0, concurrency=20)
    # About what a credit costs on the smallest paid plan. Everyone's price differs; set yours in Settings.
    usd_per_credit = 0.02
    key_fields = (KeyField(name="api_key", label="API key"),)
    capabilities: ClassVar[Sequence[Capability]] = (
        Capability(question=FindCompanies, price_credits=1, is_miss_charged=True, call_class="B"),
        Capability(question=EnrichCompany, price_credits=1, call_class="B", needs=(("domain",),)),
        Capability(question=FindPeople, call_class="C", needs=(("company_domain",), ("titles",))),
        Capability(question=EnrichPerson, price_credits=1, call_class="B", needs=_PERSON_NEEDS),
        Capability(
            question=FindEmail,
            price_credits=1,
            call_class="B",
            needs=(("full_name", "domain"), ("first_name", "last_name", "domain")),
        ),
        Capability(question=AccountBalance, call_class="C"),
    )

    def authorize(self, request: HttpRequest, credentials: Mapping[str, str]) -> HttpRequest:
        """The request with the key in `x-api-key`."""
        return request.with_headers(x_api_key=credentials.get("api_key", ""))

    def request(self, question: Question) -> HttpRequest:
        """The request that asks the question; searches ask for one page of at most 100.

        Raises:
            InvalidInput: Apollo does not answer such a question, or has no such filter.
        """
        match question:
            case FindCompanies():
                return _post("mixed_companies/search", question, _companies_query(question))
            case EnrichCompany():
                return replace(_post("organizations/enrich", question, {"domain": question.domain}), method="GET")
            case FindPeople():
                return _post("mixed_people/api_search", question, _people_query(question))
            case EnrichPerson() | FindEmail():
                return _post("people/match", question, _match_query(question))
            case AccountBalance():
                return _post("usage_stats/credit_usage_stats", question, {})
        raise InvalidInput(f"Apollo does not answer {question.label!r}. Choose another provider.")

    def interpret(self, request: HttpRequest, response: HttpResponse) -> Outcome:
        """The outcome of any Apollo reply; its envelopes name themselves, so the address matters little."""
        body = reading.parse(response.body)
        if 200 <= response.status < 300:
            if not isinstance(body, dict):
                return reading.refused(self.label, "garbage", response, response.text[:100])
            return self._answer(request, response, body)
        if response.status == 404 and isinstance(body, dict):
            return _missing(request, body)
        return self._refusal(response, reading.mapping(body))

    def interpret_webhook(self, request: HttpRequest) -> Outcome:
        """What a waterfall or a phone number request posts back; unsigned, so the address must be secret."""
        body = reading.clean(request.json_body)
        return self._result(reading.mapping(body), request, None)

    def _answer(self, request: HttpRequest, response: HttpResponse, body: dict[str, Any]) -> Outcome:
        if poll := _poll(request, response, body):
            return Pending(poll, after_seconds=10.0)
        if "webhook_result" in body or "webhook_status" in body:
            return self._result(body, request, response)
        if body.get("status") == "failed" or body.get("error"):
            return self._refusal(replace(response, status=422), body)
        if "credit_usage_stats" in body:
            return _balance(body) or reading.refused(self.label, "garbage", response)
        return self._records(request, response, body)

    def _records(self, request: HttpRequest, response: HttpResponse, body: dict[str, Any]) -> Outcome:
        if "person" in body:
            return self._person(request, response, body["person"])
        if "matches" in body:
            return _people_of(body, ("matches",), is_search=False)
        if "organization" in body:
            return self._company(response, body["organization"])
        if "organizations" in body or "accounts" in body:
            return _companies_of(body)
        if "people" in body or "contacts" in body:
            return _people_of(body, ("people", "contacts"), is_search=True)
        if not body and reading.path(request).endswith(("/match", "/enrich")):
            return NotFound()
        return reading.refused(self.label, "garbage", response)

    def _person(self, request: HttpRequest, response: HttpResponse, value: Any) -> Outcome:
        if value in (None, {}):
            return NotFound()
        if not isinstance(value, dict):
            return reading.refused(self.label, "garbage", response)
        if request.purpose == FindEmail.capability:
            found = _email_found(value)
            return Found(found) if found else NotFound("the person is known, the e-mail address is not")
        if person := _person(value):
            return Found(person)
        is_miss = all(reading.is_blank(value.get(each)) for each in ("name", "first_name", "email"))
        return NotFound() if is_miss else reading.refused(self.label, "garbage", response)

    def _company(self, response: HttpResponse, value: Any) -> Outcome:
        if value is None:
            return NotFound()
        if isinstance(value, dict) and (company := _company(value)):
            return Found(company)
        is_miss = isinstance(value, dict) and reading.is_blank(value.get("name"))
        return NotFound() if is_miss else reading.refused(self.label, "garbage", response)

    def _result(self, body: dict[str, Any], request: HttpRequest, response: HttpResponse | None) -> Outcome:
        inner = reading.mapping(body.get("webhook_result")) or body
        statuses = (reading.text(body.get("webhook_status")), reading.text(inner.get("status")))
        if any(each and each.lower() in ("failed", "failure", "error") for each in statuses):
            said = body.get("failure_reason") or inner.get("error_message")
            return reading.refused(self.label, "vendor_down", response, said)
        if not isinstance(inner.get("people"), list):
            return reading.refused(self.label, "garbage", response)
        people = [each for each in map(_person, reading.mappings(inner["people"])) if each]
        reached = [each for each in people if each.email or each.phone]
        if not reached:
            return NotFound()
        charged = reading.amount(inner.get("credits_consumed"))
        if len(reached) > 1:
            return Found(People(people=tuple(reached), total=len(reached)), charged)
        found = _email_found(reached[0].raw) if request.purpose == FindEmail.capability else None
        return Found(found or reached[0], charged)

    def _refusal(self, response: HttpResponse, body: dict[str, Any]) -> Refused:
        details = reading.mapping(body.get("error_details"))
        said = reading.text_at(body, "error", "error_message", "message")
        code = reading.text(details.get("code")) or reading.text(body.get("error_code")) or ""
        kind = _REFUSALS.get(response.status, "vendor_down" if response.status >= 500 else "garbage")
        # Apollo answers 422 both for bad input and for an empty account; the code tells them apart
        # (live capture 2026-09).
        if "CREDIT" in code.upper() or "insufficient credits" in (said or "").lower():
            kind = "out_of_credits"
        elif code == "UNKNOWN_ERROR":
            kind = "vendor_down"
        return reading.refused(self.label, kind, response, said or code or response.text[:300])


def _post(path: str, question: Question, query: Mapping[str, Any]) -> HttpRequest:
    return HttpRequest(
        method="POST",
        url=f"{Apollo.base_url}/{path}",
        params={name: value for name, value in query.items() if value not in ("", [], None)},
        headers={"Content-Type": "application/json", "Cache-Control": "no-cache"},
        purpose=question.capability,
    )


def _companies_query(question: FindCompanies) -> dict[str, Any]:
    if question.founded_from is not None or question.founded_to is not None:
        raise InvalidInput(
            "Apollo cannot search by founding year. Leave that filter out and filter the table afterwards."
        )
    return {
        # Industry ids exist only inside Apollo, so the names go in as its keyword tags.
        "q_organization_keyword_tags[]": [*question.industries, *question.keywords],
        "organization_locations[]": list(question.locations),
        "organization_num_employees_ranges[]": [_size(each) for each in question.sizes],
        "revenue_range[min]": _whole_usd(question.revenue_min_usd),
        "revenue_range[max]": _whole_usd(question.revenue_max_usd),
        "page": 1,
        "per_page": _page_rows(question.limit),
    }


def _people_query(question: FindPeople) -> dict[str, Any]:
    return {
        "person_titles[]": list(question.titles),
        "person_seniorities[]": list(question.seniorities),
        "q_organization_domains_list[]": [question.company_domain] if question.company_domain else [],
        "page": 1,
        "per_page": _page_rows(question.limit),
    }


def _match_query(question: EnrichPerson | FindEmail) -> dict[str, Any]:
    query: dict[str, Any] = {
        "first_name": question.first_name,
        "last_name": question.last_name,
        # Either form of the name identifies a person; both at once could contradict each other.
        "name": "" if question.first_name and question.last_name else question.full_name,
        "domain": question.domain,
    }
    if isinstance(question, EnrichPerson):
        query |= {
            "email": question.email,
            "linkedin_url": question.linkedin_url,
            "organization_name": question.company_name,
        }
    return query | {"reveal_personal_emails": False, "reveal_phone_number": False}


def _size(band: str) -> str:
    """Apollo's `51,200` for our `51-200`, and `10001,10000000` for `10,001+`."""
    digits = band.replace(",", "").strip()
    low, _, high = digits.partition("-")
    return f"{digits.rstrip('+')},10000000" if digits.endswith("+") else f"{low.strip()},{high.strip() or low}"


def _whole_usd(value: float | None) -> int | None:
    return None if value is None else int(value)


def _page_rows(limit: int) -> int:
    return max(1, min(limit, _PAGE_ROWS))


def _missing(request: HttpRequest, body: dict[str, Any]) -> Outcome:
    code = reading.text(body.get("error_code"))
    if code == "result_pending":
        return Pending(request, after_seconds=reading.amount(body.get("retry_after_seconds")) or 10.0)
    return NotFound(code or "no match")


def _poll(request: HttpRequest, response: HttpResponse, body: dict[str, Any]) -> HttpRequest | None:
    """The request that fetches what a waterfall or phone request will find; None when nothing is to come."""
    query = reading.query(request)
    is_waterfall = reading.mapping(body.get("waterfall")).get("status") == "accepted"
    if "/webhook_result/" in request.url or not (is_waterfall or "webhook_url" in query):
        return None
    # Read from the bytes: the id is a number above 2**53 here and text in the reply to the poll.
    if not (found := _REQUEST_ID.search(response.body)):
        return None
    base = request.url.partition("?")[0].partition("/people/")[0]
    return HttpRequest(
        url=f"{base}/webhook_result/{found[1].decode()}",
        headers=request.headers,
        purpose=request.purpose,
    )


def _balance(body: dict[str, Any]) -> Outcome | None:
    left = {
        str(name): amount
        for name, each in reading.mapping(body["credit_usage_stats"]).items()
        if (amount := reading.amount(reading.mapping(each).get("left_over"))) is not None
    }
    if not left:
        return None
    main = "lead_credit" if "lead_credit" in left else next(iter(left))
    others = [f"{name} {amount:g}" for name, amount in left.items() if name != main]
    ends = reading.text(reading.mapping(body.get("current_credit_cycle")).get("end_date"))
    notes = [
        *([f"also left: {', '.join(others)}"] if others else []),
        *([f"cycle ends {ends}"] if ends else []),
    ]
    return Found(Balance(credits_left=left[main], detail="; ".join(notes) or None))


def _people_of(body: dict[str, Any], names: tuple[str, ...], *, is_search: bool) -> Outcome:
    listed = [body[each] for each in names if body.get(each) is not None]
    if not all(isinstance(each, list) for each in listed):
        return reading.refused(Apollo.label, "garbage", said="a list was expected")
    people = tuple(person for each in listed for value in reading.mappings(each) if (person := _person(value)))
    # An empty page of a search is an answer with a total; a bulk match of nobody is a miss.
    if not people and not is_search:
        return NotFound()
    total = _total(body) if is_search else len(people)
    return Found(People(people=people, total=total), reading.amount(body.get("credits_consumed")))


def _companies_of(body: dict[str, Any]) -> Outcome:
    # What a team has saved is listed under `accounts` and left out of `organizations`.
    listed = [body[each] for each in ("organizations", "accounts") if body.get(each) is not None]
    if not all(isinstance(each, list) for each in listed):
        return reading.refused(Apollo.label, "garbage", said="a list was expected")
    companies = tuple(company for each in listed for value in reading.mappings(each) if (company := _company(value)))
    total = _total(body)
    if not companies and total is None:
        return NotFound()
    return Found(Companies(companies=companies, total=total))


def _total(body: dict[str, Any]) -> int | None:
    total = reading.whole(body.get("total_entries"))
    return reading.whole(reading.mapping(body.get("pagination")).get("total_entries")) if total is None else total


def _person(value: dict[str, Any]) -> Person | None:
    first, last = reading.text(value.get("first_name")), reading.text(value.get("last_name"))
    organization = reading.mapping(value.get("organization"))
    website = organization.get("primary_domain") or organization.get("website_url")
    found = _email_found(value)
    person = Person(
        full_name=reading.text(value.get("name")) or (f"{first} {last}" if first and last else None),
        first_name=first,
        last_name=last,
        title=reading.text(value.get("title")),
        seniority=reading.text(value.get("seniority")),
        company_name=reading.text(organization.get("name")) or reading.text(value.get("organization_name")),
        company_domain=reading.host(website),
        email=found.email if found else None,
        email_status=found.status if found else None,
        phone=_phone(value),
        linkedin_url=reading.text(value.get("linkedin_url")),
        place=_place(value),
        source_id=reading.text(value.get("id")),
        raw=value,
    )
    is_known = person.full_name or person.first_name or person.email or person.phone or person.linkedin_url
    return person if is_known else None


def _email_found(value: dict[str, Any]) -> EmailFound | None:
    """The address of a person as a match or as a waterfall result has it."""
    for each in (value, *reading.mappings(value.get("emails"))):
        address = reading.email(each.get("email"))
        if address is None or address.startswith(_LOCKED):
            continue
        status = (reading.text_at(each, "email_status", "email_status_cd") or "").lower()
        confidence = reading.amount(each.get("extrapolated_email_confidence"))
        return EmailFound(
            email=address,
            confidence_percent=round(confidence * 100) if confidence is not None and confidence <= 1 else None,
            status=_EMAIL_STATUS.get(status, "unknown"),
            is_guess=status in _GUESSED,
        )
    return None


def _phone(value: dict[str, Any]) -> str | None:
    for each in reading.mappings(value.get("phone_numbers")):
        if number := reading.text_at(each, "sanitized_number", "raw_number"):
            return number
    return reading.text_at(value, "sanitized_phone", "phone")


def _company(value: dict[str, Any]) -> Company | None:
    domain = reading.host(value.get("primary_domain")) or reading.host(value.get("domain"))
    domain = domain or reading.host(value.get("website_url"))
    name = reading.text(value.get("name")) or domain
    if name is None:
        return None
    industries = reading.texts(value.get("industries")) or reading.texts([value.get("industry")])
    phone = reading.text(reading.mapping(value.get("primary_phone")).get("sanitized_number"))
    phone = reading.text(value.get("sanitized_phone")) or phone or reading.text(value.get("phone"))
    return Company(
        name=name,
        domain=domain,
        website=reading.text(value.get("website_url")),
        description=reading.text(value.get("short_description")),
        industries=industries,
        headquarters=_place(value),
        employees=reading.whole(value.get("estimated_num_employees")),
        revenue_usd=reading.amount(value.get("annual_revenue")) or reading.amount(value.get("organization_revenue")),
        founded_year=reading.year(value.get("founded_year")),
        phone=phone,
        linkedin_url=reading.text(value.get("linkedin_url")),
        technologies=reading.texts(value.get("technology_names")),
        ticker=reading.text(value.get("publicly_traded_symbol")),
        source_id=reading.text_at(value, "organization_id", "id"),
        raw=value,
    )


def _place(value: dict[str, Any]) -> Place | None:
    place = Place(
        city=reading.text(value.get("city")),
        region=reading.text(value.get("state")),
        country=reading.text(value.get("country")),
        raw=reading.text(value.get("raw_address")),
    )
    return place if place != Place() else None
