"""A pretended language model service on loopback, in Anthropic's and OpenAI's wire formats.

Run `python -m spadework.simulator.llm_server --port 0`; it prints `{"url", "pid"}` and serves until it is
ended. Answers are invented from the JSON Schema of the request, the same for the same prompt. A model
named `fault-…` misbehaves; see `FAULTS`. What arrived is listed at `/requests`.
"""

import argparse
import asyncio
import json
import os
import sys
from collections import deque
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from spadework.core.errors import InvalidInput
from spadework.plug.samples import invent, seed_of

FAULTS = {
    "fault-rate": "429 with retry-after",
    "fault-overloaded": "529 (Anthropic) or 503 overloaded",
    "fault-500": "500 with a JSON error",
    "fault-html": "502 with a proxy's HTML page",
    "fault-html-200": "200 with an HTML page",
    "fault-key": "401",
    "fault-quota": "out of credits, as each service says it",
    "fault-quota-words": "out of credits, in words only, as compatible servers say it",
    "fault-context-words": "longer than the context, in words only",
    "fault-model": "404, no such model",
    "fault-context": "the prompt is longer than the context",
    "fault-hang": "no answer for 600 s",
    "fault-drop": "the connection ends without an answer",
    "fault-truncated": "half of the JSON, as if whole",
    "fault-cut": "half of the JSON, stopped at max_tokens",
    "fault-refusal": "declines to answer",
    "fault-prose": "the right JSON inside prose",
    "fault-fenced": "the right JSON inside a fenced block",
    "fault-schema": "never what the schema asks for",
    "fault-schema-once": "wrong the first time, right after the correction",
    "fault-no-usage": "a right answer of gpt-5-mini without token counts (OpenAI)",
    "fault-no-json-schema": "400 when asked for json_schema output (OpenAI)",
    "fault-prompt-only": "400 for every native way of asking for JSON (OpenAI)",
}
_HANG_SECONDS = 600
_RECEIVED = web.AppKey("received", deque[dict[str, Any]])


def make_app() -> web.Application:
    """The service as an aiohttp application, with its own memory of what it received."""
    app = web.Application(client_max_size=64 * 1024 * 1024, middlewares=[_refuse_unimitable])
    app[_RECEIVED] = deque(maxlen=1000)
    app.router.add_post("/v1/messages", _messages)
    app.router.add_post("/v1/chat/completions", _chat)
    app.router.add_get("/requests", _requests)
    return app


@web.middleware
async def _refuse_unimitable(request: web.Request, handler: Any) -> web.StreamResponse:
    try:
        return await handler(request)  # type: ignore[no-any-return]  # aiohttp leaves handlers untyped
    except InvalidInput as error:
        make = _anthropic_error if request.path == "/v1/messages" else _openai_error
        return make(400, "invalid_request_error", error.message)


async def _requests(request: web.Request) -> web.Response:
    """The last thousand requests: path, headers and body."""
    received: deque[dict[str, Any]] = request.app[_RECEIVED]
    return web.json_response(list(received))


async def _messages(request: web.Request) -> web.StreamResponse:
    body = await _note(request)
    fault = body["model"] if body["model"] in FAULTS else ""
    if refused := await _transport_fault(request, fault, _anthropic_error):
        return refused
    if not request.headers.get("x-api-key") or not request.headers.get("anthropic-version"):
        return _anthropic_error(401, "authentication_error", "x-api-key header is required")
    schema = body.get("output_config", {}).get("format", {}).get("schema")
    tools = body.get("tools", [])
    seen = _texts(body.get("system", "")) + _texts(*(each["content"] for each in body["messages"]))
    text, stop = _answer(body, schema or (tools[0]["input_schema"] if tools else None), seen)
    content: list[dict[str, Any]] = [{"type": "text", "text": text}]
    if tools and not schema and (value := _parse(text)) is not None:
        content = [{"type": "tool_use", "id": "toolu_1", "name": tools[0]["name"], "input": value}]
    if stop == "refusal":
        content = []
    used = _used(seen, text)
    reply = {
        "id": f"msg_{seed_of(*seen):016x}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": content,
        "stop_reason": "tool_use" if content and content[0]["type"] == "tool_use" else stop,
        "stop_sequence": None,
        "usage": {
            "input_tokens": used[0],
            "output_tokens": used[1],
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
        },
    }
    headers = {
        "anthropic-ratelimit-requests-limit": "4000",
        "anthropic-ratelimit-requests-remaining": "3999",
        "anthropic-ratelimit-input-tokens-limit": "400000",
        "anthropic-ratelimit-input-tokens-remaining": "399000",
        "anthropic-ratelimit-output-tokens-limit": "80000",
        "anthropic-ratelimit-output-tokens-remaining": "79000",
    }
    return web.json_response(reply, headers=headers)


