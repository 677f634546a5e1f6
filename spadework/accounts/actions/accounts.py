"""Accounts: made, read, renamed, and entered for the first time by a one-time link."""

import secrets
from urllib.parse import quote

from spadework.accounts import rules
from spadework.accounts.actions import passwords, sessions
from spadework.accounts.store import people, tokens
from spadework.accounts.types import Account, SignedIn, Visitor
from spadework.core.db import Database, ReadOnly, Transaction
from spadework.core.errors import InvalidInput, NotFound
from spadework.core.ids import AccountId, UserId, new_id
from spadework.core.secrets import Box


async def create_account(database: Database, box: Box, name: str) -> AccountId:
    """A new account with its own encryption key and nobody in it yet."""
    account_id = AccountId(new_id())
    async with database.transaction(account_id) as tx:
        await people.add_account(tx, _require_name(name), box.make_account_key(account_id))
    return account_id


async def first_account(database: Database, box: Box) -> AccountId:
    """The installation's oldest account, made now when there is none; safe from several processes at once."""
    account_id = AccountId(new_id())
    async with database.transaction(account_id) as tx:
        await people.lock_first_account(tx)
        if existing := await people.first_account(tx):
            return existing
        await people.add_account(tx, "My account", box.make_account_key(account_id))
    return account_id


async def list_account_ids(database: Database) -> list[AccountId]:
    """Every account of the installation, for work that concerns all of them."""
    async with database.read(None) as door:
        return await people.list_account_ids(door)


async def make_bootstrap_link(
    database: Database, box: Box, *, address: str, account_id: AccountId | None = None, is_recovery: bool = False
) -> str | None:
    """A link through which one person becomes owner of the account, by default the first; print it once and forget it.

    It works once, for thirty minutes, and replaces earlier ones. None when somebody can sign in as owner
    already, unless `is_recovery`, which is for an operator whose owners lost their passwords.
    """
    account_id = account_id or await first_account(database, box)
    token = secrets.token_urlsafe(32)
    async with database.transaction(account_id) as tx:
        if await people.lock_owners(tx) and not is_recovery:
            return None
        await people.replace_bootstrap(tx, rules.digest(token), rules.BOOTSTRAP_LIFE)
    return f"{address.rstrip('/')}/welcome?token={quote(token)}"


async def is_bootstrap_valid(database: Database, token: str) -> bool:
    """Whether the link's token would still work; asking does not use it up."""
    async with database.read(None) as tx:
        return await people.find_bootstrap(tx, rules.digest(token)) is not None


async def redeem_bootstrap(
    database: Database,
    box: Box,
    token: str,
    *,
    email: str,
    name: str,
    password: str,
    account_name: str | None,
    visitor: Visitor,
) -> SignedIn:
    """Make the link's holder an owner and sign them in; an owner who lost the password gets a new one.

    Raises:
        InvalidInput: the address, name or password cannot be used; the link stays good.
        NotFound: the link was used or is older than thirty minutes; make another with `spadework recover`.
    """
    email = rules.require_email(email)
    rules.require_good_password(password, known=[email, name])
    async with database.read(None) as tx:
        account_id = await people.find_bootstrap(tx, rules.digest(token))
    if account_id is None:
        raise _used_up()
    password_hash = await passwords.hash_password(password)
    async with database.transaction(account_id) as tx:
        if not await people.use_bootstrap(tx, rules.digest(token)):
            raise _used_up()
        if account_name:
            await people.update_account(tx, _require_name(account_name), None)
        user_id = UserId(new_id())
        if not await people.add_user(
            tx, user_id, email=email, name=_require_name(name), role="owner", password_hash=password_hash
        ):
            known = await people.find_user_by_email(tx, email)
            assert known is not None
            user_id = known.id
            await people.update_user(tx, user_id, role="owner", is_disabled=False)
            await people.set_password_hash(tx, user_id, password_hash)
            await tokens.revoke_sessions(tx, user_id)
        return await sessions.open_session(tx, box, user_id, visitor)


async def get_account(tx: ReadOnly) -> Account:
    """The transaction's account; NotFound when it was deleted."""
    found = await people.find_account(tx)
    if found is None:
        raise NotFound("This account does not exist any more. Sign in again.")
    return found


async def update_account(tx: Transaction, *, name: str | None = None, is_training: bool | None = None) -> Account:
    """The account with what was given changed; None leaves a part as it is."""
    await people.update_account(tx, _require_name(name) if name is not None else None, is_training)
    return await get_account(tx)


def _require_name(text: str) -> str:
    name = text.strip()
    if not 1 <= len(name) <= 200:
        raise InvalidInput("A name has 1 to 200 characters. Shorten it, or write one.")
    return name


def _used_up() -> NotFound:
    return NotFound("This link was used already or is older than 30 minutes. Run `spadework recover` for a new one.")
