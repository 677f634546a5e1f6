"""The free offline providers: what they read, and what they honestly leave open."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spadework.plug import catalog
from spadework.plug.provider import Found, LocalProvider, NotFound, Provider, Refused
from spadework.plug.questions import (
    QUESTIONS,
    CleanCompanyName,
    EmailFound,
    FindEmail,
    NormalizeDomain,
    NormalizeEmail,
    ParseName,
    ParsePhone,
    VerifyEmail,
)
from spadework.providers.company_names import CompanyNames
from spadework.providers.domains import Domains
from spadework.providers.email_checks import EmailChecks
from spadework.providers.email_patterns import EmailPatterns
from spadework.providers.emails import Emails
from spadework.providers.names import Names
from spadework.providers.phones import Phones

LOCAL = [each for each in catalog.load(Provider, "provider").values() if issubclass(each, LocalProvider)]


def test_a_domain_is_cleaned_with_its_parts():
    outcome = Domains().answer(NormalizeDomain(value="https://www.shop.example.co.uk/x"))

    assert isinstance(outcome, Found) and outcome.answer.text == "example.co.uk"
    assert outcome.answer.parts["subdomain"] == "www.shop" and outcome.answer.parts["suffix"] == "co.uk"


def test_an_address_is_taken_out_of_its_surroundings_and_lower_cased():
    outcome = Emails().answer(NormalizeEmail(value="Jane Roe <Jane.Roe+news@EXAMPLE.com>"))

    assert isinstance(outcome, Found) and outcome.answer.text == "jane.roe+news@example.com"
    assert outcome.answer.parts["without_tag"] == "jane.roe@example.com"
    assert outcome.answer.parts["as_written"] == "Jane.Roe+news@example.com"


@pytest.mark.parametrize(
    ("email", "status", "because"),
    [
        ("jane.roe@example.com", "unknown", "neither a role nor a throw-away"),
        ("jane.roe@gmail.com", "unknown", "free-mail"),
        ("no-reply+x@example.com", "role", "mailbox of a function"),
        ("jane@x.mailinator.com", "disposable", "throw-away"),
        ("jane@@example.com", "invalid", "Not an e-mail address"),
        ("", "invalid", "Not an e-mail address"),
        ("x" * 70 + "@example.com", "invalid", "Not an e-mail address"),
    ],
)
def test_offline_checks_never_call_an_address_valid(email, status, because):
    outcome = EmailChecks().answer(VerifyEmail(email=email))

    assert isinstance(outcome, Found) and outcome.answer.status == status
    assert because in outcome.answer.detail
    assert (status == "invalid") is ("no mail server" not in outcome.answer.detail)


def test_a_pattern_is_marked_as_a_guess():
    outcome = EmailPatterns().answer(FindEmail(domain="www.example.com", full_name="Dr. José van der Müller Jr."))

    assert outcome == Found(
        EmailFound(
            email="jose.mueller@example.com",
            confidence_percent=31,
            status="unknown",
            is_guess=True,
            sources=("pattern first.last",),
        )
    )


@pytest.mark.parametrize(
    "question",
    [
        FindEmail(domain="example.com", full_name="张伟"),
        FindEmail(domain="example.com", full_name="Jane"),
        FindEmail(domain="example.com"),
        FindEmail(domain="nowhere", full_name="Jane Roe"),
    ],
)
def test_nothing_is_guessed_without_two_names_and_a_domain(question):
    assert isinstance(EmailPatterns().answer(question), NotFound)


def test_a_name_is_split_in_either_order():
    answers = [Names().answer(ParseName(value=each)) for each in ("Jane Roe", "ROE, JANE")]

    assert [each.answer.parts["last_name"] for each in answers if isinstance(each, Found)] == ["Roe", "Roe"]


def test_a_phone_number_becomes_e164_only_when_its_country_is_known():
    in_london = Phones().answer(ParsePhone(value="020 7946 0000", region="United Kingdom"))
    somewhere = Phones().answer(ParsePhone(value="020 7946 0000"))

    assert isinstance(in_london, Found) and in_london.answer.text == "+442079460000"
    assert somewhere == NotFound("'020 7946 0000' has no country prefix; name the country it is in")
    assert isinstance(Phones().answer(ParsePhone(value="5", region="Atlantis")), NotFound)


def test_a_company_name_loses_its_legal_form():
    outcome = CompanyNames().answer(CleanCompanyName(value="Example GmbH & Co. KG"))

    assert isinstance(outcome, Found)
    assert (outcome.answer.text, outcome.answer.parts) == ("Example", {"legal_form": "GmbH & Co. KG"})


@pytest.mark.parametrize("provider", LOCAL, ids=lambda each: each.key)
def test_a_question_of_another_kind_is_refused_in_a_sentence(provider):
    own = {each.question for each in provider.capabilities}

    for question in QUESTIONS.values():
        if question not in own:
            refused = provider().answer(question())
            assert isinstance(refused, Refused) and refused.kind == "invalid_request"


@pytest.mark.parametrize("provider", LOCAL, ids=lambda each: each.key)
@given(text=st.text(max_size=60))
def test_odd_text_in_every_input_is_answered_and_never_raises(provider, text):
    for capability in provider.capabilities:
        names = [each.name for each in dataclasses.fields(capability.question) if each.type in (str, "str")]
        assert provider().answer(capability.question(**dict.fromkeys(names, text)))


@pytest.mark.parametrize("provider", LOCAL, ids=lambda each: each.key)
def test_local_providers_are_free(provider):
    assert all(each.price_credits == 0 and each.call_class == "C" for each in provider.capabilities)
