"""Hunter: work e-mail addresses and their verification. hunter.io/api-documentation/v2 (read 2026-11)."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

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
    EmailVerdict,
    EmailVerdictStatus,
    EnrichCompany,
    EnrichPerson,
    FindEmail,
    FindPeople,
    People,
    Person,
    Place,
    Question,
    VerifyEmail,
)

_PAGE_ROWS = 100
_EMAILS_PER_CREDIT = 10
# Hunter answers 403 when throttled and 429 when the plan is used up, the reverse of everyone else;
# 222 is a failure although it looks like success, and 451 is a person's objection.
# hunter.io/api-documentation/v2 (read 2026-11)
_REFUSALS: dict[int, RefusalKind] = {
    222: "vendor_down", 400: "invalid_request", 401: "bad_key", 402: "out_of_credits", 403: "rate_limited",
    405: "invalid_request", 408: "vendor_down", 410: "invalid_request", 413: "invalid_request",
    422: "invalid_request", 429: "out_of_credits", 451: "do_not_contact",
}  # fmt: skip
_STATUS: dict[str, EmailVerdictStatus] = {
    "valid": "valid", "invalid": "invalid", "accept_all": "catch_all", "disposable": "disposable",
    "unknown": "unknown", "blocked": "unknown", "webmail": "unknown",
}  # fmt: skip
_SENIORITIES = ("junior", "senior", "executive")


class Hunter(HttpProvider):
    """GET only. An equal question within the plan's period is answered again for free, hence class A."""

    key = "hunter"
    label = "Hunter"
    docs_url = "https://hunter.io/api-documentation/v2"
    summary = "Work e-mails by name and domain, verification, and people and companies by domain."
    base_url = "https://api.hunter.io/v2"
    # The verifier's limit, the strictest of Hunter's: 10 a second and 300 a minute.
    rate = Rate(requests=300, per_seconds=60.0, concurrency=10)
    # About what a credit costs on the smallest paid plan. Everyone's price differs; set yours in Settings.
    usd_per_credit = 0.025
    key_fields = (KeyField(name="api_key", label="API key"),)
    capabilities: ClassVar[Sequence[Capability]] = (
        Capability(
            question=FindEmail,
            price_credits=1,
            call_class="A",
            needs=(("domain", "full_name"), ("domain", "first_name", "last_name")),
        ),
        Capability(question=VerifyEmail, price_credits=0.5, call_class="A", needs=(("email",),)),
        Capability(question=EnrichCompany, price_credits=0.2, call_class="A", needs=(("domain",),)),
        Capability(question=EnrichPerson, price_credits=0.2, call_class="A", needs=(("email",), ("linkedin_url",))),
        # One credit for every ten addresses begun; a request asks for at most a hundred.
        Capability(
            question=FindPeople,
            price_credits=_PAGE_ROWS / _EMAILS_PER_CREDIT,
            call_class="A",
            needs=(("company_domain",), ("company_name",)),
        ),
        Capability(question=AccountBalance, call_class="C"),
    )

    def authorize(self, request: HttpRequest, credentials: Mapping[str, str]) -> HttpRequest:
        """The request with the key in `X-API-KEY`."""
        return request.with_headers(X_API_KEY=credentials.get("api_key", ""))

    def request(self, question: Question) -> HttpRequest:
        """The request that asks the question; a search asks for one page of at most 100.

        Raises:
            InvalidInput: Hunter does not answer such a question, or knows no such filter.
        """
        match question:
            case FindEmail():
                return _get("email-finder", question, _finder_query(question))
            case VerifyEmail():
                return _get("email-verifier", question, {"email": question.email})
            case EnrichCompany():
                return _get("companies/find", question, {"domain": question.domain})
            case EnrichPerson():
                return _get("people/find", question, _person_query(question))
            case FindPeople():
                return _get("domain-search", question, _search_query(question))
            case AccountBalance():
                return _get("account", question, {})
        raise InvalidInput(f"Hunter does not answer {question.label!r}. Choose another provider.")

    def interpret(self, request: HttpRequest, response: HttpResponse) -> Outcome:
        """The outcome of any Hunter reply; all its endpoints share one envelope, so the path decides."""
        body = reading.parse(response.body)
        if response.status == 202:
            # The verifier is still asking the mail server; the same request fetches the verdict and
            # is counted once.
            return Pending(request, after_seconds=reading.retry_after_seconds(response.headers) or 5.0)
        if response.status in _REFUSALS or not 200 <= response.status < 300:
            return self._refusal(response, reading.mapping(body), is_json=isinstance(body, dict))
        if not isinstance(body, dict):
            return self._garbage(response)
        if body.get("errors"):
            return self._refusal(response, body, is_json=True)
        return self._answer(reading.path(request), request, response, body)

    def _answer(self, path: str, request: HttpRequest, response: HttpResponse, body: dict[str, Any]) -> Outcome:
        value = body.get("data")
        endpoint = path.rpartition("/")[2]
        if endpoint == "discover" and isinstance(value, list):
            return _companies(value, body)
        if "data" not in body or not (value is None or isinstance(value, dict)):
            return self._garbage(response)
        read = {
            "email-finder": self._email_found,
            "email-verifier": self._verdict,
            "account": self._balance,
        }.get(endpoint)
        if read:
            return read(value or {}, response)
        if endpoint == "domain-search":
            return self._people(value or {}, body, response)
        if path.endswith("/companies/find"):
            if company := _company(value or {}):
                return Found(company)
            return NotFound() if reading.is_blank((value or {}).get("name")) else self._garbage(response)
        if path.endswith(("/people/find", "/combined/find")):
            return self._person(value or {}, response)
        return self._garbage(response)

    def _email_found(self, value: dict[str, Any], response: HttpResponse) -> Outcome:
        address = reading.email(value.get("email"))
        if address is None:
            return NotFound() if not value.get("email") else self._garbage(response)
        status = reading.text(reading.mapping(value.get("verification")).get("status"))
        fallback: EmailVerdictStatus = "catch_all" if value.get("accept_all") is True else "unknown"
        return Found(
            EmailFound(
                email=address,
                confidence_percent=reading.percent(value.get("score")),
                status=_STATUS.get(status or "", fallback),
                is_guess=value.get("source_type") == "generated",
                sources=reading.texts([each.get("uri") for each in reading.mappings(value.get("sources"))]),
            )
        )

    def _verdict(self, value: dict[str, Any], response: HttpResponse) -> Outcome:
        address, said = reading.text(value.get("email")), reading.text(value.get("status"))
        if address is None or said not in _STATUS:
            return self._garbage(response)
        status = _STATUS[said]
        if said == "webmail" and isinstance(value.get("smtp_check"), bool):
            status = "valid" if value["smtp_check"] else "invalid"
        if value.get("block") is True:
            status = "unknown"
        return Found(
            EmailVerdict(
                email=address,
                status=status,
                detail=said if said != status else None,
                confidence_percent=reading.percent(value.get("score")),
            )
        )

    def _people(self, value: dict[str, Any], body: dict[str, Any], response: HttpResponse) -> Outcome:
        listed = value.get("emails", [])
        if not isinstance(listed, list):
            return self._garbage(response)
        people = tuple(_listed_person(each, value) for each in reading.mappings(listed) if _has_email(each))
        if not people:
            return NotFound()
        total = reading.whole(reading.mapping(body.get("meta")).get("results"))
        charged = math.ceil(len(people) / _EMAILS_PER_CREDIT)
        return Found(People(people=people, total=total), charged_credits=float(charged))

    def _person(self, value: dict[str, Any], response: HttpResponse) -> Outcome:
        if person := _person(value):
            return Found(person)
        # Hunter answers 200 with nothing but the address that was asked for (seen live 2026-07).
        inner = reading.mapping(value.get("person")) or value
        is_miss = reading.is_blank([inner.get("name"), inner.get("employment")])
        return NotFound() if is_miss else self._garbage(response)

    def _balance(self, value: dict[str, Any], response: HttpResponse) -> Outcome:
        requests = reading.mapping(value.get("requests"))
        # Searches and verifications count every call, credits what is really left.
        for name in ("credits", "searches", "verifications"):
            pool = reading.mapping(requests.get(name))
            left = reading.amount(pool.get("remaining"))
            used, available = reading.amount(pool.get("used")), reading.amount(pool.get("available"))
            if left is None and used is not None and available is not None:
                left = max(0.0, available - used)
            if left is not None:
                resets = reading.text(value.get("reset_date"))
                return Found(Balance(credits_left=left, detail=f"{name}; reset on {resets}" if resets else name))
        return self._garbage(response)

    def _refusal(self, response: HttpResponse, body: dict[str, Any], *, is_json: bool) -> Outcome:
        errors = reading.mappings(body.get("errors"))
        error = errors[0] if errors else {}
        status = response.status
        if 200 <= status < 300 and status not in _REFUSALS:
            status = reading.whole(error.get("code")) or 400
        if status == 404 and is_json:
            return NotFound()
        kind = _REFUSALS.get(status, "vendor_down" if 500 <= status < 600 else "garbage")
        said = reading.text_at(error, "details", "id") or response.text[:200]
        return reading.refused(self.label, kind, response, said)

    def _garbage(self, response: HttpResponse) -> Refused:
        return reading.refused(self.label, "garbage", response, response.text[:100])


