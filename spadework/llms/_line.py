"""The open line to one model of one service under one key: its client, its rate bucket, what is left."""

import asyncio
import ssl
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from spadework.core import endpoints
from spadework.core.errors import InvalidInput
from spadework.llms import _headroom
from spadework.plug import departures
from spadework.plug.llm import RateHeadroom
from spadework.plug.rate import SECONDS_PER_WINDOW, Bucket

if TYPE_CHECKING:
    from httpx2 import AsyncClient, AsyncHTTPTransport, Request, Response
    from pydantic_ai.models import Model

_MOST_LINES = 256
_MOST_CONNECTIONS = 512
_CONNECT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Address:
    """What makes two calls share a line."""

    service: str
    base_url: str
    api_key: str = field(repr=False)
    model: str
    variant: str = ""


@dataclass(slots=True)
class Line:
    """One line; `headroom` is what the last reply's headers said."""

    model: "Model"
    bucket: Bucket
    headroom: RateHeadroom


_open: "WeakKeyDictionary[asyncio.AbstractEventLoop, OrderedDict[Address, Line]]" = WeakKeyDictionary()
_transports: "WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncHTTPTransport]" = WeakKeyDictionary()


def line_to(address: Address, connect: "Callable[[Address, AsyncClient], Model]") -> Line:
    """The line to that address, opened on first use and kept, one per event loop of the process.

    Raises:
        InvalidInput: the base URL is no web address.
    """
    url = urlsplit(address.base_url)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise InvalidInput(
            f"{address.base_url!r} is no web address. Write it in Settings like https://llm.example.com/v1.",
            details={"sent": False, "reason": "bad_address"},
        )
    lines = _open.setdefault(asyncio.get_running_loop(), OrderedDict())
    if address in lines:
        lines.move_to_end(address)
        return lines[address]
    bucket = Bucket()
    holder: list[Line] = []

    async def hear(response: "Response") -> None:
        limits = _headroom.read_limits(response.headers, at=datetime.now(UTC))
        if limits:
            holder[0].headroom = _headroom.as_headroom(limits)
            _obey(bucket, limits)

    line = Line(connect(address, _http_client(hear)), bucket, RateHeadroom())
    holder.append(line)
    lines[address] = line
    if len(lines) > _MOST_LINES:
        lines.popitem(last=False)  # calls still on it finish: the connections belong to the shared transport
    return line


def find_headroom(service: str, base_url: str, api_key: str, model: str) -> RateHeadroom | None:
    """What the service last said is left for that model and key, None before the first reply."""
    for address, line in _open.get(asyncio.get_running_loop(), {}).items():
        if (address.service, address.base_url, address.api_key, address.model) == (
            service, base_url, api_key, model,
        ):  # fmt: skip
            return line.headroom
    return None


def _obey(bucket: Bucket, limits: dict[str, _headroom.Limit]) -> None:
    for dimension, each in limits.items():
        window = SECONDS_PER_WINDOW
        used = each.limit - each.left
        # Free plans count per day: full again only after more than a minute means a longer window.
        if each.resets_in_seconds and each.resets_in_seconds > SECONDS_PER_WINDOW and used > 0:
            window = max(window, each.limit * each.resets_in_seconds / used)
        bucket.set_limit(dimension, each.limit, left=each.left, window_seconds=window)


def _http_client(hear: "Callable[[Response], object]") -> "AsyncClient":
    import httpx2

    loop = asyncio.get_running_loop()
    if loop not in _transports:
        limits = httpx2.Limits(max_connections=_MOST_CONNECTIONS, max_keepalive_connections=_MOST_CONNECTIONS)
        _transports[loop] = _checked(httpx2.AsyncHTTPTransport(verify=_tls(), limits=limits))
    # No redirects: `x-api-key` would travel to wherever a reply points. No environment: proxies and
    # credentials come from our settings only.
    return httpx2.AsyncClient(
        transport=_transports[loop],
        event_hooks={"request": [_tell], "response": [hear]},
        follow_redirects=False,
        trust_env=False,
        timeout=httpx2.Timeout(None, connect=_CONNECT_SECONDS),  # each call has its own deadline
    )


async def _tell(request: "Request") -> None:
    await departures.tell(await request.aread())


def _checked(transport: "AsyncHTTPTransport") -> "AsyncHTTPTransport":
    """The transport, looking at every address right before it connects; a name's second look-up may differ."""
    pool = transport._pool  # no public switch for the backend (httpx2 2.16, _transports/default.py)
    pool._network_backend = _CheckedBackend(pool._network_backend)  # type: ignore[assignment]
    return transport


class _CheckedBackend:
    """Connects as the one inside it does, to addresses that `core.endpoints` lets pass."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def connect_tcp(self, host: str, port: int, **options: Any) -> Any:
        found = await _resolved(host, port)
        for address in found[:-1]:
            try:
                return await self._inner.connect_tcp(address, port, **options)
            except Exception:  # noqa: S112 - whatever is wrong with this one, the last one's error is told
                continue
        return await self._inner.connect_tcp(found[-1], port, **options)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


async def _resolved(host: str, port: int) -> list[str]:
    import httpx2

    try:
        return await endpoints.resolve(host, port)
    except OSError as error:
        raise httpx2.ConnectError(f"{host} has no address: {error}") from error


@cache
def _tls() -> ssl.SSLContext:
    # 20 ms and some 200 KB to make, so there is one.
    return ssl.create_default_context()
