"""What each adapter puts on the wire for each question it says it answers."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from spadework.core.errors import InvalidInput
from spadework.core.http import HttpRequest
from spadework.plug.provider import HttpProvider
from spadework.plug.questions import (
    AccountBalance,
    EnrichCompany,
    EnrichPerson,
    FindCompanies,
    FindEmail,
    FindPeople,
    NormalizeDomain,
    Question,
    VerifyEmail,
)
from spadework.providers.apollo import Apollo
from spadework.providers.hunter import Hunter
from spadework.providers.zerobounce import ZeroBounce
from tests.providers.vendor_samples import VENDORS

APOLLO = "https://api.apollo.io/api/v1/"
HUNTER = "https://api.hunter.io/v2/"
ZEROBOUNCE = "https://api.zerobounce.net/v2/"
NO_REVEAL = {"reveal_personal_emails": "false", "reveal_phone_number": "false"}
FILLED: dict[type[Question], Question] = {
    FindCompanies: FindCompanies(industries=("farming",), locations=("oregon",), sizes=("51-200",)),
    EnrichCompany: EnrichCompany(domain="kestrel.example.com"),
    FindPeople: FindPeople(company_domain="kestrel.example.com", titles=("Buyer",)),
    EnrichPerson: EnrichPerson(email="odile@kestrel.example.com"),
    FindEmail: FindEmail(domain="kestrel.example.com", first_name="Odile", last_name="Marchetti"),
    VerifyEmail: VerifyEmail(email="odile@kestrel.example.com"),
    AccountBalance: AccountBalance(),
}
WIRE = [
    (
        Apollo,
        FindCompanies(
            industries=("farming",),
            keywords=("cider",),
            locations=("oregon", "ohio"),
            sizes=("51-200", "10,001+"),
            revenue_min_usd=1_000_000,
            limit=500,
        ),
        "POST",
        APOLLO + "mixed_companies/search",
        [
            ("q_organization_keyword_tags[]", "farming"),
            ("q_organization_keyword_tags[]", "cider"),
            ("organization_locations[]", "oregon"),
            ("organization_locations[]", "ohio"),
            ("organization_num_employees_ranges[]", "51,200"),
            ("organization_num_employees_ranges[]", "10001,10000000"),
            ("revenue_range[min]", "1000000"),
            ("page", "1"),
            ("per_page", "100"),
        ],
    ),
    (
        Apollo,
        EnrichCompany(domain="kestrel.example.com"),
        "GET",
        APOLLO + "organizations/enrich",
        [("domain", "kestrel.example.com")],
    ),
    (
        Apollo,
        FindPeople(company_domain="kestrel.example.com", titles=("Buyer", "CFO"), seniorities=("vp",), limit=5),
        "POST",
        APOLLO + "mixed_people/api_search",
        [
            ("person_titles[]", "Buyer"),
            ("person_titles[]", "CFO"),
            ("person_seniorities[]", "vp"),
            ("q_organization_domains_list[]", "kestrel.example.com"),
            ("page", "1"),
            ("per_page", "5"),
        ],
    ),
    (
        Apollo,
        EnrichPerson(linkedin_url="https://linkedin.example/in/odile", full_name="Odile M", company_name="Kestrel"),
        "POST",
        APOLLO + "people/match",
        [
            ("name", "Odile M"),
            ("linkedin_url", "https://linkedin.example/in/odile"),
            ("organization_name", "Kestrel"),
            *NO_REVEAL.items(),
        ],
    ),
    (
        Apollo,
        FindEmail(domain="kestrel.example.com", full_name="Odile M", first_name="Odile", last_name="Marchetti"),
        "POST",
        APOLLO + "people/match",
        [
            ("first_name", "Odile"),
            ("last_name", "Marchetti"),
            ("domain", "kestrel.example.com"),
            *NO_REVEAL.items(),
        ],
    ),
    (Apollo, AccountBalance(), "POST", APOLLO + "usage_stats/credit_usage_stats", []),
    (
        Hunter,
        FindEmail(domain="kestrel.example.com", first_name="Odile", last_name="Marchetti"),
        "GET",
        HUNTER + "email-finder",
        [
            ("domain", "kestrel.example.com"),
            ("first_name", "Odile"),
            ("last_name", "Marchetti"),
            ("max_duration", "10"),
        ],
    ),
    (
        Hunter,
        FindEmail(domain="kestrel.example.com", full_name="Odile Marchetti"),
        "GET",
        HUNTER + "email-finder",
        [("domain", "kestrel.example.com"), ("full_name", "Odile Marchetti"), ("max_duration", "10")],
    ),
    (
        Hunter,
        VerifyEmail(email="odile+x@kestrel.example.com"),
        "GET",
        HUNTER + "email-verifier",
        [("email", "odile+x@kestrel.example.com")],
    ),
    (
        Hunter,
        EnrichCompany(domain="kestrel.example.com"),
        "GET",
        HUNTER + "companies/find",
        [("domain", "kestrel.example.com")],
    ),
    (
        Hunter,
        EnrichPerson(linkedin_url="https://www.linkedin.com/in/odile-marchetti-example/?x=1"),
        "GET",
        HUNTER + "people/find",
        [("linkedin_handle", "odile-marchetti-example")],
    ),
    (
        Hunter,
        FindPeople(company_domain="kestrel.example.com", seniorities=("Executive",), limit=1_000),
        "GET",
        HUNTER + "domain-search",
        [("domain", "kestrel.example.com"), ("seniority", "executive"), ("limit", "100")],
    ),
    (Hunter, AccountBalance(), "GET", HUNTER + "account", []),
    (
        ZeroBounce,
        VerifyEmail(email="odile@kestrel.example.com"),
        "GET",
        ZEROBOUNCE + "validate",
        [("api_key", "k-1"), ("email", "odile@kestrel.example.com"), ("ip_address", "")],
    ),
    (ZeroBounce, AccountBalance(), "GET", ZEROBOUNCE + "getcredits", [("api_key", "k-1")]),
]
KEY_HEADER = {Apollo: "x-api-key", Hunter: "x-api-key", ZeroBounce: None}


@pytest.mark.parametrize(
    ("kind", "question", "method", "url", "query"), WIRE, ids=lambda each: getattr(each, "capability", None)
)
def test_a_question_becomes_the_request_the_vendor_documents(kind, question, method, url, query):
    vendor = kind()
    request = vendor.authorize(vendor.request(question), {"api_key": "k-1"})
    parts = urlsplit(request.full_url)
    headers = {key.lower(): value for key, value in request.headers.items()}
    assert (request.method, f"{parts.scheme}://{parts.netloc}{parts.path}") == (method, url)
    assert parse_qsl(parts.query, keep_blank_values=True) == query
    assert request.json_body is None
    assert [key for key, value in headers.items() if value == "k-1"] == ([KEY_HEADER[kind]] if KEY_HEADER[kind] else [])


@pytest.mark.parametrize("kind", VENDORS.values(), ids=lambda each: each.key)
def test_a_vendor_makes_a_request_for_every_capability_it_lists_and_for_no_other(kind):
    vendor = kind()
    listed = {each.question for each in kind.capabilities}
    for question in listed:
        request = vendor.request(FILLED[question])
        assert request.url.startswith(kind.base_url + "/")
        assert request.purpose == question.capability
    for question in (*(set(FILLED) - listed), NormalizeDomain):
        with pytest.raises(InvalidInput, match=kind.label):
            vendor.request(FILLED.get(question, NormalizeDomain(value="x.example.com")))


@pytest.mark.parametrize("kind", VENDORS.values(), ids=lambda each: each.key)
def test_a_request_carries_no_key_until_it_is_authorized(kind: type[HttpProvider]):
    for capability in kind.capabilities:
        bare = kind().request(FILLED[capability.question])
        assert "api_key" not in bare.full_url
        assert "x-api-key" not in {key.lower() for key in bare.headers}
        assert kind().authorize(bare, {"api_key": "k-1"}) != bare


@pytest.mark.parametrize("kind", VENDORS.values(), ids=lambda each: each.key)
def test_a_paid_capability_names_its_price_what_it_needs_and_how_a_lost_reply_is_treated(kind):
    for each in kind.capabilities:
        fields = set(each.question.__dataclass_fields__)
        assert all(fields.issuperset(group) for group in each.needs)
        assert (each.price_credits > 0) == (each.call_class in ("A", "B"))
        is_open = each.question in (FindCompanies, AccountBalance)
        assert bool(each.needs) != is_open
    assert kind.usd_per_credit > 0


def test_hunter_refuses_a_seniority_it_would_ignore():
    with pytest.raises(InvalidInput, match="vp"):
        Hunter().request(FindPeople(company_domain="kestrel.example.com", seniorities=("vp",)))


def test_apollo_refuses_a_filter_it_does_not_have():
    with pytest.raises(InvalidInput, match="founding year"):
        Apollo().request(FindCompanies(founded_from=1990))


def test_zerobounce_takes_the_key_in_the_body_of_a_batch():
    batch = HttpRequest(method="POST", url=ZEROBOUNCE + "validatebatch", json_body={"email_batch": []})
    assert ZeroBounce().authorize(batch, {"api_key": "k-1"}).json_body == {"api_key": "k-1", "email_batch": []}
