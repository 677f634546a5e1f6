"""The account, its people and its API keys."""

from datetime import datetime
from typing import Annotated

from fastapi import Request
from pydantic import Field, SecretStr

from spadework.accounts.actions import accounts, keys, users
from spadework.accounts.types import ApiKey, Principal, User
from spadework.app import App
from spadework.web.api.session import OwnAccount
from spadework.web.auth import app_of, require
from spadework.web.routes import AnyKey, AnyUser, Body, Reply, Router

router = Router("account")


class AccountChange(Body):
    """What to change; what is left out stays."""

    name: str | None = Field(default=None, max_length=200)
    is_training: bool | None = None


class UserReply(Reply):
    """One person of the account."""

    id: AnyUser
    email: str
    name: str
    role: str
    is_disabled: bool
    created_at: datetime


class Users(Reply):
    """Everybody of the account, on one page."""

    data: list[UserReply]
    next_cursor: str | None = None


class NewUser(Body):
    """A person to let in; tell them the password, they change it after signing in."""

    email: str = Field(min_length=1, max_length=254)
    name: str = Field(min_length=1, max_length=200)
    role: str = Field(max_length=40)
    password: SecretStr = Field(min_length=1, max_length=1024)


class UserChange(Body):
    """What to change; what is left out stays."""

    role: str | None = Field(default=None, max_length=40)
    is_disabled: bool | None = None


class KeyReply(Reply):
    """One API key, without its secret; its text begins with `prefix`."""

    id: AnyKey
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class MadeKey(KeyReply):
    """A key just made; `key` is shown this once, and null when the request is repeated."""

    key: str | None


class Keys(Reply):
    """The account's keys that were not revoked, on one page."""

    data: list[KeyReply]
    next_cursor: str | None = None


class NewKey(Body):
    """What the key may do and for how long."""

    name: str = Field(min_length=1, max_length=200)
    scopes: list[Annotated[str, Field(max_length=60)]] = Field(max_length=100)
    expires_in_days: int = Field(default=90, ge=1, le=366)


@router.patch("/v3/account")
async def change_account(
    body: AccountChange, request: Request, who: Principal = require("account.write")
) -> OwnAccount:
    """Rename the account, or switch what new workbooks start with."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        changed = await accounts.update_account(tx, name=body.name, is_training=body.is_training)
    return OwnAccount.model_validate(changed)


@router.get("/v3/users")
async def list_users(request: Request, who: Principal = require("users.read")) -> Users:
    """Everybody of the account, disabled people too."""
    async with app_of(request).database.read(who.account_id) as tx:
        return Users(data=[_user(each) for each in await users.list_users(tx)])


@router.post("/v3/users", status_code=201)
async def add_user(body: NewUser, request: Request, who: Principal = require("users.write")) -> UserReply:
    """Let somebody in, with a role that may do no more than the caller."""
    made = await users.add_user(
        app_of(request).database,
        email=body.email,
        name=body.name,
        role=body.role,
        password=body.password.get_secret_value(),
        by=who,
    )
    return _user(made)


@router.patch("/v3/users/{user_id}")
async def change_user(
    user_id: AnyUser, body: UserChange, request: Request, who: Principal = require("users.write")
) -> UserReply:
    """Change somebody's role or disable them; it holds at once."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return _user(await users.update_user(tx, user_id, role=body.role, is_disabled=body.is_disabled, by=who))


@router.get("/v3/api-keys")
async def list_keys(request: Request, who: Principal = require("keys.read")) -> Keys:
    """The account's keys, newest first."""
    app = app_of(request)
    async with app.database.read(who.account_id) as tx:
        return Keys(data=[_key(each, app) for each in await keys.list_keys(tx)])


@router.post("/v3/api-keys", status_code=201)
async def make_key(
    body: NewKey, request: Request, who: Principal = require("keys.write", shown_once=("key",))
) -> MadeKey:
    """A new key; its text is in this reply and nowhere else."""
    app = app_of(request)
    async with app.database.transaction(who.account_id) as tx:
        made, text = await keys.create_key(
            tx,
            name=body.name,
            scopes=body.scopes,
            expires_in_days=body.expires_in_days,
            is_test=app.settings.is_test,
            by=who,
        )
    return MadeKey(**_key(made, app).model_dump(), key=text)


@router.delete("/v3/api-keys/{key_id}", status_code=204)
async def revoke_key(key_id: AnyKey, request: Request, who: Principal = require("keys.write")) -> None:
    """End a key, at once."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        await keys.revoke_key(tx, key_id, by=who)


def _user(user: User) -> UserReply:
    return UserReply(
        id=user.id,
        email=user.email,
        name=user.name,
        role=user.role,
        is_disabled=user.disabled_at is not None,
        created_at=user.created_at,
    )


def _key(key: ApiKey, app: App) -> KeyReply:
    return KeyReply(
        id=key.id,
        name=key.name,
        prefix=keys.prefix_of(key, is_test=app.settings.is_test),
        scopes=list(key.scopes),
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
    )