def _get(path: str, question: Question, query: Mapping[str, Any]) -> HttpRequest:
    return HttpRequest(
        url=f"{Hunter.base_url}/{path}",
        params={name: value for name, value in query.items() if value not in ("", None)},
        headers={"Accept": "application/json"},
        purpose=question.capability,
    )


def _finder_query(question: FindEmail) -> dict[str, Any]:
    has_parts = bool(question.first_name and question.last_name)
    return {
        "domain": question.domain,
        "first_name": question.first_name if has_parts else "",
        "last_name": question.last_name if has_parts else "",
        "full_name": "" if has_parts else question.full_name,
        # The longest Hunter may search, in seconds; more time finds more.
        "max_duration": 10,
    }


def _person_query(question: EnrichPerson) -> dict[str, Any]:
    if question.email:
        return {"email": question.email}
    return {"linkedin_handle": _linkedin_handle(question.linkedin_url)}


def _search_query(question: FindPeople) -> dict[str, Any]:
    unknown = [each for each in question.seniorities if each.lower() not in _SENIORITIES]
    if unknown:
        raise InvalidInput(
            f"Hunter knows no seniority {', '.join(unknown)}. Use {', '.join(_SENIORITIES)}, or leave it out."
        )
    return {
        "domain": question.company_domain,
        "company": "" if question.company_domain else question.company_name,
        "seniority": ",".join(each.lower() for each in question.seniorities),
        "job_titles": ",".join(question.titles),
        "limit": max(1, min(question.limit, _PAGE_ROWS)),
    }


