"""Requests whose address a stranger chose, against real loopback servers; the name service is the test's own."""

import asyncio
import gzip
import ipaddress
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from spadework.core.addresses import AddressRules
from spadework.core.errors import InvalidInput, LimitReached, ProviderUnavailable
from spadework.core.http import HttpClient, HttpRequest
from spadework.core.wire import MAX_BODY_BYTES

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
OPEN, CLOSED = "127.0.0.1", "127.0.0.2"
"""In these tests the first stands for the public internet, the second for a server inside."""


@dataclass
class Names:
    """A name service: each look-up takes the next answer, the last one for ever; remembers what was asked."""

    answers: dict[str, list[list[str]]]
    asked: list[str] = field(default_factory=list)

    async def resolve(self, host: str, port: int, family: socket.AddressFamily) -> list[str]:
        self.asked.append(host)
        if host not in self.answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        left = self.answers[host]
        return left.pop(0) if len(left) > 1 else left[0]


@dataclass
class Place:
    """One port on which two servers listen, the open one and the one inside, with what each was asked."""

    port: int
    seen: dict[str, list[web.Request]]

    def url(self, host: str, path: str = "/") -> str:
        return f"http://{host}:{self.port}{path}"


@asynccontextmanager
async def place(handler: Handler) -> AsyncIterator[Place]:
    seen: dict[str, list[web.Request]] = {OPEN: [], CLOSED: []}
    runners, port = [], 0
    for address in (OPEN, CLOSED):

        async def answer(request: web.Request, address: str = address) -> web.StreamResponse:
            seen[address].append(request)
            return await handler(request)

        application = web.Application()
        application.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, address, port)
        await site.start()
        port = runner.addresses[0][1]
        runners.append(runner)
    yield Place(port, seen)
    for each in runners:
        await each.cleanup()


@asynccontextmanager
async def guarded(here: Place, names: Names) -> AsyncIterator[HttpClient]:
    rules = AddressRules(ports=frozenset({here.port}), allowed=(ipaddress.ip_network(f"{OPEN}/32"),))
    async with HttpClient(rules=rules, resolve=names.resolve) as client:
        yield client


async def hello(request: web.Request) -> web.StreamResponse:
    return web.Response(text=f"hello from {request.host.partition(':')[0]}")


async def test_a_name_that_leads_outside_is_asked_under_its_own_name() -> None:
    names = Names({"kestrel.example": [[OPEN]]})
    async with place(hello) as here, guarded(here, names) as client:
        reply = await client.send(HttpRequest(url=here.url("kestrel.example", "/a?b=1")), guarded=True)
    assert (reply.text, reply.url) == ("hello from kestrel.example", here.url("kestrel.example", "/a?b=1"))
    assert reply.received_at is not None


@pytest.mark.parametrize("found", [[CLOSED], [OPEN, CLOSED], [CLOSED, OPEN], ["::1"], ["169.254.169.254"], []])
async def test_a_name_with_any_address_inside_is_not_dialled(found: list[str]) -> None:
    names = Names({"kestrel.example": [found]})
    async with place(hello) as here, guarded(here, names) as client:
        with pytest.raises(InvalidInput, match="inside this network"):
            await client.send(HttpRequest(url=here.url("kestrel.example")), guarded=True)
    assert here.seen == {OPEN: [], CLOSED: []}


async def test_a_name_that_leads_inside_at_the_second_look_up_is_refused_then() -> None:
    names = Names({"rebind.example": [[OPEN], [CLOSED]]})
    async with place(hello) as here, guarded(here, names) as client:
        close = {"Connection": "close"}
        first = await client.send(HttpRequest(url=here.url("rebind.example"), headers=close), guarded=True)
        with pytest.raises(InvalidInput):
            await client.send(HttpRequest(url=here.url("rebind.example")), guarded=True)
    assert first.status == 200
    assert (len(here.seen[OPEN]), len(here.seen[CLOSED]), names.asked) == (1, 0, ["rebind.example"] * 2)


async def test_the_address_that_passed_is_the_one_dialled_without_another_look_up() -> None:
    names = Names({"rebind.example": [[OPEN], [CLOSED]]})
    async with place(hello) as here, guarded(here, names) as client:
        await client.send(HttpRequest(url=here.url("rebind.example")), guarded=True)
    assert names.asked == ["rebind.example"]
    assert (len(here.seen[OPEN]), len(here.seen[CLOSED])) == (1, 0)


@pytest.mark.parametrize("host", [CLOSED, "127.2", "2130706434", "0x7f000002", "0177.0.0.2", "[::ffff:127.0.0.2]"])
async def test_a_number_inside_is_not_dialled_in_any_notation(host: str) -> None:
    # As the system's own name service does, which reads 0x7f000002 as the address.
    names = Names({"0x7f000002": [[CLOSED]]})
    async with place(hello) as here, guarded(here, names) as client:
        with pytest.raises(InvalidInput):
            await client.send(HttpRequest(url=here.url(host)), guarded=True)
    assert here.seen == {OPEN: [], CLOSED: []}


class Careless(AddressRules):
    """Rules that read a URL in another way than the client that dials it, and so let everything pass."""

    def check_url(self, url: str) -> None:
        return


