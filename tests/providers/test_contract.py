"""Every vendor adapter against every sample of its vendor; the category of a sample says what must come out.

`SPADEWORK_VENDOR_SAMPLES` names another folder of the same layout: `<folder>/<provider key>/*.json`.
"""

from dataclasses import asdict, replace
from typing import Any

import pytest

from spadework.plug import reading
from spadework.plug.provider import Found, HttpProvider, NotFound, Outcome, Pending, Refused
from spadework.plug.questions import Answer, Balance, Companies, EmailFound, EmailVerdict, FindEmail, People, WebPage
from tests.providers.vendor_samples import FOLDER, OWN_FOLDER, VENDORS, Sample, leaves, samples_of

SAMPLES = [each for vendor in VENDORS for each in samples_of(vendor)]
REFUSALS = {
    "auth_error": {"bad_key"},
    "out_of_credits": {"out_of_credits"},
    "rate_limited": {"rate_limited"},
    "validation": {"invalid_request"},
    "forbidden": {"forbidden"},
    "server_error": {"vendor_down"},
    "conflict": {"invalid_request"},
}
# Written by the adapter rather than copied from the reply: our own words, or put together from parts.
OWN_WORDS = {
    "raw", "status", "email_status", "detail", "is_guess", "confidence_percent", "credits_left",
    "published", "fetched_at", "sha256", "is_cut",
}  # fmt: skip
ASKED_WORDS = {"url", "final_url"}
"""Parts of a page that stand in the question, since a site does not say where it is."""


def interpret(sample: Sample) -> Outcome:
    vendor: HttpProvider = VENDORS[sample.vendor]()
    if sample.is_inbound:
        return vendor.interpret_webhook(sample.request)
    return vendor.interpret(sample.request, sample.response)


def fits(sample: Sample, outcome: Outcome) -> bool:
    """Whether the outcome is the one this category of reply must become."""
    match sample.category:
        case "success" | "async_done" | "webhook_in":
            return isinstance(outcome, Found)
        case "account":
            return isinstance(outcome, Found) and isinstance(outcome.answer, Balance)
        case "partial":
            return isinstance(outcome, Found | NotFound)
        case "no_match" | "not_found":
            return isinstance(outcome, NotFound)
        case "async_submit" | "async_pending":
            return isinstance(outcome, Pending) and outcome.poll.url.startswith("https://")
        case "expired" | "async_failed":
            return isinstance(outcome, NotFound) or (isinstance(outcome, Refused) and outcome.kind != "garbage")
        case "forbidden" if sample.response.status == 451:
            return isinstance(outcome, Refused) and outcome.kind == "do_not_contact"
        case category if category in REFUSALS:
            return isinstance(outcome, Refused) and outcome.kind in REFUSALS[category]
    raise AssertionError(f"{sample.name}: no rule for the category {sample.category!r}; add one here.")


def copied_values(answer: Answer) -> dict[str, Any]:
    """The values of an answer that can only have come from the reply, by where they stand in it."""
    return dict(_copied("", asdict(answer)))


def _copied(path: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [pair for key, each in value.items() if key not in OWN_WORDS for pair in _copied(f"{path}.{key}", each)]
    if isinstance(value, list | tuple):
        return [pair for index, each in enumerate(value) for pair in _copied(f"{path}[{index}]", each)]
    return [] if value is None else [(path, value)]


def said_by(sample: Sample) -> list[str]:
    """Everything a reply says, in small letters: each scalar of its JSON, or the whole of a page."""
    said = sample.request.json_body if sample.is_inbound else reading.parse(sample.response.body)
    return [each.lower() for each in (leaves(said) if said is not None else [sample.response.text])]


def is_from(value: Any, known: list[str]) -> bool:
    """Whether the reply says this: as it stands, within a longer text, or (a name, a profile) part by part."""
    if isinstance(value, float):
        return str(value) in known or f"{value:g}" in known or str(int(value)) in known
    wanted = str(value).lower()
    if any(wanted in each for each in known):
        return True
    parts = wanted.removeprefix("https://www.linkedin.com/").replace("/", " ").replace("|", " ").split()
    return all(any(part in each for each in known) or part in ("in", "company") for part in parts)


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_in_the_catalogue_brings_samples_of_every_kind_of_reply(vendor):
    categories = {each.category for each in samples_of(vendor, OWN_FOLDER)}
    keyed = {"auth_error", "out_of_credits", "rate_limited"} if VENDORS[vendor].key_fields else {"forbidden"}
    assert {"success"} | keyed <= categories
    assert categories & {"validation", "server_error"}
    # Other people's samples are of vendors; what the open web sends is shown by ours alone.
    assert samples_of(vendor) or not VENDORS[vendor].key_fields, f"{FOLDER} holds no sample of {vendor}"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: each.name)
