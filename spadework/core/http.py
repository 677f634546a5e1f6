"""HTTP out: the one client, with a total deadline, size caps and a guard against private addresses."""

import asyncio
import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import aiohttp
import orjson

from spadework.core import clock, endpoints
from spadework.core.addresses import AddressRules
from spadework.core.deadlines import Deadlines
from spadework.core.errors import InvalidInput, ProviderUnavailable
from spadework.core.wire import Resolve, Wire

MAX_REDIRECTS = 3


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
    """A whole reply. Header names are lower case. `body` is at most `core.wire.MAX_BODY_BYTES`.

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


class _Departure:
    """Whether a request has begun to leave, and whom to tell right before it does."""

    __slots__ = ("_tell", "has_left")

    def __init__(self, tell: Callable[[], None] | None) -> None:
        self._tell = tell
        self.has_left = False

    def __call__(self) -> None:
        if self._tell is not None:
            self._tell()
        self.has_left = True


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
        self._open: Wire | None = None
        self._guarded: Wire | None = None
        self._deadlines = Deadlines()

    async def __aenter__(self) -> "HttpClient":
        self._open = Wire(
            connections=self._connections, permits=endpoints.is_callable_address, resolve=self._resolve,
            remembers_names=True,
        )  # fmt: skip
        self._guarded = Wire(
            connections=self._connections, permits=self._rules.permits, resolve=self._resolve,
            check_host=self._rules.check_host, remembers_names=False,
        )  # fmt: skip
        return self

    async def __aexit__(self, *_: object) -> None:
        for wire in (self._open, self._guarded):
            if wire is not None:
                await wire.close()

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
            LimitReached: the reply is larger than `core.wire.MAX_BODY_BYTES`.
            InvalidInput: the address is none of ours to call (`core.endpoints`), or guarded and it leads inside.
        """
        # The resolver is not asked about an address that is written as numbers.
        if guarded:
            self._rules.check_url(request.full_url)
        else:
            endpoints.check_host(request.url)
        wire = self._guarded if guarded else self._open
        assert wire is not None, "open the client with `async with` first"
        departure = _Departure(on_departure)
        try:
            with self._deadlines.within(deadline_seconds):
                response = await _exchange(wire, request, departure)
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


async def _exchange(wire: Wire, request: HttpRequest, departure: _Departure) -> HttpResponse:
    loop = asyncio.get_running_loop()
    started = loop.time()
    body = None if request.json_body is None else orjson.dumps(request.json_body)
    headers = request.headers if body is None else {"Content-Type": "application/json", **request.headers}
    url = request.full_url
    reply = await wire.exchange(request.method, url, headers, body, departure)
    return HttpResponse(
        status=reply.status, headers=reply.headers, body=reply.body, elapsed_seconds=loop.time() - started, url=url,
        received_at=clock.now(),
    )  # fmt: skip


async def _look_up(host: str, port: int, family: socket.AddressFamily) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


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
