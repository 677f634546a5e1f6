"""One request on the wire, against a server that says byte for byte what it got and answers what it is told to."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from spadework.core.errors import InvalidInput, ProviderUnavailable, StorageFull
from spadework.core.http import HttpClient, HttpRequest

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Server:
    """What each connection was sent, one entry per request, and the address to reach it."""

    port: int = 0
    connections: list[list[bytes]] = field(default_factory=list)

    def url(self, path: str = "/", *, user: str = "") -> str:
        return f"http://{user}127.0.0.1:{self.port}{path}"


@asynccontextmanager
async def server(*replies: bytes, closes: bool = False) -> AsyncIterator[Server]:
    """Answers the requests in turn, the last reply for ever; with `closes` it hangs up after each."""
    here, left = Server(), list(replies)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests: list[bytes] = []
        here.connections.append(requests)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), 0
                )
                requests.append(head + await reader.readexactly(length))
                writer.write(left.pop(0) if len(left) > 1 else left[0])
                await writer.drain()
                if closes:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    here.port = listening.sockets[0].getsockname()[1]
    try:
        yield here
    finally:
        listening.close()


def lines_of(request: bytes) -> Sequence[str]:
    return request.partition(b"\r\n\r\n")[0].decode().split("\r\n")


async def test_a_request_leaves_as_it_was_written_with_what_every_request_has() -> None:
    async with server(OK) as here, HttpClient() as client:
        request = HttpRequest(url=here.url("/find"), params={"q": "a b", "tag": ["x", "y"]}, headers={"X-Key": "täst"})
        response = await client.send(request)
    assert (response.status, response.body, response.headers["content-length"]) == (200, b"ok", "2")
    first, *headers = lines_of(here.connections[0][0])
    assert first == "GET /find?q=a+b&tag=x&tag=y HTTP/1.1"
    assert {f"Host: 127.0.0.1:{here.port}", "Accept: */*", "X-Key: täst"} <= set(headers)
    assert not any(each.startswith(("Content-Length", "Content-Type", "Cookie")) for each in headers)


async def test_a_header_of_ones_own_takes_the_place_of_the_usual_one_in_any_case() -> None:
    async with server(OK) as here, HttpClient() as client:
        await client.send(HttpRequest(url=here.url(), headers={"accept": "text/html", "USER-AGENT": "Tester"}))
    headers = [each.lower() for each in lines_of(here.connections[0][0])]
    assert [each for each in headers if each.startswith(("accept:", "user-agent:"))] == [
        "accept: text/html",
        "user-agent: tester",
    ]


async def test_a_body_is_json_with_its_length_and_a_post_without_one_says_so() -> None:
    async with server(OK) as here, HttpClient() as client:
        await client.send(HttpRequest(method="POST", url=here.url(), json_body={"name": "Ä"}))
        await client.send(HttpRequest(method="POST", url=here.url()))
    with_body, without = here.connections[0]
    assert with_body.endswith('\r\n\r\n{"name":"Ä"}'.encode())
    assert {"Content-Type: application/json", "Content-Length: 13"} <= set(lines_of(with_body))
    assert "Content-Length: 0" in lines_of(without)


async def test_one_connection_serves_one_request_after_another() -> None:
    async with server(OK) as here, HttpClient() as client:
        for path in ("/a", "/b?c=d", "/%C3%A4"):
            assert (await client.send(HttpRequest(url=here.url(path)))).body == b"ok"
    (requests,) = here.connections
    assert [lines_of(each)[0] for each in requests] == [f"GET {path} HTTP/1.1" for path in ("/a", "/b?c=d", "/%C3%A4")]


@pytest.mark.parametrize(
    ("written", "asked"),
    [("/a b", "/a%20b"), ("/ä?q=ö", "/%C3%A4?q=%C3%B6"), ("/a#part", "/a"), ("?q=/x", "/?q=/x"), ("", "/")],
)
async def test_an_address_is_encoded_once_and_its_fragment_stays_here(written: str, asked: str) -> None:
    async with server(OK) as here, HttpClient() as client:
        for _ in range(2):
            await client.send(HttpRequest(url=here.url(written)))
    assert [lines_of(each)[0] for each in here.connections[0]] == [f"GET {asked} HTTP/1.1"] * 2


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\x00b", "a\x7fb"])
async def test_a_header_that_would_begin_another_one_is_not_sent(value: str) -> None:
    async with server(OK) as here, HttpClient() as client:
        for headers in ({"X-Key": value}, {value: "x"}):
            with pytest.raises(InvalidInput, match="control character"):
                await client.send(HttpRequest(url=here.url(), headers=headers))
    assert here.connections == []


@pytest.mark.parametrize("url", ["ftp://example.com/x", "http:///x", "http://[::1/x", "example.com"])
async def test_an_address_that_is_none_of_a_page_is_refused(url: str) -> None:
    async with HttpClient() as client:
        with pytest.raises(InvalidInput, match="no address of a page"):
            await client.send(HttpRequest(url=url))


async def test_name_and_password_in_the_address_become_a_header_and_leave_the_address() -> None:
    async with server(OK) as here, HttpClient() as client:
        await client.send(HttpRequest(url=here.url("/x", user="me:secret@")))
    first, *headers = lines_of(here.connections[0][0])
    assert first == "GET /x HTTP/1.1" and "Authorization: Basic bWU6c2VjcmV0" in headers


async def test_a_reply_to_head_has_no_body_whatever_its_length_says() -> None:
    async with server(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", OK) as here, HttpClient() as client:
        assert (await client.send(HttpRequest(method="HEAD", url=here.url()), deadline_seconds=5)).body == b""
        assert (await client.send(HttpRequest(url=here.url()), deadline_seconds=5)).body == b"ok"
    assert len(here.connections) == 1


async def test_what_a_server_says_beforehand_is_passed_over() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    async with server(early + OK) as here, HttpClient() as client:
        assert (await client.send(HttpRequest(url=here.url()), deadline_seconds=5)).body == b"ok"


async def test_a_reply_without_length_ends_with_the_connection() -> None:
    async with server(b"HTTP/1.1 200 OK\r\n\r\nall of it", closes=True) as here, HttpClient() as client:
        assert (await client.send(HttpRequest(url=here.url()), deadline_seconds=5)).body == b"all of it"


@pytest.mark.parametrize("reply", [b"SMTP ready\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"])
async def test_a_broken_reply_is_an_error_that_says_the_request_had_left(reply: bytes) -> None:
    async with server(reply, closes=True) as here, HttpClient() as client:
        with pytest.raises(ProviderUnavailable) as caught:
            await client.send(HttpRequest(url=here.url()), deadline_seconds=5)
    assert caught.value.details == {"sent": True, "reason": "broken"}


async def test_a_request_whose_connection_breaks_leaves_once_and_is_told_of_once() -> None:
    told: list[int] = []
    async with server(b"", closes=True) as here, HttpClient() as client:
        with pytest.raises(ProviderUnavailable):
            await client.send(
                HttpRequest(url=here.url()), deadline_seconds=5, on_departure=lambda: told.append(len(here.connections))
            )
        await asyncio.sleep(0.05)
    assert [len(each) for each in here.connections] == [1] and len(told) == 1


async def test_a_request_whose_departure_cannot_be_written_down_does_not_leave() -> None:
    def refuse() -> None:
        raise StorageFull("The disk is full.")

    async with server(OK) as here, HttpClient() as client:
        with pytest.raises(StorageFull):
            await client.send(HttpRequest(url=here.url("/unsaid")), deadline_seconds=5, on_departure=refuse)
        await client.send(HttpRequest(url=here.url("/next")), deadline_seconds=5)
    assert [lines_of(request)[0] for each in here.connections for request in each] == ["GET /next HTTP/1.1"]


async def test_nobody_is_told_of_a_request_that_found_no_connection() -> None:
    told: list[int] = []
    with socket.socket() as deaf:  # has its port to itself, so that nobody else answers there
        deaf.bind(("127.0.0.1", 0))
        async with HttpClient() as client:
            with pytest.raises(ProviderUnavailable) as caught:
                await client.send(
                    HttpRequest(url=f"http://127.0.0.1:{deaf.getsockname()[1]}/"), deadline_seconds=5,
                    on_departure=lambda: told.append(1),
                )  # fmt: skip
    assert caught.value.details["sent"] is False and told == []


async def test_a_reply_too_late_closes_its_connection_so_that_nobody_else_reads_it() -> None:
    async with server(b"", OK) as here, HttpClient() as client:
        with pytest.raises(ProviderUnavailable) as caught:
            await client.send(HttpRequest(url=here.url("/slow")), deadline_seconds=1)
        assert caught.value.details == {"sent": True, "reason": "timeout"}
        assert (await client.send(HttpRequest(url=here.url("/next")), deadline_seconds=5)).body == b"ok"
    assert [len(each) for each in here.connections] == [1, 1]
