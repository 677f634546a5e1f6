"""Accounts, the people and keys that act for them, and the credentials they stored: frozen, without secrets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NewType
from uuid import UUID

from spadework.core.ids import AccountId, UserId

SessionId = NewType("SessionId", UUID)
KeyId = NewType("KeyId", UUID)
CredentialKind = Literal["provider", "llm"]
SESSION_LIFE = timedelta(days=7)
"""A session ends this long after signing in, however much it is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A tenant. `is_training` is what new workbooks start with: vendors answered by the simulator."""

    id: AccountId
    name: str
    is_training: bool
    settings: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person of one account. The same address in two accounts is two users."""

    id: UserId
    email: str
    name: str
    role: str
    created_at: datetime
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One signed-in browser; the token itself is known to that browser alone."""

    id: SessionId
    user_id: UserId
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    user_agent: str | None
    address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key without its secret. `scopes` are permissions; it may do what they and its maker's role both allow."""

    id: KeyId
    user_id: UserId
    name: str
    public_id: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks, and what they may do at this moment; read anew on every request.

    `session_id` or `key_id` says by what they came in; `user_id` of a key is its maker's.
    """

    account_id: AccountId
    user_id: UserId
    role: str
    permissions: frozenset[str]
    kind: Literal["session", "key"]
    name: str
    session_id: SessionId | None = None
    key_id: KeyId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Where a sign-in comes from. `device` is the token this browser got at an earlier sign-in, if any."""

    address: str
    user_agent: str = ""
    device: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A new session and its two tokens, which exist nowhere else: give them to the browser and forget them."""

    principal: Principal
    token: str = field(repr=False)
    device: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A vendor's or language model's key, opened. Never log, store or show `values`."""

    values: Mapping[str, str] = field(repr=False)
    base_url: str | None
    features: Mapping[str, Any]
    usd_per_credit: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCredential:
    """What may be shown of a credential. `fingerprint` is equal for equal values, and tells nothing else.

    `last_four` is blank when nothing of it is secret, or the secret is too short to show a part of.
    """

    kind: CredentialKind
    name: str
    last_four: str
    fingerprint: str
    base_url: str | None
    features: Mapping[str, Any]
    usd_per_credit: float | None
    version: int
    updated_at: datetime
