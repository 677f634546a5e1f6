"""What the adapters ask, the simulated vendors answer in a form the adapters read; nothing in it is real."""

from collections import Counter
from collections.abc import Iterator

import orjson
import pytest

from spadework.core.http import HttpRequest, HttpResponse
from spadework.plug.provider import Found, HttpProvider, NotFound, Outcome, Pending, Refused
from spadework.plug.questions import (
    AccountBalance,
    Balance,
    Companies,
    Company,
    EmailFound,
    EmailVerdict,
    EnrichCompany,
    EnrichPerson,
    FindCompanies,
    FindEmail,
    FindPeople,
    People,
    Person,
    Question,
    VerifyEmail,
)
from spadework.providers.apollo import Apollo
from spadework.providers.hunter import Hunter
from spadework.providers.zerobounce import ZeroBounce
from spadework.simulator.faults import VENDOR_FAULTS, Faults
from spadework.simulator.vendors import Simulation

CALM = Faults(throttle_rate=0)
VENDORS: dict[str, type[HttpProvider]] = {"apollo": Apollo, "hunter": Hunter, "zerobounce": ZeroBounce}
ANSWER_TO: dict[type[Question], type] = {
    FindCompanies: Companies,
    EnrichCompany: Company,
    FindPeople: People,
    EnrichPerson: Person,
    FindEmail: EmailFound,
    VerifyEmail: EmailVerdict,
    AccountBalance: Balance,
}


def send(simulation: Simulation, vendor: HttpProvider, request: HttpRequest, **headers: str) -> HttpResponse:
    """The reply to a request whose scheme and host are replaced by the simulator's prefix for the vendor."""
    asked = vendor.authorize(request, {"api_key": "any"})
    target = f"/{vendor.key}/" + asked.full_url.split("/", 3)[3]
    body = b"" if asked.json_body is None else orjson.dumps(asked.json_body)
    lowered = {key.lower(): value for key, value in {**asked.headers, **headers}.items()}
    reply = simulation.exchange(asked.method, target, lowered, body).reply
    content = reply.body.encode() if isinstance(reply.body, str) else orjson.dumps(reply.body)
    return HttpResponse(status=reply.status, headers=dict(reply.headers), body=content)


def ask(simulation: Simulation, vendor: HttpProvider, question: Question, **headers: str) -> Outcome:
    """The outcome of a question, polled once where the vendor is still working."""
    request = vendor.request(question)
    outcome = vendor.interpret(request, send(simulation, vendor, request, **headers))
    if isinstance(outcome, Pending):
        outcome = vendor.interpret(outcome.poll, send(simulation, vendor, outcome.poll))
    return outcome


def questions(kind: type[Question], count: int) -> Iterator[Question]:
    """Different questions of one kind, about invented people at invented companies."""
    for number in range(count):
        domain = f"company-{number}.example.com"
        match kind.__name__:
            case "FindCompanies":
                yield FindCompanies(industries=("farming",), locations=(f"county {number}",), limit=10)
            case "EnrichCompany":
                yield EnrichCompany(domain=domain)
            case "FindPeople":
                yield FindPeople(company_domain=domain, limit=10)
            case "EnrichPerson":
                yield EnrichPerson(email=f"odile.{number}@{domain}")
            case "FindEmail":
                yield FindEmail(domain=domain, first_name="Odile", last_name="Marchetti")
            case "VerifyEmail":
                yield VerifyEmail(email=f"odile.{number}@{domain}")
            case _:
                yield AccountBalance()


CAPABILITIES = [(key, each.question) for key, kind in VENDORS.items() for each in kind.capabilities]


@pytest.mark.parametrize(("key", "kind"), CAPABILITIES, ids=str)
def test_a_simulated_reply_becomes_a_typed_answer_or_a_miss(key, kind):
    simulation, vendor = Simulation(seed=7, faults=CALM), VENDORS[key]()
    outcomes = [ask(simulation, vendor, each) for each in questions(kind, 150)]
    found = [each.answer for each in outcomes if isinstance(each, Found)]
    others = [each for each in outcomes if not isinstance(each, Found | NotFound)]
    assert found
    assert {type(each) for each in found} == {ANSWER_TO[kind]}
    assert {each.kind for each in others if isinstance(each, Refused)} <= {"do_not_contact"}
    assert len(others) <= 3


