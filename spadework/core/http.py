"""HTTP out: the one client, with a total deadline, size caps and a guard against private addresses."""

import asyncio
import ipaddress
import json
import re
import socket
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import aiohttp
import orjson
from yarl import URL

from spadework.core import addresses
from spadework.core.errors import InvalidInput, LimitReached, ProviderUnavailable

MAX_BODY_BYTES = 5 * 1024 * 1024
MAX_REDIRECTS = 3
_IS_ENCODED = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+").fullmatch
"""Nothing to encode: what remains is taken as it is, which costs a fifth of taking it apart and encoding it anew."""
_SPECIAL_NETWORKS = tuple(
    ipaddress.ip_network(each)
    for each in (
        # is_global says True for these although they lead inside: NAT64, 6to4, Teredo, multicast and kin.
        "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "192.0.0.0/24",
        "192.88.99.0/24", "168.63.129.16/32", "5f00::/16", "3fff::/20", "224.0.0.0/4", "ff00::/8",
    )
)  # fmt: skip


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
    """A whole reply. Header names are lower case. `body` is at most MAX_BODY_BYTES."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    elapsed_seconds: float = 0.0

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

    With `guarded=True` (addresses that a user or a model chose) every resolved address is checked and
    the checked one is dialled, at each redirect too.
    """

    def __init__(self, *, connections: int = 256) -> None:
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None
        self._guarded: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "HttpClient":
        timeout = aiohttp.ClientTimeout(total=None)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._connections,
                resolver=_Resolver(addresses.is_callable_address),
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
                limit=self._connections, resolver=_Resolver(is_public_address), use_dns_cache=False
            ),
            timeout=timeout,
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            request_class=_Request,
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
            InvalidInput: the address is none of ours to call (`core.addresses`), or guarded and it leads inside.
        """
        # The resolver is not asked about an address that is written as numbers.
        if guarded:
            check_public_url(request.full_url)
        else:
            addresses.check_host(request.url)
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
            content = await reply.read() if length is not None else await _read_capped(reply, request)
            return HttpResponse(
                status=reply.status,
                headers={key.lower(): value for key, value in reply.headers.items()},
                body=content,
                elapsed_seconds=asyncio.get_running_loop().time() - started,
            )


def is_public_address(text: str) -> bool:
    """Whether an IP address is one the public internet routes to and nothing of ours hides behind."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_global and not any(
        address in each for each in _SPECIAL_NETWORKS if each.version == address.version
    )


def check_public_url(url: str) -> None:
    """Refuse a URL that is not plain http(s) on an ordinary port; addresses are checked at dialling.

    Raises:
        InvalidInput: the message says what is wrong with it.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise InvalidInput(f"{url!r} has no valid port. Use an http or https address.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInput(f"{url!r} is not an http or https address.")
    if parts.username or parts.password:
        raise InvalidInput("Put no user name or password into an address; store a key in Settings › Keys.")
    if port not in (None, 80, 443):
        raise InvalidInput(f"Port {port} is not allowed in an address. Use 80 or 443.")
    if not _looks_like_name(parts.hostname) and not is_public_address(parts.hostname):
        raise InvalidInput(f"{parts.hostname} is not a public address, so it is not called.")


class _Resolver(aiohttp.abc.AbstractResolver):
    """Resolves once and hands aiohttp only addresses that passed, so a second look-up cannot differ."""

    def __init__(self, may_be_called: Callable[[str], bool]) -> None:
        self._may_be_called = may_be_called

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[aiohttp.abc.ResolveResult]:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        if not found or not all(self._may_be_called(str(each[4][0])) for each in found):
            raise InvalidInput(f"{host} leads to an address inside this network, so it is not called.")
        return [
            aiohttp.abc.ResolveResult(
                hostname=host,
                host=str(each[4][0]),
                port=port,
                family=each[0],
                proto=each[2],
                flags=socket.AI_NUMERICHOST,
            )
            for each in found
        ]

    async def close(self) -> None:
        """Nothing is held."""


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


def _looks_like_name(host: str) -> bool:
    return any(character.isalpha() for character in host) and ":" not in host


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