def _linkedin_handle(url: str) -> str:
    """The last part of a profile's address; a bare handle stays as it is."""
    try:
        return urlsplit(url).path.rstrip("/").rpartition("/")[2]
    except ValueError:
        return url


def _has_email(value: dict[str, Any]) -> bool:
    return reading.email(value.get("value")) is not None


def _listed_person(value: dict[str, Any], company: dict[str, Any]) -> Person:
    """One address of a domain search; generic ones (info@) have no name."""
    first, last = reading.text(value.get("first_name")), reading.text(value.get("last_name"))
    said = reading.text(reading.mapping(value.get("verification")).get("status")) or ""
    return Person(
        full_name=f"{first} {last}" if first and last else None,
        first_name=first,
        last_name=last,
        title=reading.text(value.get("position")),
        seniority=reading.text(value.get("seniority")),
        company_name=reading.text(company.get("organization")),
        company_domain=reading.host(company.get("domain")),
        email=reading.email(value.get("value")),
        email_status=_STATUS.get(said),
        phone=reading.text(value.get("phone_number")),
        linkedin_url=reading.text(value.get("linkedin")),
        raw=value,
    )


def _person(value: dict[str, Any]) -> Person | None:
    """A person of `people/find`, or of `combined/find` where the company stands beside."""
    company = reading.mapping(value.get("company"))
    value = reading.mapping(value.get("person")) or value
    name, job = reading.mapping(value.get("name")), reading.mapping(value.get("employment"))
    full_name, address = reading.text(name.get("fullName")), reading.email(value.get("email"))
    title, employer = reading.text(job.get("title")), reading.text(job.get("name"))
    if not (full_name or reading.text(name.get("givenName")) or title or employer):
        return None
    return Person(
        full_name=full_name,
        first_name=reading.text(name.get("givenName")),
        last_name=reading.text(name.get("familyName")),
        title=title,
        seniority=reading.text(job.get("seniority")),
        company_name=employer or reading.text(company.get("name")),
        company_domain=reading.host(job.get("domain")) or reading.host(company.get("domain")),
        email=address,
        phone=reading.text(value.get("phone")),
        linkedin_url=_linkedin_url(value, "in"),
        place=_place(value),
        source_id=reading.text(value.get("id")),
        raw=value,
    )


def _companies(listed: list[Any], body: dict[str, Any]) -> Outcome:
    companies = tuple(
        Company(name=reading.text(each.get("organization")) or domain, domain=domain, raw=each)
        for each in reading.mappings(listed)
        if (domain := reading.host(each.get("domain")))
    )
    total = reading.whole(reading.mapping(body.get("meta")).get("results"))
    return Found(Companies(companies=companies, total=total)) if companies else NotFound()


def _company(value: dict[str, Any]) -> Company | None:
    domain, name = reading.host(value.get("domain")), reading.text(value.get("name"))
    if name is None and domain is None:
        return None
    category, metrics = reading.mapping(value.get("category")), reading.mapping(value.get("metrics"))
    return Company(
        name=name or domain or "",
        domain=domain,
        description=reading.text(value.get("description")),
        industries=reading.texts([category.get("industry"), category.get("sector")]),
        headquarters=_place(value),
        # Usually a band such as "51-200", which is no number; it stays in `raw`.
        employees=reading.whole(metrics.get("employees")),
        revenue_usd=reading.amount(metrics.get("annualRevenue")),
        founded_year=reading.year(value.get("foundedYear")),
        phone=reading.text(value.get("phone")),
        linkedin_url=_linkedin_url(value, "company"),
        technologies=reading.texts(value.get("tech")),
        ticker=reading.text(value.get("ticker")),
        source_id=reading.text(value.get("id")),
        raw=value,
    )


def _linkedin_url(value: dict[str, Any], kind: str) -> str | None:
    handle = reading.text(reading.mapping(value.get("linkedin")).get("handle"))
    if handle is None:
        return None
    return f"https://www.linkedin.com/{handle if '/' in handle else f'{kind}/{handle}'}"


def _place(value: dict[str, Any]) -> Place | None:
    geo = reading.mapping(value.get("geo"))
    place = Place(
        city=reading.text(geo.get("city")),
        region=reading.text(geo.get("state")),
        country=reading.text(geo.get("country")),
        country_code=reading.text(geo.get("countryCode")),
        raw=reading.text(value.get("location")),
    )
    return place if place != Place() else None
