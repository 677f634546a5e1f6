"""The built interface behind the product's own pages and headers, with a log of every request, and no other part of the product."""

import contextlib
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from spadework.web import headers, pages

# A page of the test's own, so that nothing but the door is at work in it.
BLANK = "<!doctype html><title>A page with the door to Python</title>"

SILENT = "a connection from elsewhere that said nothing"


@dataclass
class Site:
    """Where the pages are, what was asked of them, and what knocked at a port beside them."""

    address: str
    outside: int
    requests: list[str] = field(default_factory=list)
    knocks: list[str] = field(default_factory=list)

    def arrived(self) -> list[str]:
        """Every request and every connection from elsewhere so far; what is still under way gets a moment."""
        time.sleep(0.4)
        return [*self.requests, *self.knocks]


class _Logged:
    def __init__(self, app: ASGIApp, seen: list[str]) -> None:
        self._app = app
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            query = scope["query_string"].decode("latin-1")
            self._seen.append(f"{scope['type']} {scope['path']}{'?' + query if query else ''}")
        await self._app(scope, receive, send)


@contextlib.contextmanager
def served(
    extra: dict[str, tuple[str, dict[str, str]]] | None = None, mounts: dict[str, ASGIApp] | None = None
) -> Iterator[Site]:
    """The site, until the block ends; `extra` are pages of the caller's own: {path: (html, headers)}."""
    assert (pages.STATIC / "python/door.js").is_file(), "The web interface is not built, or is older. Run `make ui`."
    listener, outside = _listening(), _listening()
    site = Site(f"http://127.0.0.1:{listener.getsockname()[1]}", outside.getsockname()[1])
    app = Starlette()
    for path, (html, said) in {"/blank": (BLANK, {}), **(extra or {})}.items():
        app.add_route(path, _answering(html, said))
    for path, mounted in (mounts or {}).items():
        app.mount(path, mounted)
    pages.add_pages(app.router)
    server = uvicorn.Server(
        uvicorn.Config(_Logged(headers.Headers(app, is_https=False), site.requests), log_level="warning")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    threading.Thread(target=_knocked, args=(outside, site.knocks), daemon=True).start()
    try:
        yield site
    finally:
        server.should_exit = True
        thread.join(10)
        outside.close()


def _answering(html: str, said: dict[str, str]) -> Callable[[Request], Awaitable[HTMLResponse]]:
    async def page(_request: Request) -> HTMLResponse:
        return HTMLResponse(html, headers=said)

    return page


def _listening() -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.listen()
    return listener


def _knocked(outside: socket.socket, knocks: list[str]) -> None:
    with contextlib.suppress(OSError):
        while True:
            caller, _ = outside.accept()
            knocks.append(_said_by(caller))


def _said_by(caller: socket.socket) -> str:
    with contextlib.closing(caller):
        caller.settimeout(0.3)
        try:
            said = caller.recv(4_096)
        except OSError:
            said = b""
    return f"from elsewhere: {said!r}" if said else SILENT
