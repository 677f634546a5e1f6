"""HTTP out: the one client, with a total deadline, size caps and a guard against private addresses."""

import asyncio
import json
import re
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import aiohttp
import orjson
from yarl import URL

from spadework.core import clock, endpoints
from spadework.core.addresses import AddressRules
from spadework.core.errors import InvalidInput, LimitReached, ProviderUnavailable

MAX_BODY_BYTES = 5 * 1024 * 1024
MAX_REDIRECTS = 3
_IS_ENCODED = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+").fullmatch
"""Nothing to encode: what remains is taken as it is, which costs a fifth of taking it apart and encoding it anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request as data, so that it can be shown, recorded and compared before it is sent.

    `params` may hold lists (repeated keys). `json_body` None means no body. `purpose` is the capability
    asked for, where one address serves several; it never leaves the process.
    """

    method: str = "GET"
    url: str
    params: Mapping[str, str | int | float | bool | list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json_body: Any = None
    purpose: str = ""

    @property
    def full_url(self) -> str:
        """The URL with its query, encoded once and the same way everywhere."""
        if not self.params:
            return self.url
        pairs = [
            (key, _as_text(item))
            for key, value in self.params.items()
            for item in (value if isinstance(value, list) else [value])
        ]
        return f"{self.url}{'&' if '?' in self.url else '?'}{urlencode(pairs)}"

    def with_headers(self, **headers: str) -> "HttpRequest":
        """The same request with more headers; underscores in names become dashes."""
        return replace(self, headers={**self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}})


@dataclass(frozen=True, kw_only=True)
class HttpResponse:
    """A whole reply. Header names are lower case. `body` is at most MAX_BODY_BYTES.

    `url` is where it came from after all redirects; it and `received_at` are unknown for a reply that
    was made up or stored without them.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    elapsed_seconds: float = 0.0
    url: str = ""
    received_at: datetime | None = None

    @property
    def text(self) -> str:
        """The body as text; bytes that are no UTF-8 become the replacement mark."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body parsed, None when it is not JSON; a vendor's error page is no reason to crash."""
        return self._parsed

    @cached_property
    def _parsed(self) -> Any:
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            try:
                # Vendors send request ids above 2**64, which orjson refuses.
                return json.loads(self.body)
            except (ValueError, RecursionError):
                return None


Resolve = Callable[[str, int, socket.AddressFamily], Awaitable[list[str]]]
"""The addresses of a name, as numbers."""


class _Departure:
    """Whether a request has begun to leave, and whom to tell right before it does."""

    __slots__ = ("has_left", "tell")

    def __init__(self, tell: Callable[[], None] | None) -> None:
        self.tell = tell
        self.has_left = False


_departure: ContextVar[_Departure] = ContextVar("departure")


class _Request(aiohttp.ClientRequest):
    """A request that says when its first byte leaves: after a connection was found, not before."""

    async def send(self, conn: Any) -> aiohttp.ClientResponse:
        departure = _departure.get()
        if departure.tell is not None:
            # Written at once instead of with the loop's next round, so that a process killed in between
            # can have left at most this one call noted as sent and not sent.
            conn.transport.set_write_buffer_limits(0)
            departure.tell()
        departure.has_left = True
        return await super().send(conn)


