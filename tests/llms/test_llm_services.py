"""Both services against the pretended one: what leaves, what comes back, and every way it can fail."""

from typing import Any

import jsonschema_rs
import pytest
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from genai_prices import calc_price
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from pydantic import TypeAdapter
from pydantic_ai.usage import RequestUsage

from spadework.core.errors import InvalidInput, ProviderRefused, ProviderUnavailable, TooFast
from spadework.llms.anthropic import Anthropic
from spadework.llms.openai import OpenAI
from spadework.plug.llm import LlmConnection, LlmRequest, features_of

CLOSED_SCHEMA = {
    "type": "object",
    "properties": {
        "qualified": {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
        "score": {"type": ["number", "null"], "minimum": 0, "maximum": 100},
        "reasoning": {"type": ["string", "null"], "maxLength": 200},
        "size": {"type": ["string", "null"], "enum": ["small", "large", None]},
    },
    "required": ["qualified", "score", "reasoning", "size"],
    "additionalProperties": False,
}

BOTH = [pytest.param(Anthropic(), "", id="anthropic"), pytest.param(OpenAI(), "/v1", id="openai")]
both = pytest.mark.parametrize(("llm", "path"), BOTH)


def ask(model: str, *, schema: Any = CLOSED_SCHEMA, **more: Any) -> LlmRequest:
    return LlmRequest(
        model=model, system="Score the company.", prompt="Acme Pumps", output_schema=schema, max_tokens=300, **more
    )


@both
async def test_a_schema_is_answered_with_a_value_that_satisfies_it(llm, path, service):
    reply = await llm.complete(ask("some-model"), service.connection(path=path))
    assert jsonschema_rs.is_valid(CLOSED_SCHEMA, reply.parsed)
    assert reply.attempts == 1
    assert reply.input_tokens > 0
    assert reply.output_tokens > 0
    assert not reply.is_simulated


@both
async def test_without_a_schema_the_text_comes_back(llm, path, service):
    reply = await llm.complete(ask("some-model", schema=None), service.connection(path=path))
    assert reply.text.startswith("SIMULATED")
    assert reply.parsed is None


async def test_claude_is_asked_as_its_api_of_2023_wants_and_without_sampling_settings(service):
    await Anthropic().complete(ask("claude-haiku-4-5", temperature=0.0), service.connection())
    (request,) = await service.received()
    assert request["headers"]["anthropic-version"] == "2023-06-01"
    assert request["headers"]["x-api-key"] == "key-of-test"
    assert "authorization" not in request["headers"]
    assert request["body"].keys() & {"temperature", "top_p", "top_k"} == set()
    assert request["body"]["max_tokens"] == 300
    assert request["body"]["stream"] is False
    assert request["body"]["output_config"]["format"]["type"] == "json_schema"
    TypeAdapter(MessageCreateParamsNonStreaming).validate_python(request["body"])


async def test_a_compatible_server_is_asked_with_max_tokens_and_a_json_schema(service):
    await OpenAI().complete(ask("llama-70b", temperature=0.2), service.connection(path="/v1"))
    (request,) = await service.received()
    assert request["headers"]["authorization"] == "Bearer key-of-test"
    assert request["body"]["max_tokens"] == 300
    assert request["body"]["temperature"] == 0.2
    assert request["body"]["response_format"]["type"] == "json_schema"
    TypeAdapter(CompletionCreateParamsNonStreaming).validate_python(request["body"])


@pytest.mark.parametrize("mode", ["json_schema", "json_object", "tool", "prompt"])
async def test_each_way_of_asking_for_json_reaches_a_compatible_server(mode, service):
    connection = service.connection(path="/v1", structured_output=mode)
    reply = await OpenAI().complete(ask("llama-70b"), connection)
    (request,) = await service.received()
    assert jsonschema_rs.is_valid(CLOSED_SCHEMA, reply.parsed)
    sent = {
        "json_schema": request["body"].get("response_format", {}).get("type") == "json_schema",
        "json_object": request["body"].get("response_format", {}).get("type") == "json_object",
        "tool": request["body"].get("tool_choice") == {"type": "function", "function": {"name": "answer"}},
        "prompt": "JSON Schema" in request["body"]["messages"][0]["content"]
        and "response_format" not in request["body"],
    }
    assert [each for each, was_sent in sent.items() if was_sent] == [mode]


async def test_a_claude_model_without_native_schemas_is_asked_through_a_tool(service):
    reply = await Anthropic().complete(ask("claude-3-5-haiku-latest"), service.connection())
    (request,) = await service.received()
    assert jsonschema_rs.is_valid(CLOSED_SCHEMA, reply.parsed)
    assert request["body"]["tools"][0]["name"] == "answer"


async def test_a_server_of_ones_own_needs_no_key(service):
    reply = await OpenAI().complete(ask("llama-70b", schema=None), LlmConnection(base_url=f"{service.url}/v1"))
    assert reply.text


@pytest.mark.parametrize("llm", [Anthropic(), OpenAI()])
async def test_without_a_key_nothing_is_sent(llm):
    with pytest.raises(ProviderRefused, match="Add one in Settings") as raised:
        await llm.complete(ask("any"), LlmConnection())
    assert raised.value.details["sent"] is False


@pytest.mark.parametrize("llm", [Anthropic(), OpenAI()])
@pytest.mark.parametrize("host", ["169.254.169.254", "2852039166", "[fe80::1]"])
async def test_an_address_of_a_clouds_metadata_is_not_connected_to(llm, host):
    connection = LlmConnection(base_url=f"http://{host}/v1", credentials={"api_key": "key-of-test"}, timeout_seconds=5)
    with pytest.raises(InvalidInput, match="metadata service") as raised:
        await llm.complete(ask("any"), connection)
    assert raised.value.details["sent"] is False


@pytest.mark.parametrize("llm", [Anthropic(), OpenAI()])
async def test_a_name_without_an_address_is_unavailable_and_nothing_left(llm):
    connection = LlmConnection(base_url="http://llm.invalid/v1", credentials={"api_key": "key-of-test"})
    with pytest.raises(ProviderUnavailable, match="could not be reached") as raised:
        await llm.complete(ask("any"), connection)
    assert raised.value.details["sent"] is False


@both
@pytest.mark.parametrize("model", ["fault-prose", "fault-fenced"])
async def test_json_inside_prose_or_a_fence_is_read_without_paying_again(llm, path, model, service):
    reply = await llm.complete(ask(model), service.connection(path=path))
    assert jsonschema_rs.is_valid(CLOSED_SCHEMA, reply.parsed)
    assert reply.attempts == 1


@both
async def test_a_wrong_reply_is_corrected_with_the_reasons_fed_back_and_both_are_counted(llm, path, service):
    reply = await llm.complete(ask("fault-schema-once"), service.connection(path=path))
    first, second = await service.received()
    assert jsonschema_rs.is_valid(CLOSED_SCHEMA, reply.parsed)
    assert reply.attempts == 2
    assert '"qualified" is a required property' in str(second["body"]["messages"][-1]["content"])
    assert len(second["body"]["messages"]) == len(first["body"]["messages"]) + 2
    assert len(reply.raw["texts"]) == 2
    usages = [(await service.replay(each))["usage"] for each in (first, second)]
    assert reply.input_tokens == sum(each.get("input_tokens", each.get("prompt_tokens")) for each in usages)
    assert reply.output_tokens == sum(each.get("output_tokens", each.get("completion_tokens")) for each in usages)


@both
@pytest.mark.parametrize("model", ["fault-schema", "fault-truncated"])
async def test_a_reply_that_stays_wrong_ends_after_two_repairs_and_says_what_it_cost(llm, path, model, service):
    with pytest.raises(InvalidInput, match="3 attempts") as raised:
        await llm.complete(ask(model), service.connection(path=path))
    assert len(await service.received()) == 3
    details = raised.value.details
    assert details["reason"] == "schema"
    assert details["text"]
    assert details["errors"]
    assert details["attempts"] == 3
    assert details["input_tokens"] > 0


@both
@pytest.mark.parametrize(("model", "reason"), [("fault-cut", "cut"), ("fault-refusal", "declined")])
async def test_a_cut_or_declined_reply_is_not_paid_for_twice(llm, path, model, reason, service):
    with pytest.raises(InvalidInput) as raised:
        await llm.complete(ask(model), service.connection(path=path))
    assert raised.value.details["reason"] == reason
    assert raised.value.details["attempts"] == 1
    assert len(await service.received()) == 1


@both
@pytest.mark.parametrize(
    ("model", "error", "reason"),
    [
        ("fault-key", ProviderRefused, "bad_key"),
        ("fault-quota", ProviderRefused, "out_of_credits"),
        ("fault-quota-words", ProviderRefused, "out_of_credits"),
        ("fault-model", ProviderRefused, "unknown_model"),
        ("fault-context", InvalidInput, "context_too_long"),
        ("fault-context-words", InvalidInput, "context_too_long"),
        ("fault-overloaded", ProviderUnavailable, "failed"),
        ("fault-500", ProviderUnavailable, "failed"),
        ("fault-html", ProviderUnavailable, "failed"),
        ("fault-html-200", ProviderUnavailable, "failed"),
        ("fault-drop", ProviderUnavailable, "connection"),
    ],
)
async def test_a_failure_becomes_the_error_that_says_what_to_do(llm, path, model, error, reason, service):
    with pytest.raises(error) as raised:
        await llm.complete(ask(model), service.connection(path=path))
    assert type(raised.value) is error
    assert raised.value.details["reason"] == reason
    assert raised.value.details["sent"] is True
    assert len(await service.received()) == 1


@both
async def test_throttling_says_when_to_come_back_and_holds_the_next_call_until_then(llm, path, service):
    with pytest.raises(TooFast) as raised:
        await llm.complete(ask("fault-rate"), service.connection(path=path))
    assert raised.value.details["retry_after_seconds"] == 7
    with pytest.raises(TooFast) as held:
        await llm.complete(ask("fault-rate"), service.connection(path=path, timeout_seconds=1))
    assert held.value.details["sent"] is False
    assert 0 < held.value.details["retry_after_seconds"] <= 7
    assert len(await service.received()) == 1


@both
async def test_a_service_that_never_answers_is_left_after_the_deadline(llm, path, service):
    with pytest.raises(ProviderUnavailable, match=r"1\.5 s") as raised:
        await llm.complete(ask("fault-hang"), service.connection(path=path, timeout_seconds=1.5))
    assert raised.value.details["sent"] is True


@both
async def test_a_port_where_nobody_listens_counts_as_not_sent(llm, path):
    connection = LlmConnection(base_url=f"http://127.0.0.1:9{path}", credentials={"api_key": "k"})
    with pytest.raises(ProviderUnavailable, match="could not be reached") as raised:
        await llm.complete(ask("any"), connection)
    assert raised.value.details["sent"] is False


@both
@pytest.mark.parametrize("base_url", ["llm.example.com/v1", "ftp://llm.example.com", "https://", "not a url"])
async def test_what_is_no_web_address_is_said_before_anything_leaves(llm, path, base_url):
    connection = LlmConnection(base_url=base_url, credentials={"api_key": "k"})
    with pytest.raises(InvalidInput, match="no web address") as raised:
        await llm.complete(ask("any"), connection)
    assert raised.value.details["sent"] is False


@both
async def test_a_schema_the_service_rejects_is_told_in_its_words(llm, path, service):
    schema = {"type": "object", "properties": {"a": {"type": "string", "pattern": "^a$"}}, "required": ["a"]}
    connection = service.connection(path=path, structured_output="tool")
    with pytest.raises(InvalidInput, match="cannot imitate 'pattern'") as raised:
        await llm.complete(ask("some-model", schema=schema), connection)
    assert raised.value.details["reason"] == "rejected"


@both
async def test_a_schema_with_definitions_is_answered(llm, path, service):
    schema = {
        "$defs": {"kind": {"enum": ["A", "B"]}},
        "type": "object",
        "properties": {"kind": {"$ref": "#/$defs/kind"}},
        "required": ["kind"],
        "additionalProperties": False,
    }
    reply = await llm.complete(ask("some-model", schema=schema), service.connection(path=path))
    assert reply.parsed["kind"] in ("A", "B")


async def test_a_very_long_reply_can_be_allowed_to_claude(service):
    reply = await Anthropic().complete(
        LlmRequest(model="claude-sonnet-5-5", system="s", prompt="p", max_tokens=64_000), service.connection()
    )
    assert reply.text


async def test_the_price_follows_the_tokens_and_rounds_up(service):
    reply = await Anthropic().complete(ask("claude-haiku-4-5"), service.connection())
    assert reply.cost_micro_usd == reply.input_tokens * 1 + reply.output_tokens * 5


async def test_a_model_nobody_knows_has_no_price(service):
    reply = await OpenAI().complete(ask("my-own-model-7b"), service.connection(path="/v1"))
    assert reply.cost_micro_usd is None


async def test_a_reply_without_usage_has_no_price_rather_than_none_to_pay(service):
    reply = await OpenAI().complete(ask("fault-no-usage"), service.connection(path="/v1"))
    assert reply.parsed
    assert reply.cost_micro_usd is None


@pytest.mark.parametrize("llm", [Anthropic(), OpenAI()])
def test_the_listed_prices_and_contexts_are_those_of_genai_prices(llm):
    for each in llm.models:
        million_in = calc_price(RequestUsage(input_tokens=100_000), each.id, provider_id=llm.key)
        million_out = calc_price(RequestUsage(output_tokens=100_000), each.id, provider_id=llm.key)
        assert int(million_in.total_price * 10_000_000) == each.input_micro_usd_per_mtok, each.id
        assert int(million_out.total_price * 10_000_000) == each.output_micro_usd_per_mtok, each.id
        assert million_in.model.context_window == each.context_tokens, each.id


@both
async def test_probing_a_good_service_finds_the_native_schema(llm, path, service):
    lines = await llm.probe(service.connection(path=path), model="some-model")
    assert [(each.name, each.is_ok, each.detail) for each in lines] == [
        ("completion", True, "some-model answered"),
        ("usage", True, "yes"),
        ("structured_output:json_schema", True, "worked at once"),
        ("structured_output", True, "json_schema"),
    ]


@pytest.mark.parametrize(
    ("model", "mode"),
    [("fault-no-json-schema", "json_object"), ("fault-prompt-only", "prompt"), ("fault-prose", "json_schema")],
)
async def test_probing_a_weaker_server_finds_the_way_that_works(model, mode, service):
    lines = await OpenAI().probe(service.connection(path="/v1"), model=model)
    assert features_of(lines) == {"structured_output": mode, "usage": "yes"}


@both
async def test_probing_with_a_wrong_key_makes_one_call_and_says_so(llm, path, service):
    lines = await llm.probe(service.connection(path=path), model="fault-key")
    assert [(each.name, each.is_ok) for each in lines] == [("completion", False)]
    assert "rejected the key" in lines[0].detail
    assert len(await service.received()) == 1
