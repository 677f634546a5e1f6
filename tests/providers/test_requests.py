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
    ReadPage,
    ResearchTopic,
    SearchWeb,
    VerifyEmail,
)
from spadework.providers.apollo import Apollo
from spadework.providers.brave_search import BraveSearch
from spadework.providers.exa import Exa
from spadework.providers.firecrawl import Firecrawl
from spadework.providers.hunter import Hunter
from spadework.providers.jina import Jina
from spadework.providers.page_reader import PageReader
from spadework.providers.serper import Serper
from spadework.providers.tavily import Tavily
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
    SearchWeb: SearchWeb(query="kestrel orchards", after="2026-01-31", domains=("kestrel.example",)),
    ReadPage: ReadPage(url="https://kestrel.example/about"),
    ResearchTopic: ResearchTopic(instructions="kestrel.example: what this company is and does"),
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
EXA = "https://api.exa.ai/"
TAVILY = "https://api.tavily.com/"
FIRECRAWL = "https://api.firecrawl.dev/v2/"
BRAVE = "https://api.search.brave.com/res/v1/web/search"
NARROW = SearchWeb(query="press hall", limit=500, after="2026-01-31", domains=("www.Kestrel.example", "b.example"))
ABOUT = ReadPage(url="https://kestrel.example/about?x=1#team")
TOPIC = ResearchTopic(
    instructions="kestrel.example: who owns it",
    output_schema='{"type": "object", "properties": {"owner": {"type": "string", "description": "who"}}, '
    '"required": ["owner"]}',
)
POSTED = [
    (
        Exa, NARROW, EXA + "search",
        {
            "query": "press hall", "type": "auto", "numResults": 10, "contents": {"text": {"maxCharacters": 1000}},
            "includeDomains": ["kestrel.example", "b.example"], "startPublishedDate": "2026-01-31T00:00:00.000Z",
        },
    ),
    (Exa, ABOUT, EXA + "contents", {"urls": [ABOUT.url], "text": {"maxCharacters": 200_000}}),
    (
        Tavily, NARROW, TAVILY + "search",
        {
            "query": "press hall", "search_depth": "basic", "max_results": 20, "include_usage": True,
            "include_domains": ["kestrel.example", "b.example"], "start_date": "2026-01-31",
        },
    ),
    (Tavily, ABOUT, TAVILY + "extract", {"urls": [ABOUT.url], "format": "text", "include_usage": True}),
    (
        Tavily, TOPIC, TAVILY + "research",
        {
            "input": TOPIC.instructions, "model": "mini", "citation_format": "numbered",
            "output_schema": {"properties": {"owner": {"type": "string", "description": "who"}}, "required": ["owner"]},
        },
    ),
    (
        Serper, NARROW, "https://google.serper.dev/search",
        {
            "q": "press hall (site:kestrel.example OR site:b.example)", "num": 10, "tbs": "cdr:1,cd_min:1/31/2026",
        },
    ),
    (
        Firecrawl, NARROW, FIRECRAWL + "search",
        {
            "query": "press hall (site:kestrel.example OR site:b.example)", "limit": 10, "sources": ["web"],
            "tbs": "cdr:1,cd_min:1/31/2026",
        },
    ),
    (
        Firecrawl, ABOUT, FIRECRAWL + "scrape",
        {"url": ABOUT.url, "formats": ["markdown"], "parsers": [{"type": "pdf", "maxPages": 1}]},
    ),
]  # fmt: skip
SEARCHERS = [kind for kind in VENDORS.values() if kind.find_capability("search_web")]
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
        assert request.url.startswith(kind.base_url + "/" if kind.base_url else "https://kestrel.example/")
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
        assert (kind().authorize(bare, {"api_key": "k-1"}) != bare) == bool(kind.key_fields)


@pytest.mark.parametrize("kind", VENDORS.values(), ids=lambda each: each.key)
def test_a_paid_capability_names_its_price_what_it_needs_and_how_a_lost_reply_is_treated(kind):
    for each in kind.capabilities:
        fields = set(each.question.__dataclass_fields__)
        assert all(fields.issuperset(group) for group in each.needs)
        assert (each.price_credits > 0) == (each.call_class in ("A", "B"))
        is_open = each.question in (FindCompanies, AccountBalance)
        assert bool(each.needs) != is_open
    assert (kind.usd_per_credit > 0) == bool(kind.key_fields)


