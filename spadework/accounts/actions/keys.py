"""API keys: made once and shown once, found by their text, revoked."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from spadework.accounts import rules
from spadework.accounts.store import tokens
from spadework.accounts.types import ApiKey, KeyId, Principal
from spadework.core.db import Database, ReadOnly, Transaction
from spadework.core.errors import Forbidden, InvalidInput, NotFound
from spadework.core.ids import new_id

_TOUCH_EVERY = timedelta(minutes=1)


async def create_key(
    tx: Transaction,
    *,
    name: str,
    scopes: Sequence[str],
    expires_in_days: int = rules.KEY_LIFE_DAYS,
    is_test: bool = False,
    by: Principal,
) -> tuple[ApiKey, str]:
    """A new key and its text, which is stored nowhere: show it once.

    Raises:
        InvalidInput: the name, a scope or the expiry cannot be used.
        Forbidden: a scope that no key may have, or that the maker does not have.
    """
    if not 1 <= len(name.strip()) <= 200:
        raise InvalidInput("A key needs a name of 1 to 200 characters, to know it by later.")
    if not 1 <= expires_in_days <= rules.MAX_KEY_LIFE_DAYS:
        raise InvalidInput(f"A key lives 1 to {rules.MAX_KEY_LIFE_DAYS} days. Choose a number of days within.")
    if not scopes:
        raise InvalidInput("A key without scopes may do nothing. Choose at least one.")
    rules.require_grantable_scopes(scopes, by=by.permissions)
    text = rules.make_key(is_test=is_test)
    key = await tokens.add_key(
        tx,
        KeyId(new_id()),
        by.user_id,
        name=name.strip(),
        public_id=text.public_id,
        secret=rules.digest(text.secret),
        scopes=sorted(set(scopes)),
        life=timedelta(days=expires_in_days),
    )
    return key, str(text)


def prefix_of(key: ApiKey, *, is_test: bool) -> str:
    """How the key's text begins, up to its secret, so that its holder can tell it from others."""
    return rules.key_prefix(rules.key_environment(is_test=is_test), key.public_id)


async def list_keys(tx: ReadOnly) -> list[ApiKey]:
    """The account's keys that were not revoked, newest first."""
    return await tokens.list_keys(tx)


async def revoke_key(tx: Transaction, key_id: UUID, *, by: Principal) -> None:
    """End a key, at once.

    Raises:
        NotFound: no such key. Forbidden: it is somebody else's, and the caller may not change users.
    """
    maker = await tokens.find_key_maker(tx, key_id)
    if maker is None:
        raise NotFound("There is no such key. It may be revoked already.")
    if maker != by.user_id and "users.write" not in by.permissions:
        raise Forbidden("This key is somebody else's. Ask them or an admin to revoke it.")
    await tokens.revoke_key(tx, key_id)


async def find_principal_for_key(database: Database, text: str) -> Principal | None:
    """Who the key acts for and what it may do now; None for a key that is malformed, revoked or expired.

    A mistyped key is told by its checksum, without a question to the database.
    """
    parts = rules.parse_key(text)
    if parts is None:
        return None
    async with database.door() as door:
        found = await tokens.find_key(door, parts.public_id)
    if found is None or not rules.is_same(found.secret_sha256, rules.digest(parts.secret)):
        return None
    if found.unused is None or found.unused > _TOUCH_EVERY:
        async with database.transaction(found.account_id) as tx:
            await tokens.touch_key(tx, found.id)
    return Principal(
        account_id=found.account_id,
        user_id=found.user_id,
        role=found.role,
        permissions=rules.permissions_of_key(found.scopes, found.role),
        kind="key",
        name=f"{found.name} (key)",
        key_id=KeyId(found.id),
    )
