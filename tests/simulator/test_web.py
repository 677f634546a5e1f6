"""The invented web: engines find its pages, readers read them, and nothing in it could be real."""

from urllib.parse import urlsplit

import pytest

from spadework.core.http import HttpResponse
from spadework.plug import catalog
from spadework.plug.provider import Found, HttpProvider, NotFound, Outcome, Pending, Provider, Refused
from spadework.plug.questions import (
    AccountBalance,
    Balance,
    Question,
    ReadPage,
    ResearchReport,
    ResearchTopic,
    SearchWeb,
    WebPage,
    WebResults,
)
from spadework.simulator import web
from spadework.simulator.faults import VENDOR_FAULTS, Faults
from spadework.simulator.vendors import Simulation
from spadework.simulator.wire import Reply
from tests.simulator.test_wire_formats import CALM, send

WEB = {
    key: kind()
    for key, kind in catalog.load(Provider, "provider").items()  # type: ignore[type-abstract]
    if issubclass(kind, HttpProvider) and (kind.find_capability("search_web") or kind.find_capability("read_page"))
}
ENGINES = [each for each in WEB.values() if each.find_capability("search_web")]
READERS = [each for each in WEB.values() if each.find_capability("read_page")]
TOPIC = ResearchTopic(instructions="heron.example: what this company is and does")
HERALD = "sim-herald.example"


def ask(simulation: Simulation, vendor: HttpProvider, question: Question, **headers: str) -> Outcome:
    request = vendor.request(question)
    if vendor.base_url:
        outcome = vendor.interpret(request, send(simulation, vendor, request, **headers))
        for _ in range(5):
            if isinstance(outcome, Pending):
                outcome = vendor.interpret(outcome.poll, send(simulation, vendor, outcome.poll))
        return outcome
    reply: Reply = simulation.exchange("GET", f"/{vendor.key}/{request.full_url}", headers, b"").reply
    return vendor.interpret(
        request, HttpResponse(status=reply.status, headers=dict(reply.headers), body=str(reply.body).encode())
    )


def hits(vendor: HttpProvider, question: SearchWeb, seed: int = 7) -> list[str]:
    outcome = ask(Simulation(seed=seed, faults=CALM), vendor, question)
    assert isinstance(outcome, Found | NotFound), outcome
    return [each.url for each in outcome.answer.results] if isinstance(outcome, Found) else []


def text_of(page: WebPage) -> str:
    return " ".join(page.text.split())


@pytest.mark.parametrize("vendor", ENGINES, ids=lambda each: each.key)
def test_an_engine_lists_pages_that_every_reader_can_read(vendor):
    simulation = Simulation(seed=7, faults=CALM)
    found = ask(simulation, vendor, SearchWeb(query="logistics company new hall", limit=10))
    assert isinstance(found, Found)
    assert isinstance(found.answer, WebResults)
    assert len(found.answer.results) == 10
    for listed in found.answer.results:
        for reader in READERS:
            read = ask(simulation, reader, ReadPage(url=listed.url))
            assert isinstance(read, Found), (reader.key, listed.url, read)
            assert listed.snippet
            assert listed.snippet[:100] in text_of(read.answer)


@pytest.mark.parametrize("vendor", ENGINES, ids=lambda each: each.key)
def test_a_named_company_is_found_with_its_own_site_the_papers_and_the_register(vendor):
    company = web._companies(7)[3]
    hosts = {urlsplit(each).hostname for each in hits(vendor, SearchWeb(query=f"{company.name} news"))}
    assert hosts == {
        company.domain,
        HERALD,
        "sim-trade-review.example",
        "register.sim-county.example",
        "sim-forum.example",
    }


@pytest.mark.parametrize("vendor", ENGINES, ids=lambda each: each.key)
def test_a_search_keeps_to_its_sites_and_its_first_day(vendor):
    everywhere = hits(vendor, SearchWeb(query="granite works expansion"))
    on_site = hits(vendor, SearchWeb(query="granite works expansion", domains=(HERALD,)))
    recent = hits(vendor, SearchWeb(query="granite works expansion", after="2026-06-01"))
    assert {urlsplit(each).hostname for each in on_site} == {HERALD}
    assert 0 < len(recent) < len(everywhere)
    assert not any("register" in each for each in recent)


@pytest.mark.parametrize("vendor", ENGINES, ids=lambda each: each.key)
def test_a_search_for_a_word_that_stands_nowhere_finds_nothing(vendor):
    assert hits(vendor, SearchWeb(query="zzqx")) == []


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.key)
def test_a_page_that_the_invented_web_does_not_have_is_not_found(reader):
    outcome = ask(Simulation(seed=7, faults=CALM), reader, ReadPage(url="https://sim-granite.example/no/such/page"))
    assert isinstance(outcome, NotFound)


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.key)
@pytest.mark.parametrize("url", ["https://heron.example/about", "https://www.heron.example/about/?x=1"])
def test_a_site_nobody_listed_still_has_pages_marked_as_simulated(reader, url):
    outcome = ask(Simulation(seed=7, faults=CALM), reader, ReadPage(url=url))
    assert isinstance(outcome, Found)
    assert "(simulated)" in outcome.answer.text
    assert "Heron" in outcome.answer.text


