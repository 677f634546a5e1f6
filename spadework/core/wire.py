"""One request and its reply on a pooled connection: aiohttp's connector and parser, without its session.

The session costs more than the rest of a request together (docs/decisions/0013), sends some requests a second time by
itself, and cannot say when the first byte leaves. Here a request leaves once, and its caller is told right before.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

import aiohttp
from aiohttp.http import HttpProcessingError
from yarl import URL

from spadework.core.errors import InvalidInput, LimitReached

MAX_BODY_BYTES = 5 * 1024 * 1024
_NEVER = aiohttp.ClientTimeout(total=None)
"""The caller's own deadline covers all of a request."""
_MOST_ORIGINS = 1024
_HOST_STARTS = len("http://") + 1
_IS_ENCODED = re.compile(r"[A-Za-z0-9\-._~:/?@!$&'()*+,;=%\[\]]+").fullmatch
"""Nothing to encode: the path is taken as it is, which costs a tenth of taking the URL apart."""
_IS_LINE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]+").fullmatch
"""No control character but the tab (RFC 9110, 5.5): a line break would begin a header of somebody else's choosing."""
_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that say nothing of their body's length when there is none (RFC 9110, 8.6)."""

Resolve = Callable[[str, int, socket.AddressFamily], Awaitable[list[str]]]
"""The addresses of a name, as numbers."""


class Reply(NamedTuple):
    """A whole reply as it arrived; header names are lower case, `body` is unpacked and at most MAX_BODY_BYTES."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Origin:
    """Scheme, host and port: what a connection is made by, and the headers all its requests begin with."""

    request: aiohttp.ClientRequest
    headers: tuple[tuple[str, str], ...]
    """Lower-case name and line of each that the caller's own headers may replace."""


class Wire:
    """The connections of one kind of request: those to our vendors, or those to whatever address somebody chose.

    `permits` says of each resolved address whether it may be dialled; exactly that address then is. `check_host` sees
    the host as aiohttp reads it, and raises for one that must not be called.
    """

    def __init__(
        self,
        *,
        connections: int,
        permits: Callable[[str], bool],
        resolve: Resolve,
        check_host: Callable[[str], None] | None = None,
        remembers_names: bool,
    ) -> None:
        self._connector = aiohttp.TCPConnector(
            limit=connections, resolver=_CheckingResolver(permits, resolve), keepalive_timeout=30,
            use_dns_cache=remembers_names, ttl_dns_cache=300,
        )  # fmt: skip
        self._check_host = check_host
        self._origins: dict[str, _Origin] = {}

    async def close(self) -> None:
        """Close every connection."""
        await self._connector.close()

    async def exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, on_departure: Callable[[], None]
    ) -> Reply:
        """The whole reply to one request; `on_departure` is called right before its first byte leaves.

        Raises:
            InvalidInput: the URL or a header cannot be sent, or the host must not be called.
            LimitReached: the reply is larger than MAX_BODY_BYTES.
            aiohttp.ClientError, OSError: the connection was not made, or broke.
        """
        origin, target = self._find_origin(url)
        message = _write(method, target, origin, headers, body)
        connection = await self._connector.connect(origin.request, traces=[], timeout=_NEVER)
        try:
            protocol, transport = connection.protocol, connection.transport
            if protocol is None or transport is None or transport.is_closing():
                raise aiohttp.ClientConnectionResetError("The connection was closed before it was used.")
            protocol.set_response_params(skip_payload=method == "HEAD", read_until_eof=True)
            # Written at once instead of with the loop's next round, so that a process killed in between can have left
            # at most this one request noted as sent and not sent.
            transport.set_write_buffer_limits(0)
            on_departure()
            transport.write(message)
            reply = await _read(protocol, url)
        except BaseException:
            connection.close()
            raise
        connection.release()
        return reply

    def _find_origin(self, url: str) -> tuple[_Origin, str]:
        """The origin of a URL and what to ask it for."""
        end = url.find("/", _HOST_STARTS)
        if end > 0 and (known := self._origins.get(url[:end])) is not None and _IS_ENCODED(url):
            return known, url[end:]
        try:
            parsed = URL(url, encoded=_IS_ENCODED(url) is not None)
            if parsed.scheme not in ("http", "https") or not parsed.raw_host:
                raise ValueError("no http address")
            if self._check_host is not None:
                self._check_host(parsed.raw_host)
            origin = _make_origin(parsed)
        except ValueError as error:
            raise InvalidInput(
                f"{url[:200]!r} is no address of a page: {error}. It must begin with http:// or https:// and a host."
            ) from error
        if end > 0 and url[end:] == parsed.raw_path_qs:
            if len(self._origins) >= _MOST_ORIGINS:
                self._origins.clear()
            self._origins[url[:end]] = origin
        return origin, parsed.raw_path_qs


