"""Replies nobody documented: an adapter calls them garbage, invents nothing and never raises."""

import json
from dataclasses import asdict, replace
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from spadework.core.http import HttpResponse
from spadework.plug import reading
from spadework.plug.provider import Found, NotFound, Outcome, Pending, Refused
from spadework.plug.questions import Companies, FindEmail, People
from tests.providers.vendor_samples import OWN_FOLDER, VENDORS, Sample, samples_of

SAMPLES = [each for vendor in VENDORS for each in samples_of(vendor, OWN_FOLDER) if not each.is_inbound]
# Pages and texts may hold anything; only what is documented as JSON can lack it.
SUCCESSES = [each for each in SAMPLES if each.category == "success" and each.response.body[:1] in b"{["]
ODD_SCALARS = st.none() | st.booleans() | st.floats() | st.text(max_size=12) | st.integers(-(10**40), 10**40)
KEYS = st.text(max_size=6) | st.sampled_from(
    ["person", "people", "matches", "organization", "data", "error", "errors", "status", "email", "Credits"]
)
ODD_JSON = st.recursive(
    ODD_SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)
STATUSES = st.sampled_from([200, 201, 202, 204, 222, 301, 400, 401, 402, 403, 404, 410, 418, 422, 429, 451, 500])
HTML = b"<!doctype html><html><body>Checking your browser</body></html>"


def interpret(sample: Sample, body: bytes, status: int = 200) -> Outcome:
    response = HttpResponse(status=status, headers={"content-type": "text/html"}, body=body)
    return VENDORS[sample.vendor]().interpret(sample.request, response)


def is_sound(outcome: Outcome) -> bool:
    """Whether an outcome is one of the four and, as an answer, holds only its own types and can be stored."""
    if not isinstance(outcome, Found):
        return isinstance(outcome, NotFound | Pending | Refused)
    as_json = asdict(outcome.answer)
    is_typed = TypeAdapter(type(outcome.answer)).validate_python(as_json) == outcome.answer
    # A page may well write about "\\u0000"; only the character itself cannot be stored.
    return is_typed and b"\\u0000" not in orjson.dumps(as_json).replace(b"\\\\", b"")


@settings(max_examples=300, deadline=None)
@given(sample=st.sampled_from(SAMPLES), status=STATUSES, body=ODD_JSON)
def test_any_json_with_any_status_becomes_an_outcome(sample, status, body):
    assert is_sound(interpret(sample, json.dumps(body).encode(), status))


@settings(max_examples=150, deadline=None)
@given(sample=st.sampled_from(SAMPLES), status=STATUSES, body=st.binary(max_size=200))
def test_any_bytes_with_any_status_become_an_outcome(sample, status, body):
    assert is_sound(interpret(sample, body, status))


@settings(max_examples=600, deadline=None)
@given(sample=st.sampled_from(SAMPLES), where=st.integers(0, 500), odd=ODD_JSON, purpose=st.booleans())
def test_a_documented_reply_with_one_value_replaced_becomes_an_outcome(sample, where, odd, purpose):
    body = json.loads(sample.response.body or b"null") if sample.response.body[:1] in b"{[" else {}
    asked = replace(sample.request, purpose=FindEmail.capability if purpose else "")
    odd_one = replace(sample, request=asked)
    assert is_sound(interpret(odd_one, json.dumps(_replaced(body, where, odd)).encode(), sample.response.status))


@settings(max_examples=100, deadline=None)
@given(vendor=st.sampled_from(sorted(VENDORS)), body=ODD_JSON)
def test_anything_posted_to_a_webhook_becomes_an_outcome(vendor, body):
    posted = replace(SAMPLES[0].request, json_body=body)
    assert is_sound(VENDORS[vendor]().interpret_webhook(posted))


@pytest.mark.parametrize("sample", SUCCESSES, ids=lambda each: each.name)
@pytest.mark.parametrize("body", [HTML, b"", b"null", b"[]", b'"ok"', b"17", b'{"surprise": 1}', b"[" * 5_000])
def test_a_success_without_the_documented_body_is_garbage(sample, body):
    outcome = interpret(sample, body)
    assert isinstance(outcome, Refused)
    assert outcome.kind == "garbage"


@pytest.mark.parametrize("sample", SUCCESSES, ids=lambda each: each.name)
def test_a_success_cut_off_anywhere_is_garbage(sample):
    whole = sample.response.body
    for length in range(0, len(whole), 7):
        outcome = interpret(sample, whole[:length])
        assert isinstance(outcome, Refused)
        assert outcome.kind == "garbage"


@pytest.mark.parametrize("sample", SUCCESSES, ids=lambda each: each.name)
def test_a_success_with_every_value_null_finds_nothing(sample):
    outcome = interpret(sample, json.dumps(_nulled(json.loads(sample.response.body))).encode())
    is_empty = isinstance(outcome, Found) and outcome.answer in (People(people=()), Companies(companies=()))
    assert is_empty or isinstance(outcome, NotFound) or outcome.kind == "garbage"


@pytest.mark.parametrize("sample", SUCCESSES, ids=lambda each: each.name)
def test_a_success_with_every_text_an_object_and_every_number_huge_finds_nothing_false(sample):
    outcome = interpret(sample, json.dumps(_twisted(json.loads(sample.response.body))).encode())
    assert is_sound(outcome)
    if isinstance(outcome, Found):
        assert outcome.answer in (People(people=()), Companies(companies=()))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ({"Retry-After": "30"}, 30.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "Wed, 04 Nov 2026 10:01:00 GMT", "date": "Wed, 04 Nov 2026 10:00:00 GMT"}, 60.0),
        ({"retry-after": "Wed, 04 Nov 2020 10:01:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "Wed, 99 Nov 99999"}, None),
        ({}, None),
    ],
)
def test_a_pause_is_read_in_seconds_or_as_a_date(header, seconds):
    assert reading.retry_after_seconds(header) == seconds


def test_a_value_with_what_postgres_cannot_store_is_cleaned():
    body = rb'{"name": "A\u0000B\ud800", "n": NaN, "big": 123456789012345678901234567890}'
    assert reading.parse(body) == {"name": "AB?", "n": None, "big": "123456789012345678901234567890"}


def _replaced(value: Any, where: int, odd: Any) -> Any:
    """The JSON value with its `where`-th node (counted over and over again) exchanged."""
    count = _count(value)
    return _replace_node(value, where % count, odd)


def _count(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_count, inner))


def _replace_node(value: Any, where: int, odd: Any) -> Any:
    if where == 0:
        return odd
    where -= 1
    items = list(value.items() if isinstance(value, dict) else enumerate(value))
    for key, each in items:
        size = _count(each)
        if where < size:
            changed = [(name, _replace_node(old, where, odd) if name == key else old) for name, old in items]
            return dict(changed) if isinstance(value, dict) else [new for _, new in changed]
        where -= size
    return value


def _nulled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _nulled(each) for key, each in value.items()}
    return [_nulled(each) for each in value] if isinstance(value, list) else None


def _twisted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _twisted(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_twisted(each) for each in value]
    return {"odd": value} if isinstance(value, str) else 10**400 if isinstance(value, int) else value