@pytest.mark.parametrize(
    ("key", "kind", "share"),
    [("apollo", FindEmail, 0.65), ("hunter", FindEmail, 0.55), ("apollo", EnrichCompany, 0.65)],
)
def test_hits_are_as_frequent_as_with_the_real_vendor(key, kind, share):
    simulation, vendor = Simulation(seed=7, faults=CALM), VENDORS[key]()
    hits = sum(isinstance(ask(simulation, vendor, each), Found) for each in questions(kind, 2_000))
    assert hits / 2_000 == pytest.approx(share, abs=0.04)


@pytest.mark.parametrize("key", ["hunter", "zerobounce"])
def test_verdicts_are_spread_as_with_the_real_vendor(key):
    simulation, vendor = Simulation(seed=7, faults=CALM), VENDORS[key]()
    outcomes = [ask(simulation, vendor, each) for each in questions(VerifyEmail, 2_000)]
    counts = Counter(each.answer.status for each in outcomes if isinstance(each, Found))
    shares = {status: count / 2_000 for status, count in counts.items()}
    assert shares == pytest.approx({"valid": 0.78, "catch_all": 0.10, "invalid": 0.09, "unknown": 0.03}, abs=0.025)


@pytest.mark.parametrize("domain", ["company.com", "www.Company.co.uk", "bücher.de", "company.example", "x"])
@pytest.mark.parametrize("name", ["Odile Marchetti", "Zoë Ødegård", "Cher", "李 小龙", "O'Neil-Byrne Anne Marie"])
def test_no_simulated_address_could_be_a_real_persons(domain, name):
    addresses = []
    for seed in range(30):
        simulation = Simulation(seed=seed, faults=CALM)
        for vendor in (Apollo(), Hunter()):
            outcome = ask(simulation, vendor, FindEmail(domain=domain, full_name=name))
            addresses += [outcome.answer.email] if isinstance(outcome, Found) else []
    assert len(addresses) > 10
    assert all(each.endswith(".example") for each in addresses)
    assert all("." not in each.rpartition("@")[2].removesuffix(".example") for each in addresses)
    assert all(each.isascii() for each in addresses)


def test_simulated_people_and_companies_are_recognisable():
    simulation = Simulation(seed=7, faults=CALM)
    for each in questions(FindPeople, 40):
        outcome = ask(simulation, Hunter(), each)
        for person in outcome.answer.people if isinstance(outcome, Found) else ():
            assert person.last_name.startswith("Sim")
            assert person.title.endswith("(simulated)")
            assert person.email.endswith(".example")
    for each in questions(EnrichCompany, 40):
        outcome = ask(simulation, Apollo(), each)
        if isinstance(outcome, Found):
            assert "(simulated)" in outcome.answer.description
            assert outcome.answer.phone.startswith("+1555555")
    listed = ask(simulation, Apollo(), FindCompanies(locations=("oregon",), limit=50))
    assert all(each.domain.endswith(".example") and each.name.startswith("Sim ") for each in listed.answer.companies)


@pytest.mark.parametrize("key", VENDORS)
def test_equal_seeds_answer_alike_and_others_differ(key):
    vendor = VENDORS[key]()
    kind = vendor.capabilities[0].question

    def replies(seed: int) -> list[bytes]:
        simulation = Simulation(seed=seed, faults=CALM)
        return [send(simulation, vendor, vendor.request(each)).body for each in questions(kind, 40)]

    assert replies(7) == replies(7)
    assert replies(7) != replies(8)


@pytest.mark.parametrize("fault", VENDOR_FAULTS)
@pytest.mark.parametrize("key", VENDORS)
def test_a_refusal_is_worded_as_the_vendor_words_it(key, fault):
    simulation, vendor = Simulation(seed=7, faults=CALM), VENDORS[key]()
    question = next(questions(vendor.capabilities[0].question, 1))
    wanted = {("hunter", "forbidden"): "do_not_contact", ("zerobounce", "out_of_credits"): "bad_key"}
    outcome = ask(simulation, vendor, question, **{"x-sim-fault": f"{fault}:3"})
    assert isinstance(outcome, Refused)
    assert outcome.kind == wanted.get((key, fault), fault)
    has_header = fault == "rate_limited" and key != "hunter"
    assert outcome.retry_after_seconds == (3.0 if has_header else None)


