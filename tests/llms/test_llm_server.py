"""The pretended service itself: its replies are those the vendors' own SDKs describe, and it runs alone."""

import asyncio
import json
import sys

import pytest
from aiohttp import ClientSession
from anthropic.types import Message
from openai.types.chat import ChatCompletion

SCHEMA = {
    "type": "object",
    "properties": {"label": {"enum": ["A", "B"]}},
    "required": ["label"],
    "additionalProperties": False,
}


async def post(url, body, **headers):
    async with ClientSession() as session, session.post(url, json=body, headers=headers) as reply:
        return reply.status, await reply.json()


@pytest.mark.parametrize("model", ["claude-haiku-4-5", "fault-cut", "fault-refusal"])
async def test_its_messages_are_those_of_anthropics_sdk(service, model):
    body = {
        "model": model,
        "max_tokens": 50,
        "messages": [{"role": "user", "content": "Hi"}],
        "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
    }
    key = {"x-api-key": "k", "anthropic-version": "2023-06-01"}
    status, reply = await post(f"{service.url}/v1/messages", body, **key)
    assert status == 200
    assert Message.model_validate(reply, strict=True).model == model
    assert set(reply) <= set(Message.model_fields)


@pytest.mark.parametrize("model", ["gpt-5.2", "fault-cut", "fault-refusal", "fault-no-usage"])
async def test_its_completions_are_those_of_openais_sdk(service, model):
    body = {
        "model": model,
        "messages": [{"role": "user", "content": "Hi"}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}},
    }
    status, reply = await post(f"{service.url}/v1/chat/completions", body, Authorization="Bearer k")
    assert status == 200
    assert ChatCompletion.model_validate(reply).choices[0].message.role == "assistant"
    assert set(reply) <= set(ChatCompletion.model_fields)


async def test_without_a_key_both_formats_are_refused(service):
    body = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}
    assert (await post(f"{service.url}/v1/messages", body))[0] == 401
    assert (await post(f"{service.url}/v1/chat/completions", body))[0] == 401


async def test_the_command_prints_where_it_listens_and_serves():
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "spadework.simulator.llm_server", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    try:
        printed = json.loads(await process.stdout.readline())
        assert printed["pid"] == process.pid
        body = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
        status, reply = await post(f"{printed['url']}/v1/chat/completions", body, Authorization="Bearer k")
        assert status == 200
        assert reply["choices"][0]["message"]["content"].startswith("SIMULATED")
    finally:
        process.terminate()
        await process.wait()