def test_the_same_page_by_every_reader_says_the_same():
    simulation = Simulation(seed=7, faults=CALM)
    url = hits(WEB["exa"], SearchWeb(query="new hall", domains=(HERALD,)))[0]
    pages = [ask(simulation, each, ReadPage(url=url)).answer for each in READERS]
    assert len({text_of(each) for each in pages}) == 1
    assert len({each.published for each in pages if each.published}) == 1


def test_equal_seeds_give_equal_pages_and_others_differ():
    wanted = SearchWeb(query="software funding")
    assert hits(WEB["exa"], wanted, seed=7) == hits(WEB["tavily"], wanted, seed=7)
    assert hits(WEB["exa"], wanted, seed=7) != hits(WEB["exa"], wanted, seed=8)


def test_a_real_companys_pages_elsewhere_can_be_read_too():
    simulation = Simulation(seed=7, faults=CALM)
    for url in hits(WEB["exa"], SearchWeb(query="who runs this", domains=("acme.com",))):
        assert isinstance(ask(simulation, WEB["page_reader"], ReadPage(url=url)), Found)
    found = web.search("news", 7, limit=20, domains=("acme.com", HERALD))
    assert any("sim-herald.example/business/acme.com" in each.url for each in found)
    assert all(web.read(each.url, 7) == each for each in found)


def test_nothing_in_the_invented_web_could_be_real():
    for company in web._companies(7):
        for page in web.search(company.name, 7, limit=100):
            assert (urlsplit(page.url).hostname or "").endswith(".example")
            assert "@" not in page.text
        assert any("(simulated)" in each.text for each in web.search(company.name, 7, limit=100))


@pytest.mark.parametrize("fault", VENDOR_FAULTS)
@pytest.mark.parametrize("vendor", WEB.values(), ids=lambda each: each.key)
def test_a_refusal_is_worded_as_the_vendor_words_it(vendor, fault):
    question = SearchWeb(query="x yz") if vendor in ENGINES else ReadPage(url="https://heron.example/")
    outcome = ask(Simulation(seed=7, faults=CALM), vendor, question, **{"x-sim-fault": f"{fault}:3"})
    wanted = {
        ("serper", "forbidden"): "bad_key",
        ("page_reader", "bad_key"): "forbidden",
        ("page_reader", "out_of_credits"): "forbidden",
        ("page_reader", "rate_limited"): "vendor_down",
    }
    assert isinstance(outcome, Refused)
    assert outcome.kind == wanted.get((vendor.key, fault), fault)


@pytest.mark.parametrize("vendor", [each for each in WEB.values() if each.key_fields], ids=lambda each: each.key)
def test_what_the_vendor_bills_is_what_the_adapter_expects_at_most(vendor):
    for capability in vendor.capabilities:
        simulation = Simulation(seed=7, faults=CALM)
        question = {
            "search_web": SearchWeb(query="new hall"),
            "read_page": ReadPage(url="https://heron.example/about"),
            "account_balance": AccountBalance(),
            "research_topic": TOPIC,
        }[capability.question.capability]
        outcome = ask(simulation, vendor, question)
        assert isinstance(outcome, Found)
        billed = simulation.accounts[vendor.key].billed_credits
        charged = outcome.charged_credits if outcome.charged_credits is not None else capability.price_credits
        assert charged == pytest.approx(billed)
        assert billed <= capability.price_credits


def test_firecrawls_balance_falls_with_what_was_billed():
    simulation = Simulation(seed=7, faults=Faults(throttle_rate=0))
    ask(simulation, WEB["firecrawl"], ReadPage(url="https://heron.example/about"))
    assert ask(simulation, WEB["firecrawl"], AccountBalance()) == Found(Balance(credits_left=9_999.0))


def test_a_research_task_waits_works_and_ends_with_a_report_on_pages_that_can_be_read():
    simulation, tavily = Simulation(seed=7, faults=CALM), WEB["tavily"]
    submitted = tavily.interpret(tavily.request(TOPIC), send(simulation, tavily, tavily.request(TOPIC)))
    assert isinstance(submitted, Pending)
    outcomes = [tavily.interpret(submitted.poll, send(simulation, tavily, submitted.poll)) for _ in range(3)]
    assert [type(each) for each in outcomes] == [Pending, Pending, Found]
    report = outcomes[-1].answer
    assert isinstance(report, ResearchReport)
    assert report.task_id == submitted.task_id
    assert report.sources and all(web.read(each.url, 7) for each in report.sources)
    assert "Simulated" in report.text


def test_a_research_task_goes_on_when_the_simulator_starts_anew():
    tavily = WEB["tavily"]
    submitted = tavily.interpret(
        tavily.request(TOPIC), send(Simulation(seed=7, faults=CALM), tavily, tavily.request(TOPIC))
    )
    assert isinstance(submitted, Pending)
    anew = Simulation(seed=7, faults=CALM)
    outcomes = [tavily.interpret(submitted.poll, send(anew, tavily, submitted.poll)) for _ in range(3)]
    assert isinstance(outcomes[-1], Found)


@pytest.mark.parametrize(("word", "outcome"), [("zzqx", Refused), ("zzwait", Pending)])
def test_a_research_task_fails_or_never_ends_for_whoever_wants_to_see_that(word, outcome):
    topic = ResearchTopic(instructions=f"{word} heron.example")
    assert isinstance(ask(Simulation(seed=7, faults=CALM), WEB["tavily"], topic), outcome)
