"""What leaves for a language model is told byte for byte before it does, and only to whoever asked."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from spadework.core.errors import InvalidInput, StorageFull
from spadework.llms.anthropic import Anthropic
from spadework.llms.openai import OpenAI
from spadework.plug import departures
from spadework.plug.llm import Llm, LlmConnection, LlmRequest
from spadework.simulator.llm_server import make_app

BOTH = [pytest.param(Anthropic(), "", id="anthropic"), pytest.param(OpenAI(), "/v1", id="openai")]
SCHEMA = {
    "type": "object",
    "properties": {"size": {"type": "integer"}},
    "required": ["size"],
    "additionalProperties": False,
}


class Wire:
    """A service that keeps the bodies it was sent as they came."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.url = ""

    def connection(self, path: str) -> LlmConnection:
        return LlmConnection(base_url=self.url + path, credentials={"api_key": "key-of-test"}, timeout_seconds=20)


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    kept = Wire()

    @web.middleware
    async def keep(request: web.Request, handler):  # type: ignore[no-untyped-def]
        kept.bodies.append(await request.read())
        return await handler(request)

    app = make_app()
    app.middlewares.append(keep)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    kept.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield kept
    await runner.cleanup()


def ask(model: str = "some-model", **more: object) -> LlmRequest:
    return LlmRequest(model=model, system="Size the company.", prompt="Açme 🚰", output_schema=SCHEMA, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("llm", "path"), BOTH)
async def test_a_listener_hears_exactly_the_bytes_that_arrive_repairs_included(llm: Llm, path: str, wire: Wire) -> None:
    heard: list[bytes] = []

    async def listen(body: bytes) -> None:
        assert len(wire.bodies) == len(heard), "told before it leaves"
        heard.append(body)

    with departures.heard_by(listen):
        await llm.complete(ask("fault-schema-once"), wire.connection(path))
    assert len(heard) == 2
    assert heard == wire.bodies


@pytest.mark.parametrize(("llm", "path"), BOTH)
async def test_a_listener_that_cannot_keep_it_keeps_it_from_leaving(llm: Llm, path: str, wire: Wire) -> None:
    async def listen(body: bytes) -> None:
        raise StorageFull("The disk is full. Free some space.")

    with departures.heard_by(listen), pytest.raises(StorageFull):
        await llm.complete(ask(), wire.connection(path))
    assert wire.bodies == []


async def test_of_two_that_ask_side_by_side_each_hears_its_own(wire: Wire) -> None:
    heard: dict[str, list[bytes]] = {"one": [], "two": []}

    async def one(name: str) -> None:
        async def listen(body: bytes) -> None:
            heard[name].append(body)

        with departures.heard_by(listen):
            await OpenAI().complete(LlmRequest(model="some-model", system=name, prompt="x"), wire.connection("/v1"))

    await asyncio.gather(one("one"), one("two"))
    assert [(name, len(each), name.encode() in each[0]) for name, each in heard.items()] == [
        ("one", 1, True), ("two", 1, True),
    ]  # fmt: skip


@pytest.mark.parametrize(("llm", "path"), BOTH)
async def test_an_asker_that_repairs_by_itself_gets_the_first_wrong_reply(llm: Llm, path: str, wire: Wire) -> None:
    with pytest.raises(InvalidInput) as caught:
        await llm.complete(ask("fault-schema", repairs_at_most=0), wire.connection(path))
    assert (caught.value.details["reason"], caught.value.details["attempts"], len(wire.bodies)) == ("schema", 1, 1)