def _make_origin(url: URL) -> _Origin:
    request = aiohttp.ClientRequest("GET", url.origin(), loop=asyncio.get_running_loop())
    if url.user is not None or url.password is not None:
        request.headers["Authorization"] = aiohttp.encode_basic_auth(url.user or "", url.password or "")
    return _Origin(request, tuple((name.lower(), f"{name}: {value}") for name, value in request.headers.items()))


def _write(method: str, target: str, origin: _Origin, headers: Mapping[str, str], body: bytes | None) -> bytes:
    own = {name.lower() for name in headers}
    lines = [
        f"{method} {target} HTTP/1.1",
        *(line for name, line in origin.headers if name not in own),
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    for line in lines:
        if not _IS_LINE(line):
            name = line.partition(":")[0]
            raise InvalidInput(f"The header {name!r} has a line break or control character in it. Enter it again.")
    if body is not None or method not in _WITHOUT_BODY:
        lines.append(f"Content-Length: {len(body or b'')}")
    return "\r\n".join((*lines, "", "")).encode() + (body or b"")


async def _read(protocol: aiohttp.client_proto.ResponseHandler, url: str) -> Reply:
    try:
        message, content = await protocol.read()
        while 100 <= message.code < 200 and message.code != 101:
            message, content = await protocol.read()
    except HttpProcessingError as error:
        raise aiohttp.ClientPayloadError(f"no reply as HTTP has it: {error.message}") from error
    headers = {name.lower(): value for name, value in message.headers.items()}
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > MAX_BODY_BYTES:
        raise _too_large(url)
    # The length says what is on the wire; packed, a small body may hold a thousand times as much.
    if not length.isdecimal() or "content-encoding" in headers:
        body = await _read_capped(content, url)
    else:
        body = content.read_nowait() if content.is_eof() else await content.read()
    return Reply(message.code, headers, body)


async def _read_capped(content: aiohttp.StreamReader, url: str) -> bytes:
    read = bytearray()
    async for piece in content.iter_chunked(65_536):
        read += piece
        if len(read) > MAX_BODY_BYTES:
            raise _too_large(url)
    return bytes(read)


def _too_large(url: str) -> LimitReached:
    return LimitReached(
        f"{urlsplit(url).hostname} answered with more than {MAX_BODY_BYTES // 1024 // 1024} MB, so the reply was not read."
    )


class _CheckingResolver(aiohttp.abc.AbstractResolver):
    """Resolves once and hands aiohttp only addresses that passed, so a second look-up cannot differ."""

    def __init__(self, permits: Callable[[str], bool], resolve: Resolve) -> None:
        self._permits = permits
        self._resolve = resolve

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[aiohttp.abc.ResolveResult]:
        found = await self._resolve(host, port, family)
        if not found or not all(self._permits(each) for each in found):
            raise InvalidInput(f"{host} leads to an address inside this network, so it is not called.")
        return [
            aiohttp.abc.ResolveResult(
                hostname=host,
                host=each,
                port=port,
                family=socket.AF_INET6 if ":" in each else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for each in found
        ]

    async def close(self) -> None:
        """Nothing is held."""
