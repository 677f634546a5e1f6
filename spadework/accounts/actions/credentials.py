"""Keys of data vendors and language models: stored sealed, opened only for the call that needs them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson

from spadework.accounts.store import people, vault
from spadework.accounts.types import Credential, CredentialKind, StoredCredential
from spadework.core import clock, endpoints
from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import InvalidInput, NotFound
from spadework.core.ids import UserId, new_id
from spadework.core.secrets import Box, Label
from spadework.plug import catalog
from spadework.plug.llm import Llm
from spadework.plug.provider import KeyField, Provider

_MAX_VALUE_CHARACTERS = 4096


async def put_credential(
    tx: Transaction,
    box: Box,
    kind: CredentialKind,
    name: str,
    values: Mapping[str, str],
    *,
    base_url: str | None = None,
    usd_per_credit: float | None = None,
    by: UserId | None = None,
) -> StoredCredential:
    """Store or replace a key. Without `values` the stored ones stay, and then the address must stay too.

    Raises:
        UnknownReference: there is no such provider or language model.
        InvalidInput: values do not fit the fields it asks for, the address would send a stored key elsewhere,
            or it is one that nothing of ours connects to (`core.endpoints`).
    """
    fields, takes_base_url = _fields(kind, name)
    if base_url is not None:
        _check_base_url(base_url, is_taken=takes_base_url)
    known = await vault.find_sealed(tx, kind, name)
    if not values and known is not None:
        # Whoever may change the address but not see the key could have it sent to themselves.
        if base_url != known.shown.base_url:
            raise InvalidInput("A new address needs the key typed again. Enter both.")
        values = (await _open(tx, box, known)).values
    _check_values(values, fields)
    shown = StoredCredential(
        kind=kind,
        name=name,
        last_four=_last_four(values, fields),
        fingerprint=box.fingerprint("credential", _to_bytes(values)).hex()[:12],
        base_url=base_url,
        features=known.shown.features if known is not None and known.shown.base_url == base_url else {},
        usd_per_credit=usd_per_credit,
        version=known.shown.version + 1 if known is not None else 1,
        updated_at=clock.now(),
    )
    wrapped_key = await people.get_wrapped_key(tx)
    sealed = box.seal(_to_bytes(values), _label(tx, shown), wrapped_key=wrapped_key)
    await vault.put_credential(tx, new_id(), shown, sealed, by=by)
    return shown


async def read_credential(tx: ReadOnly, box: Box, kind: str, name: str) -> Credential | None:
    """The opened key for a call about to be made; None when none is stored. Never show or keep it."""
    found = await vault.find_sealed(tx, kind, name)
    return await _open(tx, box, found) if found is not None else None


async def list_credentials(tx: ReadOnly) -> list[StoredCredential]:
    """What is stored, without the keys themselves."""
    return await vault.list_credentials(tx)


async def remember_features(tx: Transaction, kind: str, name: str, features: Mapping[str, Any]) -> None:
    """Store what a test of the connection found it can do; nothing happens when it is gone meanwhile."""
    await vault.set_features(tx, kind, name, features)


async def remove_credential(tx: Transaction, kind: str, name: str) -> None:
    """Forget a key for good.

    Raises:
        NotFound: none is stored.
    """
    if not await vault.remove_credential(tx, kind, name):
        raise NotFound(f"No key is stored for {name!r}.")


async def _open(tx: ReadOnly, box: Box, found: vault.Sealed) -> Credential:
    wrapped_key = await people.get_wrapped_key(tx)
    content = box.open(found.ciphertext, _label(tx, found.shown), wrapped_key=wrapped_key)
    return Credential(
        values=orjson.loads(content),
        base_url=found.shown.base_url,
        features=found.shown.features,
        usd_per_credit=found.shown.usd_per_credit,
    )


def _label(tx: ReadOnly, shown: StoredCredential) -> Label:
    return Label(tx.account, shown.kind, shown.name, shown.version)


def _fields(kind: CredentialKind, name: str) -> tuple[tuple[KeyField, ...], bool]:
    if kind == "provider":
        provider = catalog.get(Provider, "provider", name)
        return tuple(provider.key_fields), True
    llm = catalog.get(Llm, "llm", name)  # type: ignore[type-abstract]  # looked up, not made
    return tuple(llm.key_fields), llm.takes_base_url


def _check_base_url(text: str, *, is_taken: bool) -> None:
    if not is_taken:
        raise InvalidInput("This language model has its own address. Leave the base address out.")
    try:
        parts = urlsplit(text)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or parts.username or parts.password or len(text) > 500:
        raise InvalidInput("The base address must look like https://llm.example.com/v1, without a name or password.")
    endpoints.check_host(text)


def _check_values(values: Mapping[str, str], fields: tuple[KeyField, ...]) -> None:
    if unknown := sorted(set(values) - {each.name for each in fields}):
        asked = ", ".join(each.name for each in fields) or "nothing"
        raise InvalidInput(f"There is no field {unknown[0]!r}. This asks for: {asked}.")
    for field in fields:
        value = values.get(field.name, "")
        if field.is_secret and not value.strip():
            raise InvalidInput(f"{field.label} is missing. Enter it.")
        # A line break inside a key would end the header it is sent in.
        if len(value) > _MAX_VALUE_CHARACTERS or not value.isprintable():
            raise InvalidInput(f"{field.label} holds something no key has. Copy it again, without line breaks.")


def _last_four(values: Mapping[str, str], fields: tuple[KeyField, ...]) -> str:
    secret = next((values[each.name] for each in fields if each.is_secret and each.name in values), "")
    # Four of eight characters would be half the key.
    return secret[-4:] if len(secret) >= 12 else ""


def _to_bytes(values: Mapping[str, str]) -> bytes:
    return orjson.dumps(dict(values), option=orjson.OPT_SORT_KEYS)
