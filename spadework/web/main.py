"""The web application: every router of `web/api`, the live hub and the pages, behind one set of rules."""

import asyncio
import contextlib
import errno
import importlib
import pkgutil
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import WebSocketRoute

from spadework.app import App
from spadework.core import version
from spadework.core.errors import Misconfigured, SpadeworkError
from spadework.web import api, auth, errors, live, pages
from spadework.web.headers import Headers
from spadework.web.routes import Operation

_GRACE_SECONDS = 5


class Site(FastAPI):
    """The web application of one process."""

    def openapi(self) -> dict[str, Any]:
        """The contract, complete: every operation with its permission, effects and ways to sign in."""
        if self.openapi_schema is None:
            schema = super().openapi()
            schema.setdefault("components", {})["securitySchemes"] = {
                "session": {"type": "apiKey", "in": "cookie", "name": "spadework_session"},
                "key": {"type": "http", "scheme": "bearer", "bearerFormat": "sw_<env>_<id>_<secret>"},
            }
        assert self.openapi_schema is not None
        return self.openapi_schema


def create(app: App, *, statement_seconds: float = auth.STATEMENT_SECONDS) -> Site:
    """The web application over one process's parts; its lifespan runs the live hub and limits requests' statements.

    Raises:
        Misconfigured: an operation does not say who may call it; the message names it.
    """
    site = Site(
        title="Spadework",
        version=version.installed(),
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        redirect_slashes=False,
        exception_handlers={
            SpadeworkError: errors.on_spadework_error,
            RequestValidationError: errors.on_invalid_request,
            HTTPException: errors.on_http_error,
        },
    )
    site.state.app = app
    site.state.statement_seconds = statement_seconds
    site.state.hub = live.Hub(app.database)
    for router in _routers():
        site.router.routes.extend(router.routes)
    require_permissions(site)
    site.router.routes.append(WebSocketRoute("/v3/live", live.serve))
    pages.add_pages(site.router)
    is_https = (app.settings.public_url or "").startswith("https://")
    site.add_middleware(Headers, is_https=is_https)
    return site


async def serve(
    app: App,
    *,
    host: str | None = None,
    port: int | None = None,
    stop: asyncio.Event | None = None,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until `stop` is set, or without one until SIGINT or SIGTERM; run it under uvloop.

    Host and port come from the settings unless given; port 0 takes a free one. `on_ready` is told the
    address as soon as it answers.

    Raises:
        Misconfigured: the port is in use or may not be opened; the message says what to do.
    """
    host, port = host or app.settings.host, app.settings.port if port is None else port
    listening = _listen(host, port)
    server = _Server(
        uvicorn.Config(
            create(app), log_config=None, access_log=False, server_header=False, lifespan="on",
            proxy_headers=app.settings.public_url is not None, timeout_graceful_shutdown=_GRACE_SECONDS,
            ws="websockets-sansio", ws_max_size=128 * 1024,
        ),
        catches_signals=stop is None,
        on_ready=lambda: on_ready(_address(host, listening.getsockname()[1])) if on_ready else None,
    )  # fmt: skip
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        if stop is not None:
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            server.should_exit = True
        await serving
    finally:
        server.should_exit = True
        await asyncio.gather(serving, return_exceptions=True)
        listening.close()


class _Server(uvicorn.Server):
    """Tells when it answers, and leaves signals to a caller who has other things to stop too."""

    def __init__(self, config: uvicorn.Config, *, catches_signals: bool, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._catches_signals = catches_signals
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if not self._catches_signals:
            yield
            return
        with super().capture_signals():
            yield


@contextlib.asynccontextmanager
async def _lifespan(site: FastAPI) -> AsyncIterator[None]:
    app: App = site.state.app
    site.state.app = replace(app, database=app.database.within(site.state.statement_seconds))
    async with site.state.hub.running():
        yield


def _routers() -> list[Any]:
    names = sorted(each.name for each in pkgutil.iter_modules(api.__path__))
    modules = [importlib.import_module(f"{api.__name__}.{name}") for name in names]
    return [each.router for each in modules if hasattr(each, "router")]


def require_permissions(site: FastAPI) -> None:
    """Raise Misconfigured when an operation does not say who may call it; the message names it."""
    for route in site.routes:
        if not isinstance(route, APIRoute):
            continue
        if not isinstance(route, Operation) or route.requirement is None:
            methods = ",".join(sorted(route.methods or ()))
            raise Misconfigured(
                f"{methods} {route.path} does not say who may call it. "
                'Give it one parameter `who: Principal = require("…")`, on a `Router` of web/routes.py.'
            )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(1024)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise Misconfigured(
                f"Port {port} is in use by another program. Stop that one, or set SPADEWORK_PORT to another port."
            ) from error
        raise Misconfigured(
            f"Spadework cannot listen on {host} port {port}: {error.strerror}. Set SPADEWORK_HOST and SPADEWORK_PORT."
        ) from error
    return listening


def _address(host: str, port: int) -> str:
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::", "::1") else host  # noqa: S104  # only compared
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
