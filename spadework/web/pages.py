"""The built web interface: files as they are, and the one page for every address that is a screen."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Match, Route, Router

STATIC = Path(__file__).parent / "static"
_API = ("/v2/", "/v3/", "/openapi.json", "/healthz", "/readyz")


def add_pages(router: Router, folder: Path = STATIC) -> None:
    """Answer every address no operation has; call it last."""
    root = folder.resolve()

    async def page(request: Request) -> Response:
        if request.url.path.startswith(_API):
            raise HTTPException(405 if _is_other_method(router, request) else 404)
        file = (root / request.path_params["path"]).resolve()
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


def _cache_control(file: Path, root: Path) -> str:
    # The build puts a digest of the content into the names below assets/.
    return "public, max-age=31536000, immutable" if file.is_relative_to(root / "assets") else "no-cache"


def _is_other_method(router: Router, request: Request) -> bool:
    return any(route.matches(request.scope)[0] is Match.PARTIAL for route in router.routes if isinstance(route, Route))
