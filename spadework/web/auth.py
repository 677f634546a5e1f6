"""Who asks and whether they may: sessions, keys, the permission each operation declares, and the cross-site rule."""

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends, Request, Response
from starlette.requests import HTTPConnection

from spadework.accounts import types
from spadework.accounts.actions import keys, permissions, sessions
from spadework.accounts.types import Principal, SignedIn, Visitor
from spadework.app import App
from spadework.core.db import Database
from spadework.core.errors import Forbidden, Misconfigured, SignInRequired, TooFast

Effects = Literal["none", "spend", "send", "write-external"]
PUBLIC = "public"
UPLOAD_BYTES = 200 * 1024 * 1024
REQUESTS_PER_MINUTE = 120  # for one API key
STATEMENT_SECONDS = 15
"""How long one statement of a request may take; whoever asked has gone by then, and others wait for the connection."""
_SECURE_COOKIE = "__Host-spadework"
_PLAIN_COOKIE = "spadework_session"
_DEVICE_SECONDS = 180 * 24 * 3600
_READING = ("GET", "HEAD", "OPTIONS")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Requirement:
    """What one operation asks of its caller; FastAPI calls it to get the caller's Principal."""

    permission: str
    effects: Effects = "none"
    is_upload: bool = False
    shown_once: Sequence[str] = ()

    async def __call__(self, request: Request) -> Principal | None:
        return getattr(request.state, "principal", None)


def require(
    permission: str, *, effects: Effects = "none", is_upload: bool = False, shown_once: Sequence[str] = ()
) -> Any:
    """The default of an operation's parameter `who: Principal`; every operation has exactly one.

    `permission` is a name of `accounts/roles.json`. `effects` says what a call may cause outside: with
    anything but "none" callers must send an Idempotency-Key. `is_upload` lets a body of 200 MB in, unread.
    `shown_once` names reply fields that a repeated request does not get again.
    """
    if permission not in permissions.all_permissions():
        raise Misconfigured(f"There is no permission {permission!r} in accounts/roles.json. Add it there.")
    return Depends(Requirement(permission, effects, is_upload, shown_once))


def public() -> Any:
    """The default of a parameter of an operation that anybody may call: signing in, health."""
    return Depends(Requirement(PUBLIC))


async def admit(request: Request, requirement: Requirement) -> Principal | None:
    """The caller, once everything the operation asks of them holds; None for a public operation.

    Raises:
        SignInRequired, Forbidden, TooFast: with what to do.
    """
    app = app_of(request)
    if requirement.permission == PUBLIC:
        check_same_site(request)
        return None
    principal = await identify(app, request)
    if principal is None:
        raise SignInRequired("Sign in first, or send a valid API key as `Authorization: Bearer sw_…`.")
    if principal.kind == "session":
        check_same_site(request)
    elif principal.key_id is not None:
        _limit.take(principal.key_id)
    require_also(principal, requirement.permission)
    return principal


def require_also(principal: Principal, permission: str) -> None:
    """Raise Forbidden when one part of a request needs a permission that the operation itself does not."""
    if permission not in principal.permissions:
        raise Forbidden(_refusal(principal, permission))


def app_of(connection: HTTPConnection) -> App:
    """The parts of the process that serves this connection; statements on its database end after STATEMENT_SECONDS."""
    return cast(App, connection.app.state.app)


def bulk_database(connection: HTTPConnection) -> Database:
    """The database without that limit, for an operation that touches every row of a table."""
    return app_of(connection).database.within(None)


async def identify(app: App, connection: HTTPConnection) -> Principal | None:
    """Whoever the connection's key or cookie belongs to; with an Authorization header cookies do not count."""
    authorization = connection.headers.get("authorization")
    if authorization is not None:
        scheme, _, text = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return None
        return await keys.find_principal_for_key(app.database, text.strip())
    token = connection.cookies.get(cookie_name(app, connection))
    return await sessions.find_principal_for_session(app.database, token) if token else None


