"""The tables of accounts, their first-entry links and their users, and all SQL on them."""

from datetime import timedelta
from uuid import UUID

from spadework.accounts.types import Account, User
from spadework.core.db import ReadOnly, Transaction
from spadework.core.ids import AccountId, UserId

_FIRST_ACCOUNT_LOCK = 0x5AADE1


async def find_bootstrap(tx: ReadOnly, token: bytes) -> AccountId | None:
    found = await tx.fetchval("select account_id from find_bootstrap($1)", token)
    return AccountId(found) if found else None


async def list_account_ids(tx: ReadOnly) -> list[AccountId]:
    return [AccountId(row["id"]) for row in await tx.fetch("select list_account_ids() as id")]


async def first_account(tx: ReadOnly) -> AccountId | None:
    found = await tx.fetchval("select first_account()")
    return AccountId(found) if found else None


async def lock_first_account(tx: Transaction) -> None:
    await tx.execute("select pg_advisory_xact_lock($1)", _FIRST_ACCOUNT_LOCK)


async def add_account(tx: Transaction, name: str, wrapped_key: bytes) -> None:
    await tx.execute(
        "insert into accounts (account_id, name, wrapped_key) values ($1, $2, $3)", tx.account, name, wrapped_key
    )


async def find_account(tx: ReadOnly) -> Account | None:
    row = await tx.fetchrow(
        "select account_id as id, name, is_training, settings, created_at from accounts where account_id = $1",
        tx.account,
    )
    return Account(**row) if row else None


async def update_account(tx: Transaction, name: str | None, is_training: bool | None) -> None:
    await tx.execute(
        "update accounts set name = coalesce($2, name), is_training = coalesce($3, is_training) where account_id = $1",
        tx.account,
        name,
        is_training,
    )


async def get_wrapped_key(tx: ReadOnly) -> bytes:
    key: bytes = await tx.fetchval("select wrapped_key from accounts where account_id = $1", tx.account)
    return key


async def replace_bootstrap(tx: Transaction, token: bytes, life: timedelta) -> None:
    await tx.execute("delete from bootstrap_tokens where account_id = $1", tx.account)
    await tx.execute(
        "insert into bootstrap_tokens (account_id, token_sha256, expires_at) values ($1, $2, now() + $3)",
        tx.account,
        token,
        life,
    )


async def use_bootstrap(tx: Transaction, token: bytes) -> bool:
    """True for the one caller that used it up."""
    tag = await tx.execute(
        "update bootstrap_tokens set used_at = now()"
        " where account_id = $1 and token_sha256 = $2 and used_at is null and expires_at > now()",
        tx.account,
        token,
    )
    return tag == "UPDATE 1"


async def add_user(tx: Transaction, user_id: UserId, *, email: str, name: str, role: str, password_hash: str) -> bool:
    """False when the account has a user with that address."""
    tag = await tx.execute(
        "insert into users (account_id, id, email, name, role, password_hash) values ($1, $2, $3, $4, $5, $6)"
        " on conflict (account_id, lower(email)) do nothing",
        tx.account,
        user_id,
        email,
        name,
        role,
        password_hash,
    )
    return tag == "INSERT 0 1"


async def find_user(tx: ReadOnly, user_id: UUID) -> User | None:
    row = await tx.fetchrow(
        "select id, email, name, role, created_at, disabled_at from users where account_id = $1 and id = $2",
        tx.account,
        user_id,
    )
    return User(**row) if row else None


async def find_user_by_email(tx: ReadOnly, email: str) -> User | None:
    row = await tx.fetchrow(
        "select id, email, name, role, created_at, disabled_at from users where account_id = $1"
        " and lower(email) = lower($2)",
        tx.account,
        email,
    )
    return User(**row) if row else None


async def list_users(tx: ReadOnly) -> list[User]:
    rows = await tx.fetch(
        "select id, email, name, role, created_at, disabled_at from users where account_id = $1"
        " order by created_at, id",
        tx.account,
    )
    return [User(**row) for row in rows]


async def lock_owners(tx: Transaction) -> list[UserId]:
    """Owners who can sign in, held until the transaction ends, so that two cannot remove each other."""
    rows = await tx.fetch(
        "select id from users where account_id = $1 and role = 'owner' and disabled_at is null order by id for update",
        tx.account,
    )
    return [row["id"] for row in rows]


async def update_user(tx: Transaction, user_id: UUID, *, role: str, is_disabled: bool) -> None:
    await tx.execute(
        "update users set role = $3, disabled_at = case when $4 then coalesce(disabled_at, now()) end"
        " where account_id = $1 and id = $2",
        tx.account,
        user_id,
        role,
        is_disabled,
    )


async def get_password_hash(tx: ReadOnly, user_id: UUID) -> str:
    text: str = await tx.fetchval(
        "select password_hash from users where account_id = $1 and id = $2", tx.account, user_id
    )
    return text


async def set_password_hash(tx: Transaction, user_id: UUID, password_hash: str) -> None:
    await tx.execute(
        "update users set password_hash = $3 where account_id = $1 and id = $2",
        tx.account,
        user_id,
        password_hash,
    )
