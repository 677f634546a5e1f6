"""Requests that may be repeated: the same key and body act once, and every repeat gets the first answer."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.responses import JSONResponse

from spadework.accounts.types import Principal
from spadework.core.db import Database
from spadework.core.errors import Conflict, DatabaseUnavailable, IncompleteRequest, InvalidInput
from spadework.web import auth, store
from spadework.web.auth import Requirement

KEY_LIFE = timedelta(days=8)
_METHODS = ("POST", "PATCH")
_SURELY_OVER = timedelta(minutes=2)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True)
class _Claim:
    """The right to act for one key of one caller at one address."""

    database: Database
    principal: Principal
    route: str
    key: str

    @property
    def row(self) -> dict[str, str]:
        who = f"{self.principal.kind}:{self.principal.key_id or self.principal.user_id}"
        return {"principal": who, "route": self.route, "key": self.key}


async def once(
    request: Request, principal: Principal, requirement: Requirement, act: Callable[[], Awaitable[Response]]
) -> Response:
    """The reply of `act`, or the stored one of an earlier equal request, marked `Idempotent-Replayed: true`.

    Refusals are not stored: after one the same key may be used again.

    Raises:
        IncompleteRequest: the operation spends or sends, and the request has no Idempotency-Key.
        InvalidInput: the key was used for another body. Conflict: the earlier request is still under way.
    """
    key = request.headers.get("idempotency-key")
    if request.method not in _METHODS or requirement.is_upload:
        return await act()
    if key is None:
        if requirement.effects != "none":
            raise IncompleteRequest("This may spend or send, so it needs an `Idempotency-Key` header. Send a new UUID.")
        return await act()
    if not _KEY.fullmatch(key):
        raise InvalidInput("An Idempotency-Key has 1 to 200 printable characters. Send a UUID.")
    claim = _Claim(auth.app_of(request).database, principal, f"{request.method} {request.url.path}", key)
    digest = hashlib.sha256(request.url.query.encode() + b"\n" + await request.body()).digest()
    async with claim.database.transaction(principal.account_id) as tx:
        earlier = await store.claim(tx, **claim.row, body_sha256=digest)
    if earlier is not None:
        return _replay(earlier, digest)
    return await _act(claim, requirement, act)


def _replay(earlier: store.Earlier, digest: bytes) -> Response:
    if earlier.body_sha256 != digest:
        raise InvalidInput("This Idempotency-Key was used for another request. Send a new one.")
    if earlier.status is None:
        if earlier.age > _SURELY_OVER:
            raise Conflict(
                "The first request with this Idempotency-Key broke off, and may have had its effect. "
                "Look whether it had; to do it again send a new key."
            )
        raise Conflict(
            "The first request with this Idempotency-Key is still under way. Repeat this one in a second.",
            details={"retry_after_seconds": 1},
        )
    headers = {"Idempotent-Replayed": "true"}
    if earlier.response is None:
        return Response(status_code=earlier.status, headers=headers)
    return JSONResponse(earlier.response, status_code=earlier.status, headers=headers)


async def _act(claim: _Claim, requirement: Requirement, act: Callable[[], Awaitable[Response]]) -> Response:
    try:
        response = await act()
    except DatabaseUnavailable:
        # The connection may have broken after the commit, so whether it acted is not known: a repeat must not.
        raise
    except Exception:
        await _release(claim)
        raise
    if response.status_code >= 400:
        await _release(claim)
        return response
    async with claim.database.transaction(claim.principal.account_id) as tx:
        await store.finish(tx, **claim.row, status=response.status_code, response=_content(response, requirement))
    return response


async def _release(claim: _Claim) -> None:
    async with claim.database.transaction(claim.principal.account_id) as tx:
        await store.release(tx, **claim.row)


def _content(response: Response, requirement: Requirement) -> Any:
    body = bytes(response.body)
    if not body:
        return None
    content = orjson.loads(body)
    for name in requirement.shown_once:
        content[name] = None
    return content