def check_same_site(request: Request) -> None:
    """Refuse what another site makes a browser send: state changes must come from our own pages, as JSON.

    Fetch Metadata where the browser sends it, else Origin. A request without either is no browser's; it
    passes only when it also carries no cookie.

    Raises:
        Forbidden: it came from elsewhere, or in a form that any page could send.
    """
    if request.method in _READING:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        is_ours = site in ("same-origin", "none")
    elif (origin := request.headers.get("origin")) is not None:
        is_ours = is_own_origin(request, origin)
    else:
        is_ours = not request.cookies
    if not is_ours:
        raise Forbidden("This request came from another site. Open Spadework itself and repeat it there.")
    if request.method == "DELETE":
        return  # no page can send it to us without being asked for first
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json" and "x-spadework" not in request.headers:
        raise Forbidden("Send `Content-Type: application/json`, or for a file the header `X-Spadework: 1`.")


def is_own_origin(connection: HTTPConnection, origin: str) -> bool:
    """Whether the Origin header names the address the request itself was sent to, or our public one."""
    public_url = app_of(connection).settings.public_url
    if public_url is not None and origin == "{0.scheme}://{0.netloc}".format(urlsplit(public_url)):
        return True
    return bool(origin) and urlsplit(origin).netloc == connection.headers.get("host")


def visitor_of(request: Request) -> Visitor:
    """Where a sign-in comes from."""
    return Visitor(
        address=request.client.host if request.client else "",
        user_agent=request.headers.get("user-agent", ""),
        device=request.cookies.get(_device_cookie(cookie_name(app_of(request), request))),
    )


def give_session(request: Request, response: Response, signed_in: SignedIn) -> None:
    """Put the new session into the browser, where no script can read it.

    Raises:
        Forbidden: the connection is open to listeners; sign in over https or on this machine.
    """
    app = app_of(request)
    name = cookie_name(app, request)
    if name == _PLAIN_COOKIE and not _may_be_plain(app, request):
        raise Forbidden(
            "Signing in over plain http would show the session to the network. Use https with "
            "SPADEWORK_PUBLIC_URL=https://…, or http://localhost; or accept it with SPADEWORK_PUBLIC_URL=http://…."
        )
    max_age = int(types.SESSION_LIFE.total_seconds())
    _set_cookie(response, name, signed_in.token, max_age)
    _set_cookie(response, _device_cookie(name), signed_in.device, _DEVICE_SECONDS)


def take_session(request: Request, response: Response) -> None:
    """Remove the session's cookie; the device's stays, so that its owner is not locked out by others."""
    _set_cookie(response, cookie_name(app_of(request), request), "", 0)


def cookie_name(app: App, connection: HTTPConnection) -> str:
    """`__Host-` over https, where browsers enforce it; a plain name elsewhere, where they would refuse it."""
    is_secure = connection.scope["scheme"] in ("https", "wss") or (app.settings.public_url or "").startswith("https://")
    return _SECURE_COOKIE if is_secure else _PLAIN_COOKIE


def _device_cookie(session_cookie: str) -> str:
    return f"{session_cookie}_device"


def _set_cookie(response: Response, name: str, value: str, max_age: int) -> None:
    response.set_cookie(
        name, value, max_age=max_age, path="/", httponly=True, samesite="lax", secure=name.startswith("__Host-")
    )


def _may_be_plain(app: App, request: Request) -> bool:
    return request.url.hostname in _LOOPBACK or (app.settings.public_url or "").startswith("http://")


def _refusal(principal: Principal, permission: str) -> str:
    what = permissions.all_permissions()[permission]
    if principal.kind == "key":
        return f"This key may not do that ({permission}: {what}). Use a key with that scope, or sign in."
    return f"Your role {principal.role!r} may not do that ({permission}: {what}). Ask an owner of the account."


class _PerMinute:
    """Counts requests per key in this process: a bucket that refills steadily."""

    def __init__(self, most: int, *, remembered: int = 10_000) -> None:
        self._most = most
        self._remembered = remembered
        self._buckets: OrderedDict[UUID, tuple[float, float]] = OrderedDict()

    def take(self, key_id: UUID) -> None:
        """Count one request.

        Raises:
            TooFast: the key made too many.
        """
        at = time.monotonic()
        left, since = self._buckets.pop(key_id, (float(self._most), at))
        left = min(float(self._most), left + (at - since) * self._most / 60)
        self._buckets[key_id] = (max(left - 1, 0.0) if left >= 1 else left, at)
        if len(self._buckets) > self._remembered:
            self._buckets.popitem(last=False)
        if left < 1:
            raise TooFast(
                f"This key made more than {self._most} requests in a minute. Wait a second and go on more slowly.",
                details={"retry_after_seconds": 1},
            )


_limit = _PerMinute(REQUESTS_PER_MINUTE)
