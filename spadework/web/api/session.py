"""Signing in and out, the first entry by link, the own sessions and password."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import Field, SecretStr

from spadework.accounts.actions import accounts, sessions, users
from spadework.accounts.types import Principal
from spadework.core import version
from spadework.core.ids import AccountId
from spadework.web.auth import app_of, give_session, identify, public, require, take_session, visitor_of
from spadework.web.routes import AnySession, AnyUser, Body, Reply, Router, resource

router = Router("session")
Password = Annotated[SecretStr, Field(min_length=1, max_length=1024)]


class SignedInUser(Reply):
    """The person of this session."""

    id: AnyUser
    email: str
    name: str
    role: str


class OwnAccount(Reply):
    """The account of this session."""

    id: Annotated[AccountId, resource("account")]
    name: str
    is_training: bool
    settings: dict[str, Any]


class SessionReply(Reply):
    """Who is signed in, where, and what they may do."""

    user: SignedInUser
    account: OwnAccount
    permissions: list[str]
    version: str


class SignIn(Body):
    """An address and its password."""

    email: str = Field(min_length=1, max_length=254)
    password: Password


class FirstEntry(Body):
    """What the holder of a one-time link chooses."""

    token: str = Field(min_length=1, max_length=200)
    email: str = Field(min_length=1, max_length=254)
    name: str = Field(min_length=1, max_length=200)
    password: Password
    account_name: str | None = Field(default=None, max_length=200)


class LinkState(Reply):
    """Whether the one-time link still works."""

    is_valid: bool


class NewPassword(Body):
    """The current password and the one to have from now on."""

    current: Password
    new: Password


class OpenSession(Reply):
    """One signed-in browser of the caller."""

    id: AnySession
    user_agent: str | None
    address: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    is_current: bool


class OpenSessions(Reply):
    """All of the caller's sessions, on one page."""

    data: list[OpenSession]
    next_cursor: str | None = None


@router.get("/v3/session")
async def get_session(request: Request, who: Principal = require("session.read")) -> SessionReply:
    """Who is signed in."""
    return await _describe(request, who)


@router.post("/v3/session")
async def sign_in(request: Request, response: Response, body: SignIn, _: Principal | None = public()) -> SessionReply:
    """Sign in with an address and a password; the session comes as a cookie."""
    app = app_of(request)
    signed_in = await sessions.sign_in(
        app.database, app.box, body.email, body.password.get_secret_value(), visitor_of(request)
    )
    await _end_old_session(request)
    give_session(request, response, signed_in)
    return await _describe(request, signed_in.principal)


@router.get("/v3/session/bootstrap")
async def check_bootstrap(
    request: Request, token: Annotated[str, Query(max_length=200)], _: Principal | None = public()
) -> LinkState:
    """Whether a one-time link still works; asking does not use it up."""
    return LinkState(is_valid=await accounts.is_bootstrap_valid(app_of(request).database, token))


@router.post("/v3/session/bootstrap")
async def enter_first(
    request: Request, response: Response, body: FirstEntry, _: Principal | None = public()
) -> SessionReply:
    """Become owner by a one-time link and sign in."""
    app = app_of(request)
    signed_in = await accounts.redeem_bootstrap(
        app.database,
        app.box,
        body.token,
        email=body.email,
        name=body.name,
        password=body.password.get_secret_value(),
        account_name=body.account_name,
        visitor=visitor_of(request),
    )
    give_session(request, response, signed_in)
    return await _describe(request, signed_in.principal)


@router.delete("/v3/session", status_code=204)
async def sign_out(request: Request, response: Response, who: Principal = require("session.write")) -> None:
    """End this session, at once."""
    if who.session_id is not None:
        async with app_of(request).database.transaction(who.account_id) as tx:
            await sessions.revoke_session(tx, who.user_id, who.session_id)
    take_session(request, response)


@router.post("/v3/session/password")
async def change_password(
    request: Request, response: Response, body: NewPassword, who: Principal = require("session.write")
) -> SessionReply:
    """Change the own password; every other session of the user ends, and this one gets a new cookie."""
    app = app_of(request)
    signed_in = await sessions.change_password(
        app.database,
        app.box,
        who,
        current=body.current.get_secret_value(),
        new=body.new.get_secret_value(),
        visitor=visitor_of(request),
    )
    give_session(request, response, signed_in)
    return await _describe(request, signed_in.principal)


@router.get("/v3/sessions")
async def list_sessions(request: Request, who: Principal = require("session.read")) -> OpenSessions:
    """The caller's own open sessions, last used first."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await sessions.list_sessions(tx, who.user_id)
    return OpenSessions(
        data=[
            OpenSession(
                id=each.id,
                user_agent=each.user_agent,
                address=each.address,
                created_at=each.created_at,
                last_seen_at=each.last_seen_at,
                expires_at=each.expires_at,
                is_current=each.id == who.session_id,
            )
            for each in found
        ]
    )


@router.delete("/v3/sessions/{session_id}", status_code=204)
async def end_session(session_id: AnySession, request: Request, who: Principal = require("session.write")) -> None:
    """End one of the caller's own sessions, at once."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        await sessions.revoke_session(tx, who.user_id, session_id)


async def _describe(request: Request, who: Principal) -> SessionReply:
    async with app_of(request).database.read(who.account_id) as tx:
        account = await accounts.get_account(tx)
        user = await users.get_user(tx, who.user_id)
    return SessionReply(
        user=SignedInUser.model_validate(user),
        account=OwnAccount.model_validate(account),
        permissions=sorted(who.permissions),
        version=version.installed(),
    )


async def _end_old_session(request: Request) -> None:
    """A browser that signs in anew leaves no session behind that nobody sees."""
    app = app_of(request)
    old = await identify(app, request)
    if old is not None and old.session_id is not None:
        async with app.database.transaction(old.account_id) as tx:
            await sessions.revoke_session(tx, old.user_id, old.session_id)