async def _chat(request: web.Request) -> web.StreamResponse:
    body = await _note(request)
    fault = body["model"] if body["model"] in FAULTS else ""
    if refused := await _transport_fault(request, fault, _openai_error):
        return refused
    if not request.headers.get("authorization", "").startswith("Bearer "):
        return _openai_error(401, "invalid_api_key", "You didn't provide an API key.")
    form = body.get("response_format", {})
    tools = body.get("tools", [])
    if _refuses_form(fault, form, tools):
        return _openai_error(400, "invalid_request_error", "Invalid value for 'response_format' or 'tools'.")
    schema = form.get("json_schema", form).get("schema")
    if tools and not schema:
        schema = tools[0]["function"]["parameters"]
    seen = _texts(*(each.get("content") for each in body["messages"]))
    text, stop = _answer(body, schema or _schema_in_words(seen), seen)
    message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None}
    if tools and _parse(text) is not None:
        function = {"name": tools[0]["function"]["name"], "arguments": text}
        calls = [{"id": "call_1", "type": "function", "function": function}]
        message |= {"content": None, "tool_calls": calls}
    if stop == "refusal":
        message |= {"content": None, "refusal": "I can't help with that."}
    finish = {"max_tokens": "length"}.get(stop, "tool_calls" if "tool_calls" in message else "stop")
    reply: dict[str, Any] = {
        "id": f"chatcmpl-{seed_of(*seen):016x}",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "gpt-5-mini" if fault == "fault-no-usage" else body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
    }
    if fault != "fault-no-usage":
        used = _used(seen, text)
        counts = {"prompt_tokens": used[0], "completion_tokens": used[1], "total_tokens": sum(used)}
        reply["usage"] = counts
    headers = {
        "x-ratelimit-limit-requests": "5000",
        "x-ratelimit-remaining-requests": "4999",
        "x-ratelimit-reset-requests": "12ms",
        "x-ratelimit-limit-tokens": "800000",
        "x-ratelimit-remaining-tokens": str(800000 - 100),
        "x-ratelimit-reset-tokens": "7ms",
    }
    return web.json_response(reply, headers=headers)


# --- answers -------------------------------------------------------------------------------------


