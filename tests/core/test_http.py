"""The one client: what it does not connect to, whoever wrote the address."""

import pytest
from aiohttp import web

from spadework.core.errors import InvalidInput
from spadework.core.http import HttpClient, HttpRequest


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "2852039166", "0xa9fea9fe", "[fe80::1]", "[::ffff:169.254.169.254]"]
)
async def test_a_clouds_metadata_is_not_connected_to(host: str) -> None:
    async with HttpClient() as client:
        with pytest.raises(InvalidInput, match="not called"):
            await client.send(HttpRequest(url=f"http://{host}/latest"), deadline_seconds=5)


async def test_nor_when_an_answer_points_there() -> None:
    async def point(_: web.Request) -> web.Response:
        raise web.HTTPFound("http://2852039166/latest")

    app = web.Application()
    app.router.add_get("/", point)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with HttpClient() as client:
        with pytest.raises(InvalidInput, match="not called"):
            await client.send(HttpRequest(url=f"http://127.0.0.1:{runner.addresses[0][1]}/"), deadline_seconds=5)
    await runner.cleanup()