def test_a_waterfall_is_pending_once_and_then_done():
    simulation, vendor = Simulation(seed=7, faults=CALM), Apollo()
    kinds = Counter()
    for number in range(40):
        submit = HttpRequest(
            method="POST",
            url=f"{Apollo.base_url}/people/match?id=p{number}&run_waterfall_email=true"
            "&webhook_url=https%3A%2F%2Fhooks.example.com",
        )
        submitted = vendor.interpret(submit, send(simulation, vendor, submit))
        assert isinstance(submitted, Pending)
        first = vendor.interpret(submitted.poll, send(simulation, vendor, submitted.poll))
        assert isinstance(first, Pending)
        kinds[type(vendor.interpret(first.poll, send(simulation, vendor, first.poll)))] += 1
    assert kinds.keys() == {Found, NotFound}


def test_hunter_bills_an_equal_question_once_and_zerobounce_every_time():
    simulation = Simulation(seed=7, faults=CALM)
    for _ in range(3):
        ask(simulation, Hunter(), VerifyEmail(email="odile.1@example.com"))
        ask(simulation, ZeroBounce(), VerifyEmail(email="odile.1@example.com"))
    assert simulation.accounts["hunter"].billed_credits == 0.5
    assert simulation.accounts["hunter"].effects == 1
    assert simulation.accounts["zerobounce"].billed_credits == 3
    assert simulation.accounts["zerobounce"].effects == 3


def test_an_unknown_verdict_is_free_and_a_miss_at_apollo_too():
    simulation = Simulation(seed=7, faults=CALM)
    verdicts = [ask(simulation, ZeroBounce(), each) for each in questions(VerifyEmail, 300)]
    matches = [ask(simulation, Apollo(), each) for each in questions(EnrichCompany, 300)]
    unknown = sum(each.answer.status == "unknown" for each in verdicts)
    assert unknown > 0
    assert simulation.accounts["zerobounce"].billed_credits == 300 - unknown
    assert simulation.accounts["apollo"].billed_credits == sum(isinstance(each, Found) for each in matches)


def test_an_account_runs_empty_and_its_balance_says_so():
    simulation = Simulation(seed=7, faults=CALM.changed({"out_of_credits_after": 2}))
    outcomes = [ask(simulation, Hunter(), each) for each in questions(VerifyEmail, 8)]
    assert [type(each) for each in outcomes] == [Found] * 4 + [Refused] * 4
    assert {each.kind for each in outcomes[4:]} == {"out_of_credits"}
    assert ask(simulation, Hunter(), AccountBalance()).answer.credits_left == 9_998


def test_throttling_hits_its_share_and_a_repeat_gets_through():
    simulation = Simulation(seed=7, faults=CALM.changed({"throttle_rate": 0.2}))
    outcomes = [ask(simulation, Apollo(), each) for each in questions(EnrichCompany, 500)]
    again = [ask(simulation, Apollo(), each) for each in questions(EnrichCompany, 500)]
    throttled = [isinstance(each, Refused) for each in outcomes]
    assert sum(throttled) / 500 == pytest.approx(0.2, abs=0.05)
    assert any(was and not isinstance(now, Refused) for was, now in zip(throttled, again, strict=True))


def test_the_bench_vendor_is_spared_unless_it_is_named():
    faults = CALM.changed({"fault": "vendor_down"})
    spared = Simulation(seed=7, faults=faults).exchange("GET", "/bench/free?x=1", {}, b"")
    named = Simulation(seed=7, faults=faults.changed({"only": "bench"})).exchange("GET", "/bench/free?x=1", {}, b"")
    assert (spared.reply.status, named.reply.status) == (200, 503)
    assert spared.reply.body["x"] == "1"


@pytest.mark.parametrize("wanted", [{"speed": 1}, {"fault": "explode"}, {"hang_rate": "x"}, {"throttle_rate": -1}])
def test_an_unknown_setting_is_refused_and_changes_nothing(wanted):
    with pytest.raises(ValueError, match=r"There are|must be"):
        CALM.changed(wanted)