@pytest.mark.parametrize(
    ("kind", "question", "url", "body"), POSTED, ids=lambda each: getattr(each, "capability", None)
)
def test_a_question_about_the_web_becomes_the_body_the_vendor_documents(kind, question, url, body):
    request = kind().request(question)
    assert (request.method, request.full_url, request.json_body) == ("POST", url, body)


def test_brave_is_asked_in_the_query_and_jina_and_the_page_itself_in_the_path():
    brave = BraveSearch().request(SearchWeb(query="press hall", limit=500, after="2026-01-31", domains=("b.example",)))
    asked = dict(parse_qsl(urlsplit(brave.full_url).query))
    assert brave.full_url.startswith(BRAVE + "?")
    assert asked.pop("freshness").startswith("2026-01-31to20")
    assert asked == {"q": "press hall site:b.example", "count": "20", "text_decorations": "false"}
    assert Jina().request(ABOUT).full_url == "https://r.jina.ai/https://kestrel.example/about?x=1"
    assert PageReader().request(ABOUT).full_url == "https://kestrel.example/about?x=1"


@pytest.mark.parametrize(
    ("kind", "header", "value"),
    [
        (Exa, "x-api-key", "k-1"),
        (Tavily, "Authorization", "Bearer k-1"),
        (Serper, "X-API-KEY", "k-1"),
        (BraveSearch, "X-Subscription-Token", "k-1"),
        (Firecrawl, "Authorization", "Bearer k-1"),
        (Jina, "Authorization", "Bearer k-1"),
    ],
)
def test_a_search_engine_gets_its_key_where_it_wants_it(kind, header, value):
    question = FILLED[kind.capabilities[0].question]
    headers = kind().authorize(kind().request(question), {"api_key": "k-1"}).headers
    assert headers[header] == value


@pytest.mark.parametrize("kind", SEARCHERS, ids=lambda each: each.key)
@pytest.mark.parametrize(
    "odd", [{"after": "last week"}, {"after": "2026-02-30"}, {"domains": ("a.example OR 1",)}, {"domains": ("",)}]
)
def test_a_search_with_a_day_or_site_that_is_none_is_refused(kind, odd):
    with pytest.raises(InvalidInput, match=r"no day|no domain"):
        kind().request(SearchWeb(query="x", **odd))


@pytest.mark.parametrize(
    "url", ["", "kestrel.example", "file:///etc/passwd", "http://a:b@kestrel.example", "http://[x"]
)
@pytest.mark.parametrize("kind", [PageReader, Jina])
def test_a_page_that_has_no_web_address_is_refused(kind, url):
    with pytest.raises(InvalidInput, match="http or https"):
        kind().request(ReadPage(url=url))


@pytest.mark.parametrize("odd", ["{", "[]", '{"type": "string"}', '{"properties": {}}'])
def test_a_report_in_a_form_that_is_none_is_refused(odd):
    with pytest.raises(InvalidInput, match="JSON Schema"):
        Tavily().request(ResearchTopic(instructions="x", output_schema=odd))


def test_hunter_refuses_a_seniority_it_would_ignore():
    with pytest.raises(InvalidInput, match="vp"):
        Hunter().request(FindPeople(company_domain="kestrel.example.com", seniorities=("vp",)))


def test_apollo_refuses_a_filter_it_does_not_have():
    with pytest.raises(InvalidInput, match="founding year"):
        Apollo().request(FindCompanies(founded_from=1990))


def test_zerobounce_takes_the_key_in_the_body_of_a_batch():
    batch = HttpRequest(method="POST", url=ZEROBOUNCE + "validatebatch", json_body={"email_batch": []})
    assert ZeroBounce().authorize(batch, {"api_key": "k-1"}).json_body == {"api_key": "k-1", "email_batch": []}
