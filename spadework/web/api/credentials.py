"""Keys of vendors and language models: stored, tested, removed; never shown."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Request
from pydantic import Field, SecretStr

from spadework.accounts.actions import credentials
from spadework.accounts.types import Credential, CredentialKind, Principal, StoredCredential
from spadework.app import App
from spadework.core.errors import InvalidInput, NotFound, SpadeworkError
from spadework.plug import catalog
from spadework.plug.llm import Llm, LlmConnection, LlmProbe
from spadework.plug.provider import Found, Provider, Refused
from spadework.plug.provider import NotFound as NothingThere
from spadework.plug.questions import AccountBalance, Balance
from spadework.web.auth import app_of, require
from spadework.web.routes import Body, Reply, Router

router = Router("credentials")
Name = Annotated[str, Path(max_length=60, pattern=r"^[a-z0-9_]+$")]
_TEST_SECONDS = 120.0
_FEATURES = ("structured_output", "usage")


class CredentialReply(Reply):
    """What may be shown of a key. Equal keys have equal fingerprints.

    `last_four` is blank when nothing of it is secret, or the secret is too short to show a part of.
    """

    kind: CredentialKind
    name: str
    last_four: str
    fingerprint: str
    base_url: str | None
    features: dict[str, Any]
    usd_per_credit: float | None
    updated_at: datetime


class Credentials(Reply):
    """Every stored key of the account, on one page."""

    data: list[CredentialReply]
    next_cursor: str | None = None


class NewCredential(Body):
    """The key's fields by name. Without `values` the stored ones stay, and `base_url` must stay too."""

    values: dict[Annotated[str, Field(max_length=60)], SecretStr] = Field(default_factory=dict, max_length=20)
    base_url: str | None = Field(default=None, max_length=500)
    usd_per_credit: float | None = Field(default=None, ge=0, le=1000, allow_inf_nan=False)


class ConnectionTest(Body):
    """For a language model: which of its models to try."""

    model: str | None = Field(default=None, max_length=200)


class TestLine(Reply):
    """One thing that was tried and what was seen."""

    name: str
    is_ok: bool
    detail: str


class TestResult(Reply):
    """What was tried, in order."""

    lines: list[TestLine]


@router.get("/v3/credentials")
async def list_credentials(request: Request, who: Principal = require("credentials.read")) -> Credentials:
    """Which keys are stored."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await credentials.list_credentials(tx)
    return Credentials(data=[CredentialReply.model_validate(each) for each in found])


@router.put("/v3/credentials/{kind}/{name}")
async def put_credential(
    kind: CredentialKind,
    name: Name,
    body: NewCredential,
    request: Request,
    who: Principal = require("credentials.write"),
) -> CredentialReply:
    """Store or replace a key; it is sealed at once and never shown again."""
    app = app_of(request)
    values = {key: value.get_secret_value() for key, value in body.values.items()}
    async with app.database.transaction(who.account_id) as tx:
        stored: StoredCredential = await credentials.put_credential(
            tx,
            app.box,
            kind,
            name,
            values,
            base_url=body.base_url,
            usd_per_credit=body.usd_per_credit,
            by=who.user_id,
        )
    app.vendors.forget_credential(who.account_id, name)
    return CredentialReply.model_validate(stored)


@router.delete("/v3/credentials/{kind}/{name}", status_code=204)
async def remove_credential(
    kind: CredentialKind, name: Name, request: Request, who: Principal = require("credentials.write")
) -> None:
    """Forget a key for good."""
    app = app_of(request)
    async with app.database.transaction(who.account_id) as tx:
        await credentials.remove_credential(tx, kind, name)
    app.vendors.forget_credential(who.account_id, name)


@router.post("/v3/credentials/{kind}/{name}/test")
async def test_credential(
    kind: CredentialKind,
    name: Name,
    body: ConnectionTest,
    request: Request,
    who: Principal = require("credentials.write", effects="spend"),
) -> TestResult:
    """Try a stored key: a vendor is asked for its balance, which is free; a language model for a few words, which
    costs a fraction of a cent."""
    app = app_of(request)
    async with app.database.read(who.account_id) as tx:
        stored = await credentials.read_credential(tx, app.box, kind, name)
    if kind == "provider":
        return TestResult(lines=[await _test_provider(app, who, name, stored)])
    lines = await _test_llm(name, stored, body.model)
    features = {each.name: each.detail for each in lines if each.name in _FEATURES and each.is_ok}
    async with app.database.transaction(who.account_id) as writing:
        await credentials.remember_features(writing, kind, name, features)
    return TestResult(lines=[TestLine.model_validate(each) for each in lines])


async def _test_provider(app: App, who: Principal, name: str, stored: Credential | None) -> TestLine:
    provider = catalog.get(Provider, "provider", name)
    if stored is None and provider.key_fields:
        raise NotFound(f"No key is stored for {provider.label}. Store one first.")
    if provider.find_capability(AccountBalance.capability) is None:
        detail = f"{provider.label} has no free question to try the key with. Run one cell to see."
        return TestLine(name="account_balance", is_ok=not provider.key_fields, detail=detail)
    try:
        outcome = await app.ask_once(who.account_id, name, AccountBalance())
    except SpadeworkError as error:
        return TestLine(name="account_balance", is_ok=False, detail=error.message)
    if isinstance(outcome, Found):
        return TestLine(name="account_balance", is_ok=True, detail=_balance(outcome.answer))
    if isinstance(outcome, Refused):
        return TestLine(name="account_balance", is_ok=False, detail=outcome.message)
    reason = outcome.reason if isinstance(outcome, NothingThere) else "it did not answer in time"
    return TestLine(name="account_balance", is_ok=False, detail=f"{provider.label}: {reason}")


def _balance(answer: object) -> str:
    if not isinstance(answer, Balance) or answer.credits_left is None:
        return "The key works."
    return f"The key works; {answer.credits_left:,.0f} credits are left."


async def _test_llm(name: str, stored: Credential | None, model: str | None) -> list[LlmProbe]:
    llm = catalog.get(Llm, "llm", name)()  # type: ignore[type-abstract]  # the catalogue holds complete ones only
    if stored is None and any(each.is_secret for each in llm.key_fields):
        raise NotFound(f"No key is stored for {llm.label}. Store one first.")
    model = model or next((each.id for each in llm.models), None)
    if model is None:
        raise InvalidInput(f"{llm.label} has no list of models. Name the `model` to try.")
    connection = LlmConnection(
        base_url=stored.base_url if stored else None, credentials=stored.values if stored else {}, timeout_seconds=30.0
    )
    try:
        async with asyncio.timeout(_TEST_SECONDS):
            return await llm.probe(connection, model=model)
    except TimeoutError:
        return [LlmProbe(name="completion", is_ok=False, detail="No answer in time. Check the base address.")]
