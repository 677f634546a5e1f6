"""The pretended service, served on loopback by the product's own simulator."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientSession, web

from spadework.plug.llm import LlmConnection
from spadework.simulator.llm_server import make_app


@dataclass(frozen=True)
class Service:
    """The pretended service's address, and what it received."""

    url: str

    def connection(self, *, path: str = "", timeout_seconds: float = 20.0, **features: Any) -> LlmConnection:
        return LlmConnection(
            base_url=self.url + path,
            credentials={"api_key": "key-of-test"},
            features=features,
            timeout_seconds=timeout_seconds,
        )

    async def replay(self, request: dict[str, Any]) -> Any:
        """The same request sent by hand; the service answers the same request the same."""
        url, headers = self.url + request["path"], dict(request["headers"])
        del headers["content-length"]
        async with ClientSession() as session, session.post(url, json=request["body"], headers=headers) as reply:
            return await reply.json()

    async def received(self) -> list[dict[str, Any]]:
        async with ClientSession() as session, session.get(f"{self.url}/requests") as reply:
            return await reply.json()


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    runner = web.AppRunner(make_app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield Service(f"http://127.0.0.1:{runner.addresses[0][1]}")
    await runner.cleanup()