def test_a_documented_reply_becomes_the_outcome_its_category_names(sample):
    outcome = interpret(sample)
    assert fits(sample, outcome), f"{sample.category} became {outcome}"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: each.name)
def test_every_value_of_an_answer_stands_in_the_reply(sample):
    outcome = interpret(sample)
    if not isinstance(outcome, Found):
        return
    known = said_by(sample)
    copied = copied_values(outcome.answer)
    if isinstance(outcome.answer, WebPage):
        asked = [sample.request.url, *leaves(sample.request.json_body)]
        copied = {path: value for path, value in copied.items() if path[1:] not in ASKED_WORDS or value not in asked}
    strangers = {path: value for path, value in copied.items() if not is_from(value, known)}
    assert strangers == {}
    if isinstance(outcome.answer, Balance):
        assert is_from(float(outcome.answer.credits_left), known)
    else:
        assert copied, "an answer without a single value"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: each.name)
def test_an_address_in_a_successful_reply_is_an_address_in_the_answer(sample):
    outcome = interpret(sample)
    if not isinstance(outcome, Found) or isinstance(outcome.answer, Balance | Companies):
        return
    said = sample.request.json_body if sample.is_inbound else reading.parse(sample.response.body)
    addresses = {
        each[name] for each in _objects(said) for name in ("email", "address", "value") if "@" in str(each.get(name))
    }
    assert addresses <= set(copied_values(outcome.answer).values())


def _objects(value: Any) -> list[dict[str, Any]]:
    """Every object of a JSON value, at any depth."""
    if isinstance(value, list):
        return [found for each in value for found in _objects(each)]
    if not isinstance(value, dict):
        return []
    return [value, *(found for each in value.values() for found in _objects(each))]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: each.name)
def test_a_refusal_says_what_happened_and_carries_the_vendors_own_pause(sample):
    outcome = interpret(sample)
    if not isinstance(outcome, Refused):
        return
    assert VENDORS[sample.vendor].label in outcome.message
    assert "<" not in outcome.message
    assert outcome.retry_after_seconds == reading.retry_after_seconds(sample.response.headers)
    asked = sample.response.headers.get("retry-after", "")
    if asked.isdigit():
        assert outcome.retry_after_seconds == float(asked)


@pytest.mark.parametrize(
    "sample", [each for each in SAMPLES if "/people/match" in each.request.url], ids=lambda each: each.name
)
def test_a_match_asked_for_an_address_answers_with_the_address_or_not_at_all(sample):
    asked = replace(sample, request=replace(sample.request, purpose=FindEmail.capability))
    outcome = interpret(asked)
    if sample.category == "success":
        person = reading.parse(sample.response.body)["person"]
        assert isinstance(outcome, Found)
        assert isinstance(outcome.answer, EmailFound)
        assert outcome.answer.email == person["email"]
    elif sample.category in ("partial", "no_match"):
        assert isinstance(outcome, NotFound)
    else:
        assert outcome == replace(interpret(sample), **_polled_for(outcome))


def _polled_for(outcome: Outcome) -> dict[str, Any]:
    return {"poll": outcome.poll} if isinstance(outcome, Pending) else {}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: each.name)
def test_a_sample_posted_to_a_vendor_without_webhooks_is_refused_and_to_one_with_them_read(sample):
    vendor = VENDORS[sample.vendor]
    has_webhooks = vendor.interpret_webhook is not HttpProvider.interpret_webhook
    posted = replace(sample.request, json_body=reading.parse(sample.response.body))
    outcome = vendor().interpret_webhook(posted)
    if sample.is_inbound:
        assert isinstance(interpret(sample), Found)
    if not has_webhooks:
        assert isinstance(outcome, Refused)
        assert outcome.kind == "invalid_request"


def test_each_kind_of_answer_is_covered():
    kinds = {type(each.answer) for each in map(interpret, SAMPLES) if isinstance(each, Found)}
    assert {Balance, EmailVerdict} <= kinds
    assert People in kinds or Companies in kinds