def _answer(body: Mapping[str, Any], schema: Any, seen: list[str]) -> tuple[str, str]:
    """The text and why it stopped, in Anthropic's words."""
    model = body["model"]
    seed = seed_of(*seen)
    if model == "fault-refusal":
        return "", "refusal"
    if schema is None:
        return str(invent({"type": "string"}, seed)), "end_turn"
    right = json.dumps(invent(schema, seed))
    was_corrected = any("does not satisfy" in each for each in seen)
    if model == "fault-schema" or (model == "fault-schema-once" and not was_corrected):
        return '{"unasked": true}', "end_turn"
    shaped = {
        "fault-truncated": (right[: len(right) // 2], "end_turn"),
        "fault-cut": (right[: len(right) // 2], "max_tokens"),
        "fault-prose": (f"Of course! Here it is: {right} Anything else?", "end_turn"),
        "fault-fenced": (f"Here:\n```json\n{right}\n```\n", "end_turn"),
    }
    return shaped.get(model, (right, "end_turn"))


def _schema_in_words(seen: list[str]) -> Any:
    """The schema of a request that could only write it into its instructions."""
    for text in seen:
        _, found, rest = text.partition("this JSON Schema:\n")
        if found:
            return _parse(rest)
    return None


def _texts(*contents: Any) -> list[str]:
    found: list[str] = []
    for content in contents:
        if isinstance(content, str):
            found.append(content)
        elif isinstance(content, list):
            found += [str(each.get("text", "")) for each in content]
    return found


def _used(seen: list[str], text: str) -> tuple[int, int]:
    return max(1, sum(len(each) for each in seen) // 4), max(1, len(text) // 4)


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


# --- faults --------------------------------------------------------------------------------------


async def _transport_fault(request: web.Request, fault: str, error: Any) -> web.Response | None:
    """The reply of a model that fails before it answers, None for every other."""
    is_anthropic = error is _anthropic_error
    if fault == "fault-hang":
        await asyncio.sleep(_HANG_SECONDS)
    if fault == "fault-drop":
        assert request.transport
        request.transport.abort()
        return web.Response()
    page = "<html><body><h1>Bad Gateway</h1></body></html>"
    if fault in ("fault-html", "fault-html-200"):
        return web.Response(status=200 if fault == "fault-html-200" else 502, text=page, content_type="text/html")
    quota = (
        (400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API.")
        if is_anthropic
        else (429, "insufficient_quota", "You exceeded your current quota, please check your plan.")
    )
    context = (
        (400, "invalid_request_error", "prompt is too long: 219000 tokens > 200000 maximum")
        if is_anthropic
        else (400, "context_length_exceeded", "This model's maximum context length is 128000 tokens.")
    )
    busy = (529, "overloaded_error", "Overloaded") if is_anthropic else (503, "overloaded", "Overloaded")
    errors = {
        "fault-rate": (429, "rate_limit_error", "Number of requests has exceeded your rate limit."),
        "fault-overloaded": busy,
        "fault-500": (500, "api_error", "Internal server error"),
        "fault-key": (401, "authentication_error" if is_anthropic else "invalid_api_key", "invalid key"),
        "fault-quota": quota,
        "fault-quota-words": (400, "invalid_request_error", "Insufficient Balance"),
        "fault-context-words": (400, "invalid_request_error", "the request exceeds the available context size"),
        "fault-model": (404, "not_found_error" if is_anthropic else "model_not_found", f"model: {fault}"),
        "fault-context": context,
    }
    if fault not in errors:
        return None
    reply: web.Response = error(*errors[fault])
    if fault == "fault-rate":
        reply.headers["retry-after"] = "7"
    return reply


def _refuses_form(fault: str, form: Mapping[str, Any], tools: list[Any]) -> bool:
    if fault == "fault-no-json-schema":
        return form.get("type") == "json_schema"
    return fault == "fault-prompt-only" and bool(form or tools)


def _anthropic_error(status: int, kind: str, message: str) -> web.Response:
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}
    return web.json_response(body, status=status)


def _openai_error(status: int, code: str, message: str) -> web.Response:
    error = {"message": message, "type": code, "param": None, "code": code}
    return web.json_response({"error": error}, status=status)


async def _note(request: web.Request) -> Any:
    body = await request.json()
    request.app[_RECEIVED].append(
        {"path": request.path, "headers": {k.lower(): v for k, v in request.headers.items()}, "body": body}
    )
    return body


async def serve(port: int) -> None:
    """Serve on loopback until cancelled; port 0 takes a free one, which is printed."""
    runner = web.AppRunner(make_app(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    chosen = runner.addresses[0][1]
    sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{chosen}", "pid": os.getpid()}) + "\n")
    sys.stdout.flush()
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def main() -> None:
    """Read the port and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