class HttpClient:
    """One connection pool for everything that leaves the house; open it once per process and loop.

    With `guarded=True` (addresses that a user or a model chose) every resolved address is checked by
    `rules` and the checked one is dialled, at each redirect too. `resolve` is for tests.
    """

    def __init__(
        self, *, connections: int = 256, rules: AddressRules | None = None, resolve: Resolve | None = None
    ) -> None:
        self._connections = connections
        self._rules = rules or AddressRules()
        self._resolve = resolve or _look_up
        self._session: aiohttp.ClientSession | None = None
        self._guarded: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "HttpClient":
        timeout = aiohttp.ClientTimeout(total=None)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._connections,
                resolver=_CheckingResolver(endpoints.is_callable_address, self._resolve),
                ttl_dns_cache=300,
                keepalive_timeout=30,
            ),
            timeout=timeout,
            trust_env=False,
            auto_decompress=True,
            cookie_jar=aiohttp.DummyCookieJar(),
            request_class=_Request,
        )
        self._guarded = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._connections,
                resolver=_CheckingResolver(self._rules.permits, self._resolve),
                use_dns_cache=False,
            ),
            timeout=timeout,
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            request_class=_checked_requests(self._rules),
        )
        for session in (self._session, self._guarded):
            # aiohttp sends a GET again by itself when a connection breaks, and a GET may be a paid call;
            # there is no public switch (aiohttp 3.14, client.py, `retry_persistent_connection`).
            session._retry_connection = False
        return self

    async def __aexit__(self, *_: object) -> None:
        for session in (self._session, self._guarded):
            if session is not None:
                await session.close()

    async def send(
        self,
        request: HttpRequest,
        *,
        deadline_seconds: float = 30.0,
        guarded: bool = False,
        redirects: int = 0,
        on_departure: Callable[[], None] | None = None,
    ) -> HttpResponse:
        """The whole reply, within the deadline counted from now to the last byte.

        `on_departure` is called when a connection is there, right before the first byte leaves.

        Raises:
            ProviderUnavailable: no whole reply in time; `details["sent"]` is False only when it is
                certain that no byte of the request left this process.
            LimitReached: the reply is larger than MAX_BODY_BYTES.
            InvalidInput: the address is none of ours to call (`core.endpoints`), or guarded and it leads inside.
        """
        # The resolver is not asked about an address that is written as numbers.
        if guarded:
            self._rules.check_url(request.full_url)
        else:
            endpoints.check_host(request.url)
        session = self._guarded if guarded else self._session
        assert session is not None, "open the client with `async with` first"
        started = asyncio.get_running_loop().time()
        departure = _Departure(on_departure)
        _departure.set(departure)
        try:
            async with asyncio.timeout(deadline_seconds):
                response = await self._exchange(session, request, started)
        except TimeoutError as error:
            raise ProviderUnavailable(
                f"{_host(request.url)} did not answer within {deadline_seconds:g} s. It may be down; try again later.",
                details={"sent": departure.has_left, "reason": "timeout"},
            ) from error
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.__cause__, InvalidInput):
                raise error.__cause__ from error
            raise ProviderUnavailable(
                f"No connection to {_host(request.url)}: {error.os_error.strerror or error.os_error}. Check the address and try again.",
                details={"sent": False, "reason": "connect"},
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            raise ProviderUnavailable(
                f"The connection to {_host(request.url)} broke before the reply was whole ({type(error).__name__}).",
                details={"sent": departure.has_left, "reason": "broken"},
            ) from error
        if (
            response.status in (301, 302, 303, 307, 308)
            and redirects < MAX_REDIRECTS
            and "location" in response.headers
        ):
            return await self.send(
                _redirected(request, response),
                deadline_seconds=deadline_seconds - response.elapsed_seconds,
                guarded=guarded,
                redirects=redirects + 1,
                on_departure=on_departure,
            )
        return response

    async def _exchange(self, session: aiohttp.ClientSession, request: HttpRequest, started: float) -> HttpResponse:
        body = None if request.json_body is None else orjson.dumps(request.json_body)
        headers = request.headers if body is None else {"Content-Type": "application/json", **request.headers}
        url = request.full_url
        async with session.request(
            request.method,
            URL(url, encoded=True) if _IS_ENCODED(url) else url,
            data=body,
            headers=headers,
            allow_redirects=False,
        ) as reply:
            length = reply.content_length
            if length is not None and length > MAX_BODY_BYTES:
                raise _too_large(request)
            # The length says what is on the wire; packed, a small body may hold a thousand times as much.
            is_sized = length is not None and "Content-Encoding" not in reply.headers
            content = await reply.read() if is_sized else await _read_capped(reply, request)
            return HttpResponse(
                status=reply.status,
                headers={key.lower(): value for key, value in reply.headers.items()},
                body=content,
                elapsed_seconds=asyncio.get_running_loop().time() - started,
                url=request.full_url,
                received_at=clock.now(),
            )


class _CheckingResolver(aiohttp.abc.AbstractResolver):
    """Resolves once and hands aiohttp only addresses that passed, so a second look-up cannot differ."""

    def __init__(self, may_be_called: Callable[[str], bool], resolve: Resolve) -> None:
        self._may_be_called = may_be_called
        self._resolve = resolve

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[aiohttp.abc.ResolveResult]:
        found = await self._resolve(host, port, family)
        if not found or not all(self._may_be_called(each) for each in found):
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


async def _look_up(host: str, port: int, family: socket.AddressFamily) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


def _checked_requests(rules: AddressRules) -> type[_Request]:
    """Requests that refuse a number for a host as aiohttp itself reads the URL, for it resolves no numbers."""

    class Checked(_Request):
        def __init__(self, method: str, url: Any, **options: Any) -> None:
            rules.check_host(url.raw_host or "")
            super().__init__(method, url, **options)

    return Checked


async def _read_capped(reply: aiohttp.ClientResponse, request: HttpRequest) -> bytes:
    content = bytearray()
    async for piece in reply.content.iter_chunked(65_536):
        content += piece
        if len(content) > MAX_BODY_BYTES:
            raise _too_large(request)
    return bytes(content)


def _too_large(request: HttpRequest) -> LimitReached:
    return LimitReached(
        f"{_host(request.url)} answered with more than {MAX_BODY_BYTES // 1024 // 1024} MB, so the reply was not read."
    )


def _redirected(request: HttpRequest, response: HttpResponse) -> HttpRequest:
    target = urljoin(request.full_url, response.headers["location"])
    same_origin = urlsplit(target)[:2] == urlsplit(request.url)[:2]
    headers = request.headers if same_origin else {
        key: value for key, value in request.headers.items() if key.lower() in ("accept", "user-agent")
    }  # fmt: skip
    keeps_body = response.status in (307, 308) and same_origin
    return HttpRequest(
        method=request.method if keeps_body else "GET",
        url=target,
        headers=headers,
        json_body=request.json_body if keeps_body else None,
    )


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
