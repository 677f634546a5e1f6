"""What rate limit headers mean, and that a line obeys them."""

from datetime import UTC, datetime

import pytest

from spadework.llms import _line
from spadework.llms._headroom import Limit, as_headroom, read_limits
from spadework.llms.anthropic import Anthropic
from spadework.llms.openai import OpenAI
from spadework.plug.llm import LlmRequest, RateHeadroom

NOON = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
MODEL = "model-of-these-tests"
"""Lines outlive the service they led to, and a port may come again; no other test asks this model."""


def test_anthropics_headers_state_each_dimension_and_the_moment_it_is_full_again():
    headers = {
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "49",
        "anthropic-ratelimit-requests-reset": "2026-11-01T12:00:01Z",
        "anthropic-ratelimit-input-tokens-limit": "50000",
        "anthropic-ratelimit-input-tokens-remaining": "20000",
        "anthropic-ratelimit-input-tokens-reset": "2026-11-01T12:00:36Z",
        "anthropic-ratelimit-output-tokens-limit": "10000",
        "anthropic-ratelimit-output-tokens-remaining": "10000",
    }
    limits = read_limits(headers, at=NOON)
    assert limits == {
        "requests": Limit(50, 49, 1.0),
        "input_tokens": Limit(50_000, 20_000, 36.0),
        "output_tokens": Limit(10_000, 10_000, None),
    }
    assert as_headroom(limits) == RateHeadroom(
        requests_left=49, input_tokens_left=20_000, output_tokens_left=10_000, resets_in_seconds=36.0
    )


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("6m0s", 360.0), ("20ms", 0.02), ("1.5s", 1.5), ("1h2m", 3720.0), ("soon", None), ("5 s", None)],
)
def test_openais_headers_state_durations(text, seconds):
    headers = {
        "x-ratelimit-limit-tokens": "30000",
        "x-ratelimit-remaining-tokens": "29000",
        "x-ratelimit-reset-tokens": text,
    }
    assert read_limits(headers, at=NOON) == {"tokens": Limit(30_000, 29_000, seconds)}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-ratelimit-limit-requests": "many", "x-ratelimit-remaining-requests": "1"},
        {"x-ratelimit-limit-requests": "10"},
        {"x-ratelimit-limit-requests": "0", "x-ratelimit-remaining-requests": "0"},
    ],
)
def test_missing_or_garbled_headers_limit_nothing(headers):
    assert read_limits(headers, at=NOON) == {}


@pytest.mark.parametrize(
    ("llm", "path", "left"),
    [
        (Anthropic(), "", RateHeadroom(requests_left=3999, input_tokens_left=399_000, output_tokens_left=79_000)),
        (OpenAI(), "/v1", RateHeadroom(requests_left=4999, input_tokens_left=799_900, resets_in_seconds=0.012)),
    ],
)
async def test_after_a_reply_the_line_knows_what_is_left(llm, path, left, service):
    connection = service.connection(path=path)
    request = LlmRequest(model=MODEL, system="s", prompt="p", max_tokens=10)
    where = (llm.key, connection.base_url, "key-of-test", MODEL)
    assert _line.find_headroom(*where) is None
    await llm.complete(request, connection)
    assert _line.find_headroom(*where) == left


async def test_two_calls_share_one_line(service):
    opened = []

    def connect(address, http):
        opened.append(http)
        return "model"

    address = _line.Address("x", service.url, "k", "m")
    assert _line.line_to(address, connect) is _line.line_to(address, connect)
    assert len(opened) == 1


def test_an_address_does_not_show_its_key():
    assert "very-secret" not in repr(_line.Address("x", "http://a.example", "very-secret", "m"))