async def test_a_number_inside_is_refused_by_the_dialling_clients_own_reading_too() -> None:
    async with place(hello) as here, HttpClient(rules=Careless()) as client:
        for host in (CLOSED, "[::ffff:127.0.0.2]"):
            with pytest.raises(InvalidInput):
                await client.send(HttpRequest(url=here.url(host)), guarded=True)
    assert here.seen == {OPEN: [], CLOSED: []}


async def test_the_systems_name_service_is_not_believed_either() -> None:
    async with HttpClient() as client:
        for host in ("localhost", "0x7f000001", "0x7f.1"):
            with pytest.raises((InvalidInput, ProviderUnavailable)) as refused:
                await client.send(HttpRequest(url=f"http://{host}/"), guarded=True)
            assert isinstance(refused.value, InvalidInput) or refused.value.details["sent"] is False


@pytest.mark.parametrize("target", [f"http://{CLOSED}:PORT/", "http://inside.example:PORT/", "//inside.example:PORT/"])
async def test_a_redirect_inside_is_not_followed(target: str) -> None:
    async def redirect(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(target.replace("PORT", str(request.url.port)))

    names = Names({"kestrel.example": [[OPEN]], "inside.example": [[CLOSED]]})
    async with place(redirect) as here, guarded(here, names) as client:
        with pytest.raises(InvalidInput):
            await client.send(HttpRequest(url=here.url("kestrel.example")), guarded=True)
    assert (len(here.seen[OPEN]), len(here.seen[CLOSED])) == (1, 0)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://kestrel.example:22/", "http://x:y@kestrel.example/"])
async def test_a_redirect_to_what_no_page_is_at_is_not_followed(target: str) -> None:
    async def redirect(request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": target})

    names = Names({"kestrel.example": [[OPEN]]})
    async with place(redirect) as here, guarded(here, names) as client:
        with pytest.raises(InvalidInput):
            await client.send(HttpRequest(url=here.url("kestrel.example")), guarded=True)
    assert names.asked == ["kestrel.example"]


async def test_a_redirect_elsewhere_is_followed_without_key_and_cookie() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path == "/old":
            raise web.HTTPMovedPermanently(f"http://new.example:{request.url.port}/new")
        return web.Response(text="moved")

    names = Names({"old.example": [[OPEN]], "new.example": [[OPEN]]})
    secret = {"Authorization": "Bearer k-1", "Cookie": "a=b", "X-Api-Key": "k-1", "Accept": "text/html"}
    async with place(handler) as here, guarded(here, names) as client:
        reply = await client.send(HttpRequest(url=here.url("old.example", "/old"), headers=secret), guarded=True)
    arrived = here.seen[OPEN][1].headers
    assert (reply.text, reply.url) == ("moved", here.url("new.example", "/new"))
    assert arrived["Accept"] == "text/html"
    assert not {"Authorization", "Cookie", "X-Api-Key"} & set(arrived)


async def test_redirects_in_a_circle_end_after_three() -> None:
    async def redirect(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(str(request.url))

    names = Names({"kestrel.example": [[OPEN]]})
    async with place(redirect) as here, guarded(here, names) as client:
        reply = await client.send(HttpRequest(url=here.url("kestrel.example")), guarded=True)
    assert (reply.status, len(here.seen[OPEN])) == (302, 4)


async def test_a_small_body_that_unpacks_to_more_than_the_limit_is_not_read() -> None:
    packed = gzip.compress(b"a" * (20 * MAX_BODY_BYTES))

    async def bomb(request: web.Request) -> web.StreamResponse:
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    assert len(packed) < MAX_BODY_BYTES
    names = Names({"kestrel.example": [[OPEN]]})
    async with place(bomb) as here, guarded(here, names) as client:
        with pytest.raises(LimitReached):
            await client.send(HttpRequest(url=here.url("kestrel.example")), guarded=True)


async def test_a_body_without_end_and_one_that_announces_too_much_are_not_read() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        if request.path == "/announced":
            return web.Response(body=b"a" * (MAX_BODY_BYTES + 1))
        reply = web.StreamResponse()
        await reply.prepare(request)
        while True:
            await reply.write(b"a" * 65_536)

    names = Names({"kestrel.example": [[OPEN]]})
    async with place(endless) as here, guarded(here, names) as client:
        for path in ("/endless", "/announced"):
            with pytest.raises(LimitReached):
                await client.send(HttpRequest(url=here.url("kestrel.example", path)), guarded=True)


async def test_a_body_that_drips_ends_with_the_deadline() -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        reply = web.StreamResponse()
        await reply.prepare(request)
        while True:
            await reply.write(b"a")
            await asyncio.sleep(0.02)

    names = Names({"kestrel.example": [[OPEN]]})
    async with place(drip) as here, guarded(here, names) as client:
        with pytest.raises(ProviderUnavailable) as late:
            await client.send(HttpRequest(url=here.url("kestrel.example")), guarded=True, deadline_seconds=1)
    assert late.value.details == {"sent": True, "reason": "timeout"}


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names({"kestrel.example": [[OPEN]]})
    async with place(hello) as here:
        monkeypatch.setenv("HTTP_PROXY", here.url(CLOSED))
        async with guarded(here, names) as client:
            await client.send(HttpRequest(url=here.url("kestrel.example")), guarded=True)
    assert here.seen[CLOSED] == []
