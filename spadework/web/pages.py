"""The built web interface: files as they are, and the one page for every address that is a screen."""

import base64
import hashlib
import re
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Match, Route, Router

STATIC = Path(__file__).parent / "static"
FRAME = "python/frame.html"
_API = ("/v2/", "/v3/", "/openapi.json", "/healthz", "/readyz")


def add_pages(router: Router, folder: Path = STATIC) -> None:
    """Answer every address no operation has; call it last."""
    root = folder.resolve()

    async def page(request: Request) -> Response:
        if request.url.path.startswith(_API):
            raise HTTPException(405 if _is_other_method(router, request) else 404)
        file = (root / request.path_params["path"]).resolve()
        if file == root / FRAME and file.is_file():
            return FileResponse(file, headers={"Cache-Control": "no-cache", **_frame_headers(file.read_text())})
        if file.is_relative_to(root) and file.is_file() and file.name != "index.html":
            return FileResponse(file, headers={"Cache-Control": _cache_control(file, root)})
        # Below /c/ are only screens, and a prompt's key in their address has dots without being a file.
        if file.suffix and file.suffix != ".html" and not request.url.path.startswith("/c/"):
            raise HTTPException(404)
        index = root / "index.html"
        if not index.is_file():
            return PlainTextResponse(
                "The web interface is not built. Run `make ui`, then open this page again.\n", status_code=503
            )
        return FileResponse(index, headers={"Cache-Control": "no-cache"})

    router.routes.append(Route("/{path:path}", page, methods=["GET"], include_in_schema=False))


def frame_policy(html: str) -> str:
    """What the frame with the Builder's Python may do: run its one script, WebAssembly and a worker of its own making.

    Its origin is nobody's, and neither the frame nor a worker it makes may send or load anything, from
    this server included: a script by address, even our own, would be a way out, in its query.
    docs/decisions/0016-browser-python.md.
    """
    script = re.search(r"<script>(.*)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script[1].encode() if script else b"").digest()).decode()
    return (
        f"sandbox allow-scripts; default-src 'none'; script-src 'sha256-{digest}' 'wasm-unsafe-eval'; "
        "worker-src blob:; connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )


def _frame_headers(html: str) -> dict[str, str]:
    return {"Content-Security-Policy": frame_policy(html), "X-Frame-Options": "SAMEORIGIN"}


def _cache_control(file: Path, root: Path) -> str:
    # The build puts a digest of the content into the names below assets/.
    return "public, max-age=31536000, immutable" if file.is_relative_to(root / "assets") else "no-cache"


def _is_other_method(router: Router, request: Request) -> bool:
    return any(route.matches(request.scope)[0] is Match.PARTIAL for route in router.routes if isinstance(route, Route))
